//! What a socket asks to hear, and what it then hears. Source: realtime, sections 3.4, 3.5, 4 and 5; semantics 14 and
//! 15.

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::spawn;
use serde_json::{Value, json};

use super::words::{heard, open_to_all, refused, subscribe, until_now};

fn sorted(ids: &Value) -> Vec<&str> {
    let mut ids: Vec<_> = ids.as_array().expect("ids").iter().map(|id| id.as_str().expect("a text")).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn each_event_comes_in_one_frame_for_all_four_channels_with_every_id_that_matches() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    let channels = [
        ("all", "presences"),
        ("one", "presences.p"),
        ("upsert", "presences.upsert"),
        ("update", "presences.update"),
        ("delete", "presences.delete"),
        ("one-upsert", "presences.p.upsert"),
        ("one-update", "presences.p.update"),
        ("one-delete", "presences.p.delete"),
        ("other", "presences.q"),
        ("star", "presences.*"),
        ("create", "presences.create"),
    ];
    for (id, channel) in channels {
        socket.subscribe(id, &[channel]).await.expect("a subscription");
    }
    socket.subscribe("several", &["presences", "presences.p", "teams"]).await.expect("a subscription");
    let user = desk.user().await;
    let upserted = desk.put("p", &user, &open_to_all()).await;
    let updated = desk.patch("p", &json!({"status": "away"})).await;
    desk.delete("p").await;
    for (action, payload) in [("upsert", &upserted), ("update", &updated), ("delete", &updated)] {
        let data = heard(&mut socket, "p", action).await;
        let names = [
            format!("presences.p.{action}"),
            format!("presences.*.{action}"),
            "presences.p".into(),
            "presences.*".into(),
        ];
        assert_eq!(data["events"], json!(names));
        let names =
            ["presences".into(), "presences.p".into(), format!("presences.{action}"), format!("presences.p.{action}")];
        assert_eq!(data["channels"], json!(names));
        assert_eq!(&data["payload"], payload, "{action}");
        herenow_conformance::matching::timestamp(data["timestamp"].as_str().expect("a text")).expect("a timestamp");
        let expected = ["all", "one", &format!("one-{action}"), "several", action];
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted(&data["subscriptions"]), expected, "{action}");
        assert_eq!(data.as_object().expect("an object").keys().next_back().map(String::as_str), Some("subscriptions"));
    }
    let rest = socket.fence(SOON).await.expect("a pong");
    assert!(rest.is_empty(), "one frame each: {rest:?}");
}

#[tokio::test]
async fn a_known_id_replaces_channels_and_queries() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("s", &["presences.p"]).await.expect("a subscription");
    socket.subscribe("watch", &["presences"]).await.expect("a subscription");
    socket.subscribe("s", &["presences.q"]).await.expect("a subscription");
    for (id, ids) in [("p", json!(["watch"])), ("q", json!(["s", "watch"]))] {
        let user = desk.user().await;
        desk.put(id, &user, &open_to_all()).await;
        assert_eq!(sorted(&heard(&mut socket, id, "upsert").await["subscriptions"]), sorted(&ids), "{id}");
    }
    // Twice in one frame: both are answered, the last counts.
    let rows =
        json!([{"subscriptionId": "s", "channels": ["presences"]}, {"subscriptionId": "s", "channels": ["teams"]}]);
    let answer = socket.request(&json!({"type": "subscribe", "data": rows})).await.expect("an answer");
    assert_eq!(answer["subscriptions"].as_array().map(Vec::len), Some(2), "{answer}");
    desk.patch("p", &json!({"status": "x"})).await;
    assert_eq!(heard(&mut socket, "p", "update").await["subscriptions"], json!(["watch"]));
}

#[tokio::test]
async fn queries_look_at_the_state_after_and_at_what_a_delete_carries() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    let online = json!({"method": "equal", "attribute": "status", "values": ["online"]}).to_string();
    let row = json!({"subscriptionId": "s", "channels": ["presences"], "queries": [online]});
    let answer = socket.request(&subscribe(&row)).await.expect("a subscription");
    assert_eq!(
        answer["subscriptions"],
        json!([{"subscriptionId": "s", "channels": ["presences"], "queries": [online]}])
    );
    let (one, other) = (desk.user().await, desk.user().await);
    desk.put("p", &one, &open_to_all()).await;
    desk.put("q", &other, &open_to_all()).await;
    desk.patch("p", &json!({"status": "away"})).await;
    desk.patch("p", &json!({"status": "busy"})).await;
    desk.delete("p").await;
    desk.delete("q").await;
    assert_eq!(until_now(&desk, &mut socket).await, ["p.upsert", "q.upsert", "q.delete"]);
}

#[tokio::test]
async fn an_unsubscribe_is_answered_row_by_row_and_ends_what_it_names() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("a", &["presences"]).await.expect("a subscription");
    socket.subscribe("b", &["presences"]).await.expect("a subscription");
    for wrong in [json!(123), json!(""), json!(null)] {
        let rows = json!([{"subscriptionId": "a"}, {"subscriptionId": wrong}]);
        let (code, text) = refused(&mut socket, &json!({"type": "unsubscribe", "data": rows})).await;
        let expected = "items: Each unsubscribe payload must include a non-empty subscriptionId.";
        assert_eq!((code, text.as_str()), (1003, expected), "nothing is removed");
    }
    let rows = json!([{"subscriptionId": "a"}, {"subscriptionId": "x"}, {"subscriptionId": "a"}]);
    let answer = socket.request(&json!({"type": "unsubscribe", "data": rows})).await.expect("an answer");
    let removed: Vec<_> =
        answer["subscriptions"].as_array().expect("rows").iter().map(|row| row["removed"] == true).collect();
    assert_eq!((removed, &answer["success"]), (vec![true, false, false], &json!(true)));
    let user = desk.user().await;
    desk.put("p", &user, &open_to_all()).await;
    assert_eq!(heard(&mut socket, "p", "upsert").await["subscriptions"], json!(["b"]));
}

#[tokio::test]
async fn a_row_that_is_wrong_fails_the_whole_frame() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("watch", &["presences.q"]).await.expect("a subscription");
    let contains = json!({"method": "contains", "attribute": "status", "values": ["x"]}).to_string();
    let good = json!({"subscriptionId": "good", "channels": ["presences.q"]});
    for (row, part) in [
        (json!(7), "items: Each subscribe payload must be an object."),
        (json!({}), "items: channels is not present in payload."),
        (json!({"channels": "presences"}), "items: channels is not a valid array."),
        (json!({"channels": [7]}), "items: channels must contain only strings."),
        (json!({"channels": [], "queries": "x"}), "items: queries is not a valid array."),
        (json!({"channels": [], "subscriptionId": null}), "items: subscriptionId is not a valid id."),
        (json!({"channels": [], "subscriptionId": "_x"}), "items: subscriptionId is not a valid id."),
        (json!({"channels": [], "subscriptionId": "x".repeat(37)}), "items: subscriptionId is not a valid id."),
        (json!({"channels": [], "queries": ["nonsense"]}), "Invalid query: "),
        (json!({"channels": [], "queries": [contains]}), "not supported in Realtime queries"),
    ] {
        let (code, text) = refused(&mut socket, &json!({"type": "subscribe", "data": [good, row]})).await;
        assert!(code == 1003 && text.contains(part), "{row}: {code} {text}");
    }
    for (data, text) in [
        (json!(null), "Payload is not valid. Items is required"),
        (json!({"channels": []}), "items: Payload is not valid."),
    ] {
        assert_eq!(refused(&mut socket, &json!({"type": "subscribe", "data": data})).await, (1003, text.to_owned()));
    }
    let user = desk.user().await;
    desk.put("q", &user, &open_to_all()).await;
    assert_eq!(heard(&mut socket, "q", "upsert").await["subscriptions"], json!(["watch"]));
}

#[tokio::test]
async fn account_channels_are_bound_to_the_user_and_others_are_dropped() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let asked = ["account", "account.update", "account.other", "presences", "presences", "anything.at.all"];
    let own = format!("account.{}", person.user_id);
    let mut socket = desk.socket(&person).await;
    let answer = socket.subscribe("s", &asked).await.expect("a subscription");
    let expected = json!(["account", "presences", "anything.at.all", own, format!("{own}.update")]);
    assert_eq!(answer["subscriptions"][0]["channels"], expected);
    let mut guest = desk.server.connect_guest().await.expect("a socket");
    let answer = guest.subscribe("s", &asked).await.expect("a subscription");
    let expected = json!(["account", "account.update", "presences", "anything.at.all"]);
    assert_eq!(answer["subscriptions"][0]["channels"], expected);
    let answer = guest.subscribe("t", &[]).await.expect("no channel is no error");
    assert_eq!(answer["subscriptions"][0]["channels"], json!([]));
}

#[tokio::test]
async fn the_server_makes_ids_where_none_are_given() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    let rows = json!([{"channels": ["presences"]}, {"channels": ["presences"]}, {"channels": [], "subscriptionId": "unique()"}]);
    let answer = socket.request(&json!({"type": "subscribe", "data": rows})).await.expect("an answer");
    let ids = sorted_ids(&answer);
    let made = |id: &str| id.len() == 20 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(made(&ids[0]) && made(&ids[1]) && ids[0] != ids[1], "{ids:?}");
    assert_eq!(ids[2], "unique()", "taken as it is");
}

fn sorted_ids(answer: &Value) -> Vec<String> {
    let rows = answer["subscriptions"].as_array().expect("rows");
    rows.iter().map(|row| row["subscriptionId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn no_event_of_a_new_subscription_overtakes_its_answer() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    desk.put("p", &user, &open_to_all()).await;
    let key = desk.key.clone();
    let writing = spawn(async move {
        for number in 0_u64.. {
            if key.patch("/v1/presences/p", &json!({"status": number.to_string()})).await.is_err() {
                return;
            }
        }
    });
    for _ in 0..20 {
        let mut socket = desk.server.connect_guest().await.expect("a socket");
        socket.send_json(&subscribe(&json!({"subscriptionId": "s", "channels": ["presences"]}))).await.expect("sent");
        let first = socket.expect_json(SOON).await.expect("a frame");
        assert_eq!(first["type"], "response", "{first}");
        heard(&mut socket, "p", "update").await;
    }
    drop(writing);
}
