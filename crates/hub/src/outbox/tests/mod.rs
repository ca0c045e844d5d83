//! What an outbox promises, against a client whose appetite the test controls.

mod closing;
mod conflation;
mod pages;
mod properties;
mod quick;

use std::{io, sync::Arc};

use herenow_core::PresenceId;
use herenow_wire::realtime::{EventFrame, quoted_ids};
use serde_json::{Value, json};

use super::{Flushed, Outbox, Pushed, Reach, Scratch, SharedEvent};
use crate::testing::{FakeClient, Received};

const LIMIT: usize = 64 * 1024;

/// An event of a presence: in its first life unless said otherwise. The frame says which, and its number.
fn event(id: &str, seq: u64) -> Arc<SharedEvent> {
    event_of(id, 1, seq, 0)
}

/// The same with the number of the life, and so many bytes more.
fn event_of(id: &str, creation: u64, seq: u64, padding: usize) -> Arc<SharedEvent> {
    let pad = "x".repeat(padding);
    let head = format!(r#"{{"id":"{id}","creation":{creation},"seq":{seq},"pad":"{pad}","end":{{"subscriptions":["#);
    // As long as the tail closes what the head opens, the outbox does not look into it.
    let key = (PresenceId::parse(id).expect("an id"), creation);
    Arc::new(SharedEvent::new(key, EventFrame { head }))
}

fn reach(numbers: &[u32]) -> Arc<Reach> {
    let names: Vec<String> = numbers.iter().map(|number| format!("s{number}")).collect();
    let quoted = quoted_ids(names.iter().map(String::as_str));
    Arc::new(Reach { subscriptions: numbers.iter().copied().collect(), quoted })
}

fn outbox(client: &FakeClient) -> Outbox {
    Outbox::new(Box::new(client.clone()), LIMIT)
}

/// An outbox whose client has just refused everything.
fn blocked_outbox(client: &FakeClient) -> Outbox {
    let outbox = outbox(client);
    client.set_room(0);
    outbox.push_text("first".to_owned());
    assert_eq!(flush(&outbox), Flushed::Blocked);
    outbox
}

fn flush(outbox: &Outbox) -> Flushed {
    outbox.flush(&mut Scratch::new())
}

/// The bytes that count against the limit.
fn queued_bytes(outbox: &Outbox) -> usize {
    outbox.inner.lock().waiting.bytes()
}

/// How many entries it keeps, of whatever kind.
fn entries(outbox: &Outbox) -> usize {
    outbox.inner.lock().waiting.entries()
}

/// What the client got, told by number, text or code.
fn told(client: &FakeClient) -> Vec<Value> {
    let tell = |received| match received {
        Received::Json(json) => json["seq"].clone(),
        Received::Text(text) => json!(text),
        Received::Pong(payload) => json!(payload),
        Received::Close(code) => json!({ "close": code }),
    };
    client.received().into_iter().map(tell).collect()
}

#[test]
fn frames_go_out_in_the_order_in_which_they_were_put_however_they_are_written() {
    for bite in [1, 2, 7, 1000, usize::MAX] {
        let client = FakeClient::hungry();
        client.set_bite(bite);
        let outbox = outbox(&client);
        outbox.push_event(&event("a", 1), reach(&[1]));
        outbox.push_text("text".to_owned());
        outbox.push_event(&event("a", 2), reach(&[1]));
        outbox.push_framed(vec![0x8a, 1, b'p']);
        assert_eq!(flush(&outbox), Flushed::Done);
        assert_eq!(told(&client), [json!(1), json!("text"), json!(2), json!([b'p'])]);
        assert_eq!(outbox.waiting_bytes(), 0);
    }
}

#[test]
fn a_frame_names_the_subscriptions_that_it_reaches() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1, 4]));
    flush(&outbox);
    assert_eq!(client.json()[0]["end"]["subscriptions"], json!(["s1", "s4"]));
}

#[test]
fn only_what_is_put_into_an_empty_outbox_has_to_be_flushed() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    assert_eq!(outbox.push_text("a".to_owned()), Pushed::First);
    assert_eq!(outbox.push_text("b".to_owned()), Pushed::Behind);
    flush(&outbox);
    client.set_room(0);
    assert_eq!(outbox.push_text("c".to_owned()), Pushed::First);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert_eq!(outbox.push_text("d".to_owned()), Pushed::Behind, "its task flushes when the client takes more");
}

#[test]
fn a_blocked_client_wakes_its_task_and_goes_on_where_it_stopped() {
    let client = FakeClient::with_room(5);
    let outbox = outbox(&client);
    outbox.push_text("hello".to_owned());
    outbox.push_text("world".to_owned());
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert_eq!((client.wakes(), client.taken_bytes()), (1, 5));
    for room in [1, 3, 2] {
        client.set_room(room);
        assert_eq!(flush(&outbox), Flushed::Blocked);
    }
    assert_eq!(client.wakes(), 1, "what its task flushes does not wake it again");
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Done);
    assert_eq!(told(&client), [json!("hello"), json!("world")]);
}

#[test]
fn an_interrupted_write_is_tried_again() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    client.fail_next(io::ErrorKind::Interrupted);
    outbox.push_text("hello".to_owned());
    assert_eq!(flush(&outbox), Flushed::Done);
    assert_eq!(told(&client), [json!("hello")]);
}

#[test]
fn a_client_that_is_gone_ends_the_outbox_and_its_memory_is_free() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    client.fail_next(io::ErrorKind::ConnectionReset);
    // One write's worth, and what waits behind it.
    outbox.push_event(&event_of("a", 1, 1, super::WRITE_BYTES), reach(&[1]));
    outbox.push_event(&event("b", 2), reach(&[1]));
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(client.wakes(), 1, "its task has to see the end");
    assert_eq!(outbox.push_event(&event("a", 3), reach(&[1])), Pushed::Behind);
    assert_eq!(outbox.waiting_bytes(), 0);
    outbox.close(super::CloseCode::GoingAway);
    assert_eq!((flush(&outbox), outbox.closing()), (Flushed::Ended, Some(super::CloseCode::GoingAway)));
    assert!(told(&client).is_empty());
}

#[test]
fn many_frames_leave_in_one_write() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    for seq in 1..=10 {
        outbox.push_event(&event("a", seq), reach(&[1]));
    }
    // Room for one write, however large.
    client.fail_next(io::ErrorKind::WouldBlock);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert_eq!(client.encoded(), 10);
    client.set_bite(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Done);
    assert_eq!((client.encoded(), told(&client).len()), (10, 10), "nothing is framed twice");
}
