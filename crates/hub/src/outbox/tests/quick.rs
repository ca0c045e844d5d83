//! A run that is all that waits is framed once for many clients, and what one does not take stays shared.

use std::sync::Arc;

use super::{FakeClient, Flushed, Outbox, Scratch, event_of, outbox, reach, told};
use crate::outbox::{Reach, Run};

const EVENTS: u64 = 600;
const PADDING: usize = 2_000;

fn run() -> Arc<Run> {
    Arc::new(Run::new((0..EVENTS).map(|seq| event_of(&format!("p{seq}"), 1, seq, PADDING)).collect()))
}

fn holding(client: &FakeClient, run: &Arc<Run>, reach: &Arc<Reach>) -> Outbox {
    let outbox = outbox(client);
    outbox.push_run(run, reach);
    outbox
}

fn assert_whole(client: &FakeClient, ids: &serde_json::Value) {
    assert_eq!(told(client), (0..EVENTS).map(serde_json::Value::from).collect::<Vec<_>>());
    assert!(client.json().iter().all(|frame| frame["end"]["subscriptions"] == *ids), "{ids}");
}

#[test]
fn each_of_many_clients_gets_its_own_ids() {
    let events = |seq| event_of(&format!("p{seq}"), 1, seq, 100);
    let (run, mut scratch) = (Arc::new(Run::new((0..EVENTS).map(events).collect())), Scratch::new());
    let mut encoded = Vec::new();
    for numbers in [&[1][..], &[2], &[3], &[4, 5], &[6, 7], &[8]] {
        let (client, reach) = (FakeClient::hungry(), reach(numbers));
        assert_eq!(holding(&client, &run, &reach).flush(&mut scratch), Flushed::Done);
        assert_whole(&client, &numbers.iter().map(|number| format!("s{number}")).collect());
        assert_eq!(client.writes(), 1);
        encoded.push(client.encoded() > 0);
    }
    assert_eq!(encoded, [true, false, false, true, false, true], "once for all whose ids are as long");
}

#[test]
fn a_long_run_goes_out_in_few_writes() {
    let (run, mut scratch) = (run(), Scratch::new());
    for numbers in [&[1][..], &[2], &[3, 4], &[5, 6], &[100], &[7]] {
        let (client, reach) = (FakeClient::hungry(), reach(numbers));
        assert_eq!(holding(&client, &run, &reach).flush(&mut scratch), Flushed::Done);
        assert_whole(&client, &numbers.iter().map(|number| format!("s{number}")).collect());
        assert_eq!(client.writes(), 3, "half a mebibyte each");
    }
}

#[test]
fn what_a_client_does_not_take_is_no_bytes_of_its_own_and_arrives_later() {
    let (run, reach, mut scratch) = (run(), reach(&[1]), Scratch::new());
    let whole = {
        let client = FakeClient::hungry();
        holding(&client, &run, &reach).flush(&mut scratch);
        client.taken_bytes()
    };
    for room in (0..whole).step_by(7_919) {
        let client = FakeClient::with_room(room);
        let outbox = holding(&client, &run, &reach);
        assert_eq!(outbox.flush(&mut scratch), Flushed::Blocked);
        assert_eq!(client.taken_bytes(), room);
        let unsent = outbox.inner.lock().unsent.len();
        assert!(unsent < PADDING + 200, "{unsent} bytes at {room}");
        client.set_room(usize::MAX);
        assert_eq!(outbox.flush(&mut scratch), Flushed::Done);
        assert_whole(&client, &serde_json::json!(["s1"]));
        assert_eq!((client.taken_bytes(), outbox.waiting_bytes()), (whole, 0));
    }
}

#[test]
fn an_event_that_is_too_long_for_one_frame_is_framed_for_each() {
    let long = Arc::new(Run::new(vec![event_of("a", 1, 0, 10), event_of("b", 1, 1, 40_000), event_of("c", 1, 2, 10)]));
    let mut scratch = Scratch::new();
    for number in [1, 2] {
        let (client, reach) = (FakeClient::hungry(), reach(&[number]));
        assert_eq!(holding(&client, &long, &reach).flush(&mut scratch), Flushed::Done);
        let frames = client.json();
        assert_eq!(frames.len(), 3);
        assert!(frames.iter().all(|frame| frame["end"]["subscriptions"][0] == format!("s{number}")));
    }
}
