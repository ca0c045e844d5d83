//! While a client cannot take more, the newest frame of each presence wins, and nothing else is lost.

use herenow_wire::close::CloseCode;
use serde_json::json;

use super::{
    FakeClient, Flushed, LIMIT, blocked_outbox, entries, event, event_of, flush, outbox, queued_bytes, reach, told,
};

/// Lets the client take everything and answers with what it got after the frame that blocked it.
fn drained(client: &FakeClient, outbox: &super::Outbox) -> Vec<serde_json::Value> {
    client.set_room(usize::MAX);
    assert_eq!(flush(outbox), Flushed::Done);
    told(client).split_off(1)
}

#[test]
fn nothing_is_conflated_while_the_client_takes_everything() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    for seq in 1..=3 {
        outbox.push_event(&event("a", seq), reach(&[1]));
    }
    flush(&outbox);
    assert_eq!((told(&client), outbox.conflated()), (vec![json!(1), json!(2), json!(3)], 0));
}

#[test]
fn a_newer_frame_takes_its_place_at_the_end() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    for (id, seq) in [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("a", 5)] {
        outbox.push_event(&event(id, seq), reach(&[1]));
    }
    assert_eq!(outbox.conflated(), 2);
    assert_eq!(drained(&client, &outbox), [json!(2), json!(4), json!(5)]);
}

#[test]
fn what_had_gathered_before_the_client_blocked_is_conflated_too() {
    let client = FakeClient::with_room(0);
    let outbox = outbox(&client);
    // The first turn is framed for the write that fails; of what waits behind it only the newest counts.
    outbox.push_event(&event_of("big", 1, 1, super::super::WRITE_BYTES), reach(&[1]));
    for seq in 2..=50 {
        outbox.push_event(&event("a", seq), reach(&[1]));
    }
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert_eq!(outbox.conflated(), 48);
    assert_eq!(drained(&client, &outbox), [json!(50)]);
}

#[test]
fn a_frame_stays_where_a_newer_one_does_not_reach_all_its_subscriptions() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1, 2]));
    outbox.push_event(&event("a", 2), reach(&[1, 3]));
    assert_eq!(outbox.conflated(), 0);
    outbox.push_event(&event("a", 3), reach(&[1, 2, 3]));
    assert_eq!(outbox.conflated(), 1);
    assert_eq!(drained(&client, &outbox), [json!(1), json!(3)]);
}

#[test]
fn a_delete_is_not_conflated_away_by_a_later_record_of_the_same_id() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_event(&event_of("a", 1, 1, 0), reach(&[1]));
    outbox.push_event(&event_of("a", 1, 2, 0), reach(&[1]));
    outbox.push_event(&event_of("a", 3, 3, 0), reach(&[1]));
    assert_eq!(drained(&client, &outbox), [json!(2), json!(3)]);
}

#[test]
fn what_the_client_has_begun_to_read_is_not_conflated() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1]));
    client.set_room(10);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    outbox.push_event(&event("a", 2), reach(&[1]));
    outbox.push_event(&event("a", 3), reach(&[1]));
    client.set_room(usize::MAX);
    flush(&outbox);
    assert_eq!(told(&client), [json!(1), json!(3)]);
}

#[test]
fn texts_are_never_conflated() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    for _ in 0..3 {
        outbox.push_text("same".to_owned());
    }
    assert_eq!(drained(&client, &outbox), ["same", "same", "same"]);
}

#[test]
fn once_the_client_has_caught_up_nothing_is_conflated_again() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_event(&event("a", 1), reach(&[1]));
    assert_eq!(drained(&client, &outbox), [json!(1)]);
    assert_eq!(entries(&outbox), 0, "an idle outbox remembers nothing");
    outbox.push_event(&event("a", 2), reach(&[1]));
    outbox.push_event(&event("a", 3), reach(&[1]));
    flush(&outbox);
    assert_eq!(told(&client).split_off(1), [json!(1), json!(2), json!(3)]);
}

#[test]
fn what_conflates_never_fills_the_outbox_however_long_the_client_stays_away() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    for seq in 1..=100_000 {
        outbox.push_event(&event(if seq % 2 == 0 { "a" } else { "b" }, seq), reach(&[1]));
    }
    assert_eq!(outbox.closing(), None);
    assert!(entries(&outbox) < 200, "{}", entries(&outbox));
    assert_eq!(drained(&client, &outbox), [json!(99_999), json!(100_000)]);
}

#[test]
fn a_client_that_is_always_a_little_behind_costs_no_memory_for_what_it_has_taken() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    for seq in 1..=10_000 {
        outbox.push_event(&event(&format!("p{seq}"), seq), reach(&[1]));
        // All but the last few bytes: it is never done.
        client.set_room(outbox.waiting_bytes().saturating_sub(100));
        assert_eq!(flush(&outbox), Flushed::Blocked);
    }
    assert_eq!(outbox.closing(), None);
    assert!(entries(&outbox) < 200, "{}", entries(&outbox));
}

#[test]
fn at_the_limit_it_waits_and_beyond_it_is_closed_with_1013() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    let mut seq = 0;
    let mut put = |padding| {
        seq += 1;
        outbox.push_event(&event_of(&format!("p{seq}"), 1, seq, padding), reach(&[1]));
    };
    put(0);
    // The frame that blocked is framed already and does not count; numbers below ten are one digit.
    let entry = queued_bytes(&outbox);
    put(LIMIT - 2 * entry);
    assert_eq!((queued_bytes(&outbox), outbox.closing()), (LIMIT, None));
    let wakes = client.wakes();
    put(0);
    assert_eq!(outbox.closing(), Some(CloseCode::TryAgainLater));
    assert_eq!(client.wakes(), wakes + 1, "its task has to close it");
    assert_eq!(queued_bytes(&outbox), 0, "what waited is dropped");
    put(0);
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!("first"), json!({"close": 1013})], "the frame that had begun is finished");
}

#[test]
fn a_client_that_keeps_up_may_be_given_more_than_the_limit_at_once() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    for seq in 1..=20 {
        outbox.push_event(&event_of("a", 1, seq, LIMIT / 4), reach(&[1]));
    }
    assert_eq!((flush(&outbox), outbox.closing()), (Flushed::Done, None));
    assert_eq!(told(&client).len(), 20);
}
