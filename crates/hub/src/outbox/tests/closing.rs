//! How an outbox ends.

use std::io;

use herenow_wire::close::CloseCode;
use serde_json::json;

use super::{FakeClient, Flushed, Pushed, blocked_outbox, event, flush, outbox, reach, told};

#[test]
fn what_waited_when_its_client_went_was_not_sent() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    assert!(outbox.has_sent_all());
    outbox.push_text("first".to_owned());
    assert!(!outbox.has_sent_all());
    flush(&outbox);
    assert!(outbox.has_sent_all());
    outbox.push_text("second".to_owned());
    client.fail_next(io::ErrorKind::BrokenPipe);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!((outbox.has_sent_all(), outbox.waiting_bytes()), (false, 0));
}

#[test]
fn the_close_frame_goes_out_after_what_waits() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1]));
    outbox.close(CloseCode::ServiceRestart);
    assert_eq!((outbox.closing(), client.wakes()), (Some(CloseCode::ServiceRestart), 1));
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!(1), json!({"close": 1012})]);
    assert_eq!(client.wakes(), 2, "its task has to see that the close frame is out");
}

#[test]
fn a_close_waits_for_a_blocked_client() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1]));
    outbox.close(CloseCode::GoingAway);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!("first"), json!(1), json!({"close": 1001})]);
}

#[test]
fn a_partly_written_close_frame_is_finished() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.close(CloseCode::ServiceRestart);
    client.set_room(3);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    client.set_room(1);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!({"close": 1012})]);
}

#[test]
fn after_the_end_nothing_is_written() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.close(CloseCode::Policy);
    assert_eq!(flush(&outbox), Flushed::Ended);
    let bytes = client.taken_bytes();
    assert_eq!((flush(&outbox), client.taken_bytes()), (Flushed::Ended, bytes));
}

#[test]
fn a_client_that_is_gone_can_still_be_meant_to_end() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    client.fail_next(io::ErrorKind::ConnectionReset);
    outbox.push_event(&event("a", 1), reach(&[1]));
    assert_eq!(flush(&outbox), Flushed::Ended);
    outbox.close(CloseCode::GoingAway);
    assert_eq!((outbox.closing(), flush(&outbox)), (Some(CloseCode::GoingAway), Flushed::Ended));
    assert_eq!(client.taken_bytes(), 0);
}

#[test]
fn nothing_is_taken_after_a_close() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.close(CloseCode::Policy);
    assert_eq!(outbox.push_event(&event("a", 1), reach(&[1])), Pushed::Behind);
    assert_eq!(outbox.push_text("late".to_owned()), Pushed::Behind);
    assert_eq!(outbox.push_framed(vec![0x8a, 0]), Pushed::Behind);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!({"close": 1008})]);
}

#[test]
fn the_first_close_counts() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_text("waits".to_owned());
    outbox.close(CloseCode::Policy);
    outbox.close(CloseCode::TryAgainLater);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!("waits"), json!({"close": 1008})]);
}

#[test]
fn a_client_told_to_try_again_later_gets_nothing_of_what_waited() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_text("waits".to_owned());
    outbox.close(CloseCode::TryAgainLater);
    assert_eq!(outbox.waiting_bytes(), 0);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!({"close": 1013})]);
}

#[test]
fn a_transport_that_takes_nothing_without_a_reason_is_gone() {
    use std::io;

    use crate::{outbox::Outbox, transport::Transport};

    struct TakesNothing;
    impl Transport for TakesNothing {
        fn try_write(&self, _bytes: &[u8]) -> io::Result<usize> {
            Ok(0)
        }
        fn wake(&self) {}
    }
    let outbox = Outbox::new(Box::new(TakesNothing), 4096);
    outbox.push_text("hello".to_owned());
    assert_eq!(flush(&outbox), Flushed::Ended);
}
