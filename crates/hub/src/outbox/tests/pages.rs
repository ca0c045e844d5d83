//! Pages of presences: encoded as the client takes them, in their place among other frames.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::{Metadata, Permissions, Presence, PresenceId, Source, State, Timestamp, UserId};
use herenow_wire::{
    close::CloseCode,
    realtime::{EventKind, PresenceAction},
};
use serde_json::{Value, json};

use super::{FakeClient, Flushed, blocked_outbox, event, flush, outbox, reach, told};
use crate::{
    outbox::{MAX_PAGE_ITEMS, WRITE_BYTES},
    page::{Page, PageItem},
};

fn presence() -> Arc<Presence> {
    let user = UserId::parse("u").expect("an id");
    let then = Timestamp::from_millis(1_785_578_400_000);
    let state = State {
        status: "here".into(),
        metadata: Metadata::default(),
        permissions: Permissions::default_for(&user),
        expires_at: then,
        source: Source::Rest,
    };
    let id = PresenceId::parse("p").expect("an id");
    Arc::new(Presence { id, user, created_at: then, updated_at: then, creation: 1, state })
}

fn page(count: usize, ends: Option<&str>) -> Page {
    let item = PageItem { presence: presence(), action: PresenceAction::Upsert, reach: reach(&[1]) };
    Page {
        items: VecDeque::from(vec![item; count]),
        kind: if ends.is_some() { EventKind::Snapshot } else { EventKind::Change },
        at: Timestamp::from_millis(0),
        epoch: "epoch".into(),
        seq: 7,
        total: count,
        completes: crate::page::Completes::TheMoment,
        ends: ends.map(Into::into),
    }
}

fn data(client: &FakeClient) -> Vec<Value> {
    client.json().into_iter().map(|mut frame| frame["data"].take()).collect()
}

#[test]
fn a_snapshot_is_marked_and_its_end_is_announced() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_page(page(2, Some("mine")));
    assert_eq!(flush(&outbox), Flushed::Done);
    let data = data(&client);
    assert_eq!(data.len(), 3);
    for item in &data[..2] {
        assert_eq!(item["events"][4], "presences.*.snapshot");
        assert_eq!(item["payload"]["$id"], "p");
        assert_eq!((&item["seq"], &item["epoch"]), (&json!(7), &json!("epoch")));
        assert_eq!(item["subscriptions"], json!(["s1"]));
    }
    assert_eq!(data[2]["events"], json!(["presences.snapshot.end"]));
    assert_eq!(data[2]["payload"], json!({"total": 2}));
    assert_eq!((&data[2]["seq"], &data[2]["subscriptions"]), (&json!(7), &json!(["mine"])));
}

#[test]
fn a_snapshot_of_nothing_has_an_end() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_page(page(0, Some("mine")));
    flush(&outbox);
    assert_eq!(data(&client)[0]["payload"], json!({"total": 0}));
}

#[test]
fn a_page_of_changes_is_not_marked_and_has_no_end() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_page(page(1, None));
    flush(&outbox);
    let data = data(&client);
    assert_eq!(data.len(), 1);
    assert_eq!(data[0]["events"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_page_is_encoded_only_as_the_client_takes_it() {
    let client = FakeClient::with_room(0);
    let outbox = outbox(&client);
    outbox.push_page(page(10_000, Some("mine")));
    assert!(outbox.waiting_bytes() < 100);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    let (encoded, one_write) = (client.encoded(), outbox.waiting_bytes());
    assert!(one_write < WRITE_BYTES + 1000, "{one_write} bytes were framed for one write");
    client.set_room(one_write + 1);
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert!((encoded + 1..=3 * encoded).contains(&client.encoded()), "{} of {encoded}", client.encoded());
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Done);
    assert_eq!((client.encoded(), data(&client).len()), (10_001, 10_001), "each once");
}

#[test]
fn a_page_keeps_its_place_among_other_frames() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_event(&event("p", 1), reach(&[1]));
    outbox.push_page(page(1, Some("mine")));
    outbox.push_event(&event("p", 8), reach(&[1]));
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Done);
    // Frames of a page have their number inside `data`.
    assert_eq!(told(&client), [json!("first"), Value::Null, Value::Null, json!(8)]);
}

#[test]
fn a_waiting_page_of_any_length_does_not_make_the_next_event_too_much() {
    let client = FakeClient::hungry();
    let outbox = blocked_outbox(&client);
    outbox.push_page(page(MAX_PAGE_ITEMS + 1, None));
    outbox.push_event(&event("p", 8), reach(&[1]));
    assert_eq!(outbox.closing(), None);
}

#[test]
fn pages_cannot_pile_up_without_end() {
    let client = FakeClient::with_room(0);
    let outbox = outbox(&client);
    outbox.push_page(page(MAX_PAGE_ITEMS / 2, None));
    outbox.push_page(page(MAX_PAGE_ITEMS / 2, None));
    outbox.push_page(page(1, None));
    assert_eq!(outbox.closing(), None, "at the limit");
    outbox.push_page(page(1, None));
    assert_eq!(outbox.closing(), Some(CloseCode::TryAgainLater));
    client.set_room(usize::MAX);
    assert_eq!(flush(&outbox), Flushed::Ended);
    assert_eq!(told(&client), [json!({"close": 1013})]);
}

#[test]
fn presences_that_were_taken_make_room_for_more_pages() {
    let client = FakeClient::hungry();
    let outbox = outbox(&client);
    outbox.push_page(page(3, None));
    flush(&outbox);
    assert_eq!(outbox.inner.lock().waiting.page_items(), 0);
    client.set_room(0);
    outbox.push_page(page(1000, None));
    assert_eq!(flush(&outbox), Flushed::Blocked);
    assert!((1..1000).contains(&outbox.inner.lock().waiting.page_items()));
}
