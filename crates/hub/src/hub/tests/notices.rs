//! Who hears of what happened to users, teams and memberships.

use std::sync::Arc;

use herenow_core::{
    ConnectionId, ProjectId, Role, Timestamp, UserId, Viewer,
    order::{Entry, Mark, Notice, Sight},
    query::RealtimeQueries,
};
use herenow_wire::realtime::SubscribeRow;
use serde_json::{Value, json};

use crate::{
    Hub, Wish,
    outbox::{Outbox, Scratch},
    testing::FakeClient,
};

fn user(name: &str) -> UserId {
    UserId::parse(name).expect("an id")
}

fn notice(name: &str) -> Entry {
    let Value::Object(payload) = json!({"$id": "u", "name": name}) else { unreachable!("an object") };
    let notice = Notice {
        events: vec!["users.u.update".to_owned(), "users.u".to_owned()],
        channels: vec!["account".to_owned(), "account.u".to_owned()],
        roles: vec![Role::user(&user("u"))],
        payload,
    };
    Entry::Notice { project: ProjectId::console(), at: Timestamp::from_millis(0), notice: Arc::new(notice) }
}

fn connect(
    hub: &Hub,
    number: u64,
    viewer: Viewer,
    client: &FakeClient,
    rows: &[(&str, &[&str], &[&str])],
) -> Arc<Outbox> {
    let id = ConnectionId(number);
    let outbox = Arc::new(Outbox::new(Box::new(client.clone()), 1 << 16));
    hub.register(id, ProjectId::console(), viewer, outbox.clone());
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let row = |(id, channels, queries): &(&str, &[&str], &[&str])| SubscribeRow {
        id: Some((*id).to_owned()),
        channels: texts(channels),
        queries: RealtimeQueries::parse(&texts(queries)).expect("valid"),
        since: None,
    };
    hub.wish(number, id, Wish::Subscribe { rows: rows.iter().map(row).collect(), reply: Some("{}".to_owned()) });
    let mark = Mark { ticket: number, seq: 0, at: Timestamp::from_millis(0), sight: Sight::Nothing };
    hub.deliver(&Entry::Mark { project: ProjectId::console(), epoch: "epoch".into(), mark });
    outbox
}

/// The events that reached a client, as they came.
fn heard(client: &FakeClient) -> Vec<Value> {
    client.json().into_iter().filter(|frame| frame["type"] == "event").collect()
}

#[test]
fn a_notice_is_one_frame_for_all_subscriptions_that_want_it() {
    let (hub, client) = (Hub::default(), FakeClient::hungry());
    let ada = r#"{"method":"equal","attribute":"name","values":["Ada"]}"#;
    let eve = r#"{"method":"equal","attribute":"name","values":["Eve"]}"#;
    let rows: [(&str, &[&str], &[&str]); 4] = [
        ("a", &["account"], &[]),
        ("b", &["account"], &[ada]),
        ("c", &["account"], &[eve]),
        ("d", &["presences"], &[]),
    ];
    connect(&hub, 1, Viewer::plain_user(user("u")), &client, &rows);
    hub.deliver(&notice("Ada"));
    hub.flush(&mut Scratch::new());
    let expected = json!({
        "events": ["users.u.update", "users.u"],
        "channels": ["account", "account.u"],
        "timestamp": "1970-01-01T00:00:00.000+00:00",
        "payload": {"$id": "u", "name": "Ada"},
        "subscriptions": ["a", "b"],
    });
    assert_eq!(heard(&client), [json!({"type": "event", "data": expected})]);
    let keys: Vec<_> = heard(&client)[0]["data"].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys.last().map(String::as_str), Some("subscriptions"));
}

#[test]
fn who_holds_none_of_its_roles_hears_nothing_of_it() {
    let hub = Hub::default();
    let viewers = [Viewer::plain_user(user("u")), Viewer::plain_user(user("v")), Viewer::guest(), Viewer::Privileged];
    let clients = viewers.map(|viewer| (FakeClient::hungry(), viewer));
    for (number, (client, viewer)) in (1..).zip(&clients) {
        connect(&hub, number, viewer.clone(), client, &[("s", &["account", "account.u"], &[])]);
    }
    hub.deliver(&notice("Ada"));
    hub.flush(&mut Scratch::new());
    assert_eq!(clients.map(|(client, _)| heard(&client).len()), [1, 0, 0, 1]);
}

#[test]
fn a_client_that_is_behind_gets_every_notice() {
    let (hub, client) = (Hub::default(), FakeClient::with_room(0));
    let outbox = connect(&hub, 1, Viewer::plain_user(user("u")), &client, &[("s", &["account"], &[])]);
    hub.flush(&mut Scratch::new());
    for number in 0..100 {
        hub.deliver(&notice(&number.to_string()));
    }
    hub.flush(&mut Scratch::new());
    client.set_room(usize::MAX);
    outbox.flush(&mut Scratch::new());
    let names = heard(&client).into_iter().map(|frame| frame["data"]["payload"]["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), (0..100).map(|number| json!(number.to_string())).collect::<Vec<_>>());
}
