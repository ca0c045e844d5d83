//! What ends a stream: who listens may no more, the server says so, or nobody reads.

use herenow_conformance::desk::{Desk, SOON, refused};
use herenow_testkit::{ServerOptions, Streamed, await_until};
use http::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use super::support::{PRESENCES, code_of_the_end, herenow, key, listen, names, readable_by};

async fn open_streams(desk: &Desk) -> Option<usize> {
    let metrics = desk.server.guest().get("/metrics").await.ok()?.text();
    metrics.lines().find_map(|line| line.strip_prefix("herenow_event_streams "))?.parse().ok()
}

async fn all_are_closed(desk: &Desk) {
    await_until("all streams are closed", SOON, async || open_streams(desk).await == Some(0)).await.expect("no leak");
}

#[tokio::test]
async fn a_user_who_is_blocked_or_signs_out_hears_nothing_more() {
    let desk = Desk::open().await;
    let (ada, bob) = (desk.person().await, desk.person().await);
    let mut signed_out = listen(&desk.session(&ada), PRESENCES).await;
    let mut blocked = listen(&desk.session(&bob), PRESENCES).await;
    desk.session(&ada)
        .delete("/v1/account/sessions/current")
        .await
        .expect("an answer")
        .expect_status(204)
        .expect("out");
    assert_eq!(code_of_the_end(&mut signed_out).await, 1001);
    let path = format!("/v1/users/{}/status", bob.user_id);
    desk.key.patch(&path, &json!({"status": false})).await.expect("an answer").expect_status(200).expect("blocked");
    assert_eq!(code_of_the_end(&mut blocked).await, 1001);
    let answer = desk.session(&bob).get(PRESENCES).await.expect("an answer");
    refused(&answer, 403, "user_blocked");
    all_are_closed(&desk).await;
}

#[tokio::test]
async fn a_key_that_is_revoked_ends_its_streams_and_no_others() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let (id, caller) = key(&desk, "presences.read").await;
    let (_, other) = key(&desk, "presences.read").await;
    let (mut stream, mut others) = (listen(&caller, PRESENCES).await, listen(&other, PRESENCES).await);
    herenow(&desk, &["key", "delete", &id]).await;
    assert_eq!(code_of_the_end(&mut stream).await, 1008);
    refused(&caller.get(PRESENCES).await.expect("an answer"), 401, "user_unauthorized");
    desk.put("a", &user, &json!({})).await;
    assert_eq!(names(&mut others, 1).await, ["a.upsert"]);
}

#[tokio::test]
async fn roles_and_permissions_reach_open_streams() {
    let desk = Desk::open().await;
    let (ada, user) = (desk.person().await, desk.user().await);
    let mut stream = listen(&desk.session(&ada), PRESENCES).await;
    desk.put("a", &user, &readable_by("label:staff")).await;
    let label = async |labels: serde_json::Value| {
        let path = format!("/v1/users/{}/labels", ada.user_id);
        let answer = desk.key.put(&path, &json!({ "labels": labels })).await.expect("an answer");
        answer.expect_status(200).expect("labelled");
    };
    label(json!(["staff"])).await;
    assert_eq!(names(&mut stream, 1).await, ["a.upsert"]);
    label(json!([])).await;
    assert_eq!(names(&mut stream, 1).await, ["a.delete"]);
    label(json!(["staff"])).await;
    assert_eq!(names(&mut stream, 1).await, ["a.upsert"]);
    desk.patch("a", &json!({"permissions": ["read(\"user:somebody\")"]})).await;
    assert_eq!(names(&mut stream, 1).await, ["a.delete"]);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_behind() {
    let desk = Desk::open().await;
    let stream = listen(&desk.server.guest(), PRESENCES).await;
    assert_eq!(open_streams(&desk).await, Some(1));
    drop(stream);
    all_are_closed(&desk).await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_nobody_else_waits() {
    let desk = Desk::with(ServerOptions::new().tables("[limits]\noutbox_bytes = 65536")).await;
    let user = desk.user().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut slow = socket.connect(desk.server.address()).await.expect("a connection");
    let head = format!("GET {PRESENCES} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    slow.write_all(head.as_bytes()).await.expect("sent");
    await_until("the stream is open", SOON, async || open_streams(&desk).await == Some(1)).await.expect("open");
    let mut quick = listen(&desk.key, PRESENCES).await;
    let big = json!({"permissions": ["read(\"any\")"], "metadata": {"x": "x".repeat(60_000)}});
    let mut rounds = 0;
    // An end is never conflated away: sooner or later the kernel takes no more, and then the outbox does not either.
    while open_streams(&desk).await == Some(2) {
        desk.put("a", &user, &big).await;
        desk.delete("a").await;
        assert_eq!(names(&mut quick, 2).await, ["a.upsert", "a.delete"]);
        rounds += 1;
        assert!(rounds < 500, "the outbox grows and grows");
    }
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = slow.read_to_end(&mut all).await;
    assert!(!all.ends_with(b"0\r\n\r\n"), "what is cut off must not look complete");
    let metrics = desk.server.guest().get("/metrics").await.expect("an answer").text();
    assert!(metrics.contains("herenow_connections_refused_total{reason=\"behind\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_project_that_goes_takes_its_streams_along() {
    let desk = Desk::open().await;
    let data = desk.server.data_dir().to_str().expect("a path in UTF-8");
    let run = async |arguments: &[&str]| {
        let output = herenow_testkit::run(desk.server.data_dir(), &[arguments, &["--data", data]].concat()).await;
        assert!(output.expect("it runs").status.success());
    };
    run(&["project", "create", "chat"]).await;
    let caller = herenow_testkit::Http::new(desk.server.address());
    let request = caller.request(Method::GET, "/v1/realtime?project=chat&channels[]=presences");
    let mut stream = request.stream().await.expect("a stream");
    assert!(matches!(stream.next(SOON).await, Ok(Streamed::Message { .. })));
    run(&["project", "delete", "chat"]).await;
    assert_eq!(code_of_the_end(&mut stream).await, 1008);
}
