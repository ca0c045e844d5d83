//! What is bounded, and what happens at the bound. Source: realtime, section 1.6; decisions, HTTP and input.

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Opened, RateLimits, ServerOptions, Socket};
use serde_json::{Value, json};

use super::words::{refused, subscribe};

fn ping_of(bytes: usize) -> String {
    let frame = r#"{"type":"ping","x":""}"#;
    frame.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - frame.len())))
}

#[tokio::test]
async fn a_message_over_the_limit_closes_the_socket_with_1009() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.send_text(&ping_of(64_000)).await.expect("sent");
    socket.expect_type("pong", SOON).await.expect("64,000 bytes are a message");
    socket.send_text(&ping_of(64_001)).await.expect("sent");
    assert_eq!(socket.wait_for_close(SOON).await.expect("a close frame").code, Some(1009));
    let mut in_parts = desk.server.connect_guest().await.expect("a socket");
    let text = ping_of(64_001);
    let (first, second) = text.as_bytes().split_at(32_000);
    in_parts.send_fragments(&[first, second]).await.expect("sent");
    assert_eq!(in_parts.wait_for_close(SOON).await.expect("a close frame").code, Some(1009));
}

#[tokio::test]
async fn one_message_too_many_in_a_minute_is_dropped_and_the_socket_stays_open() {
    const LIMIT: usize = 5;
    let limit = format!("[limits]\nmessages_per_minute = {LIMIT}");
    let desk = Desk::with(ServerOptions::new().rate_limits(RateLimits::On).tables(&limit)).await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    // More than twice the limit: even where a minute ends meanwhile, one is too many.
    const SENT: usize = 2 * LIMIT + 1;
    for _ in 0..SENT {
        socket.send_json(&json!({"type": "ping"})).await.expect("sent");
    }
    let mut answers = Vec::new();
    for _ in 0..SENT {
        answers.push(socket.expect_json(SOON).await.expect("each is answered"));
    }
    let error = json!({"type": "error", "data": {"code": 1013, "message": "Too many messages."}});
    let (errors, pongs): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| **answer == error);
    assert!(!errors.is_empty() && pongs.iter().all(|answer| answer["type"] == "pong"), "{answers:?}");
    assert!((LIMIT..=2 * LIMIT).contains(&pongs.len()), "{answers:?}");
}

#[tokio::test]
async fn a_connection_has_a_bounded_number_of_subscriptions_channels_and_queries() {
    let limits = "[limits]\nmax_subscriptions = 3\nmax_channels = 2";
    let desk = Desk::with(ServerOptions::new().tables(limits)).await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    for id in ["a", "b", "c"] {
        socket.subscribe(id, &["presences", "presences.p"]).await.expect("there is room");
    }
    socket.subscribe("a", &["presences"]).await.expect("it replaces one");
    let row = |id: &str, channels: &[&str]| json!({"subscriptionId": id, "channels": channels});
    assert_eq!(refused(&mut socket, &subscribe(&row("d", &[]))).await.0, 1003);
    assert_eq!(refused(&mut socket, &subscribe(&row("a", &["x", "y", "z"]))).await.0, 1003);
    let query = json!({"method": "isNull", "attribute": "a"}).to_string();
    let queries =
        |count: usize| json!({"subscriptionId": "a", "channels": ["presences"], "queries": vec![query.clone(); count]});
    socket.request(&subscribe(&queries(100))).await.expect("a hundred queries");
    assert_eq!(refused(&mut socket, &subscribe(&queries(101))).await.0, 1003);
    let unsubscribe = json!({"type": "unsubscribe", "data": [{"subscriptionId": "b"}]});
    socket.request(&unsubscribe).await.expect("an answer");
    socket.subscribe("d", &["presences"]).await.expect("there is room again");
}

#[tokio::test]
async fn a_subscribe_that_does_not_fit_leaves_all_as_it_was() {
    let desk = Desk::with(ServerOptions::new().tables("[limits]\nmax_subscriptions = 2")).await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("a", &["presences"]).await.expect("a subscription");
    let rows: Value = ["b", "c"].map(|id| json!({"subscriptionId": id, "channels": ["presences"]})).to_vec().into();
    assert_eq!(refused(&mut socket, &json!({"type": "subscribe", "data": rows})).await.0, 1003);
    let user = desk.user().await;
    desk.put("p", &user, &super::words::open_to_all()).await;
    assert_eq!(super::words::heard(&mut socket, "p", "upsert").await["subscriptions"], json!(["a"]));
}

async fn opened(desk: &Desk) -> Opened {
    Socket::try_open(desk.server.socket_options()).await.expect("an answer")
}

#[tokio::test]
async fn too_many_opens_in_a_minute_are_refused_before_the_upgrade() {
    let limit = "[limits]\nconnections_per_minute = 3";
    let desk = Desk::with(ServerOptions::new().rate_limits(RateLimits::On).tables(limit)).await;
    let mut refusals = 0;
    for _ in 0..7 {
        if let Opened::Refused(answer) = opened(&desk).await {
            herenow_conformance::desk::refused(&answer, 429, "general_rate_limit_exceeded");
            refusals += 1;
        }
    }
    assert!((1..=4).contains(&refusals), "{refusals}");
}

#[tokio::test]
async fn one_connection_too_many_is_refused_until_another_goes() {
    let desk = Desk::with(ServerOptions::new().tables("[limits]\nmax_connections = 2")).await;
    let mut first = desk.server.connect_guest().await.expect("a socket");
    let mut second = desk.server.connect_guest().await.expect("a socket");
    let Opened::Refused(answer) = opened(&desk).await else { panic!("a third one") };
    herenow_conformance::desk::refused(&answer, 503, "general_overloaded");
    assert!(answer.header("retry-after").is_some());
    second.fence(SOON).await.expect("the others live");
    first.close(1000).await.expect("closed");
    let has_room = async || matches!(opened(&desk).await, Opened::Socket(_));
    herenow_testkit::await_until("there is room again", SOON, has_room).await.expect("there is");
}
