//! A client that takes a whole write at once is offered more in the next, and what it does not take stays shared.

use std::sync::Arc;

use super::{FakeClient, Flushed, Outbox, event, event_of, flush, outbox, reach, told};
use crate::outbox::Run;

const EVENTS: u64 = 300;
const PADDING: usize = 2_000;

/// An outbox in which a run waits, an event, a text and another run.
fn full(client: &FakeClient) -> Outbox {
    let outbox = outbox(client);
    let run = |from: u64| {
        let id = |seq: u64| format!("p{seq}");
        Arc::new(Run::new((from..from + EVENTS).map(|seq| event_of(&id(seq), 1, seq, PADDING)).collect()))
    };
    outbox.push_run(&run(0), &reach(&[1]));
    outbox.push_event(&event("a", EVENTS), reach(&[1]));
    outbox.push_text("text".to_owned());
    outbox.push_run(&run(EVENTS + 1), &reach(&[1]));
    outbox
}

fn numbers(client: &FakeClient) -> Vec<u64> {
    told(client).iter().filter_map(serde_json::Value::as_u64).collect()
}

#[test]
fn a_quick_client_gets_much_in_few_writes() {
    let client = FakeClient::hungry();
    assert_eq!(flush(&full(&client)), Flushed::Done);
    assert_eq!(numbers(&client), (0..=2 * EVENTS).collect::<Vec<_>>());
    assert!(client.writes() <= 8, "{} writes", client.writes());
}

#[test]
fn what_a_quick_client_does_not_take_is_no_bytes_of_its_own_and_arrives_later() {
    let whole = {
        let client = FakeClient::hungry();
        flush(&full(&client));
        client.taken_bytes()
    };
    for room in (60_000..whole).step_by(7_919) {
        let client = FakeClient::with_room(room);
        let outbox = full(&client);
        assert_eq!(flush(&outbox), Flushed::Blocked);
        assert_eq!(client.taken_bytes(), room);
        let unsent = outbox.inner.lock().unsent.len();
        assert!(unsent <= super::super::WRITE_BYTES + PADDING + 200, "{unsent} bytes at {room}");
        client.set_room(usize::MAX);
        assert_eq!(flush(&outbox), Flushed::Done);
        assert_eq!(numbers(&client), (0..=2 * EVENTS).collect::<Vec<_>>(), "{room}");
        assert_eq!((client.taken_bytes(), outbox.waiting_bytes()), (whole, 0));
    }
}
