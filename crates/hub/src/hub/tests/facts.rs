//! Single facts about the hub.

use std::sync::Arc;

use herenow_core::{
    ConnectionId, ProjectId, Timestamp, Viewer,
    order::{Entry, Mark, Sight},
    query::RealtimeQueries,
};
use herenow_wire::realtime::SubscribeRow;
use serde_json::json;

use super::{
    steps::Step,
    world::{Appetite, World},
};
use crate::{
    Hub, Wish,
    hub::connections::TooManySubscriptions,
    outbox::{Outbox, Scratch},
    testing::FakeClient,
};

const CONNECTION: ConnectionId = ConnectionId(1);
const WRITE: Step = Step::Write { user: 0, socket: None, id: 0, status: 0, grant: None, seconds: None };

fn row(id: Option<&str>, channel: &str, queries: &[&str]) -> SubscribeRow {
    let queries: Vec<String> = queries.iter().map(|&query| query.to_owned()).collect();
    SubscribeRow {
        id: id.map(str::to_owned),
        channels: vec![channel.to_owned()],
        queries: RealtimeQueries::parse(&queries).expect("valid"),
        since: None,
    }
}

fn hub_with(viewer: Viewer) -> (Hub, FakeClient) {
    let (hub, client) = (Hub::default(), FakeClient::hungry());
    let outbox = Arc::new(Outbox::new(Box::new(client.clone()), 4096));
    hub.register(CONNECTION, ProjectId::console(), viewer, outbox);
    (hub, client)
}

/// A project with one listener to everything, whose client takes nothing.
fn world_with_a_listener() -> World {
    let mut world = World::new();
    world.connect(0, Viewer::Privileged, Appetite::Nothing);
    world.subscribe(0, vec![row(Some("s"), "presences", &[])], &[None]);
    world.flush();
    world
}

fn mark(hub: &Hub, ticket: u64) {
    let mark = Mark { ticket, seq: 0, at: Timestamp::from_millis(0), sight: Sight::Nothing };
    hub.deliver(&Entry::Mark { project: ProjectId::console(), epoch: "epoch".into(), mark });
    hub.flush(&mut Scratch::new());
}

fn subscribe(hub: &Hub, rows: Vec<SubscribeRow>) {
    hub.wish(1, CONNECTION, Wish::Subscribe { rows, reply: None });
    mark(hub, 1);
}

#[test]
fn a_subscribe_is_answered_with_the_effective_channels_and_the_queries_as_understood() {
    let user = Viewer::plain_user(herenow_core::UserId::parse("u").expect("an id"));
    let (hub, client) = hub_with(user);
    let query = r#"{"method":"equal","attribute":"status","values":["here"]}"#;
    subscribe(&hub, vec![row(Some("mine"), "account", &[query]), row(Some("all"), "presences", &[])]);
    let rows = client.json()[0]["data"]["subscriptions"].take();
    assert_eq!(rows[0]["subscriptionId"], "mine");
    assert_eq!(rows[0]["channels"], json!(["account", "account.u"]));
    assert_eq!(rows[0]["queries"].as_array().map(Vec::len), Some(1));
    assert_eq!(rows[1], json!({"subscriptionId": "all", "channels": ["presences"], "queries": []}));
}

#[test]
fn nothing_begins_before_its_mark_comes_by() {
    let (hub, client) = hub_with(Viewer::guest());
    hub.wish(1, CONNECTION, Wish::Subscribe { rows: vec![row(Some("s"), "presences", &[])], reply: None });
    mark(&hub, 2);
    assert_eq!((hub.counts().subscriptions, hub.counts().wishes), (0, 1));
    mark(&hub, 1);
    assert_eq!((hub.counts().subscriptions, hub.counts().wishes), (1, 0));
    assert_eq!(client.json().len(), 1);
}

#[test]
fn a_wish_of_somebody_who_left_or_gave_up_does_nothing() {
    let (hub, client) = hub_with(Viewer::guest());
    let wish = || Wish::Subscribe { rows: vec![row(Some("s"), "presences", &[])], reply: None };
    hub.wish(1, CONNECTION, wish());
    hub.forget_wish(1);
    mark(&hub, 1);
    hub.wish(2, CONNECTION, wish());
    hub.unregister(CONNECTION);
    mark(&hub, 2);
    assert_eq!(client.json().len(), 0);
    assert!(hub.is_blank());
}

#[test]
fn an_identity_is_answered_before_what_it_brings_into_sight() {
    let (hub, client) = hub_with(Viewer::guest());
    hub.wish(1, CONNECTION, Wish::Become { viewer: Viewer::Privileged, reply: Some(r#"{"hello":1}"#.to_owned()) });
    mark(&hub, 1);
    assert_eq!(client.json(), [json!({"hello": 1})]);
    assert_eq!(hub.viewer(CONNECTION), Some(Viewer::Privileged));
    assert_eq!(hub.viewer(ConnectionId(2)), None);
}

#[test]
fn room_is_counted_with_what_is_there_and_a_known_id_takes_none() {
    let (hub, _client) = hub_with(Viewer::guest());
    subscribe(&hub, vec![row(Some("a"), "presences", &[]), row(Some("b"), "presences", &[])]);
    let check = |ids: &[Option<&str>], limit| {
        let rows: Vec<_> = ids.iter().map(|id| row(*id, "presences", &[])).collect();
        hub.check_room(CONNECTION, &rows, limit)
    };
    assert_eq!(check(&[Some("c")], 3), Ok(()));
    assert_eq!(check(&[Some("c"), None], 3), Err(TooManySubscriptions(3)));
    assert_eq!(check(&[Some("a"), Some("b"), None], 3), Ok(()));
    assert_eq!(check(&[None, None], 3), Err(TooManySubscriptions(3)));
}

#[test]
fn queries_that_nobody_asks_any_more_are_forgotten() {
    let (hub, _client) = hub_with(Viewer::guest());
    for number in 0..10_000 {
        let query = format!(r#"{{"method":"equal","attribute":"status","values":["s{number}"]}}"#);
        subscribe(&hub, vec![row(Some("s"), "presences", &[&query])]);
    }
    assert!(hub.known_queries() < 200, "{}", hub.known_queries());
}

#[test]
fn a_client_that_is_behind_hears_of_the_end_of_a_record_whose_id_lives_again() {
    let mut world = world_with_a_listener();
    for step in [WRITE, Step::Delete { id: 0 }, WRITE, WRITE] {
        world.step(&step, Appetite::Nothing);
    }
    world.flush();
    let listener = &world.listeners[&0];
    listener.client.set_room(usize::MAX);
    listener.outbox.flush(&mut Scratch::new());
    let events: Vec<_> = listener.client.json().iter().map(|frame| frame["data"]["events"][0].clone()).collect();
    assert_eq!(events[1..], ["presences.p0.delete", "presences.p0.upsert"]);
}

#[test]
fn what_is_held_back_for_a_moment_is_not_told_before_it_is_in_an_outbox() {
    let mut world = world_with_a_listener();
    let outbox = world.listeners[&0].outbox.clone();
    let before = outbox.waiting_bytes();
    world.step(&WRITE, Appetite::Nothing);
    let told = || world.hub.told(&world.project).expect("somebody listens").seq;
    assert_eq!((told(), outbox.waiting_bytes()), (0, before));
    world.hub.flush(&mut Scratch::new());
    assert_eq!(told(), world.tracker.seq());
    assert!(outbox.waiting_bytes() > before, "it waits where the client's knowledge is measured");
}
