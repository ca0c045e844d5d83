//! Who hears what.

use herenow_conformance::desk::{Desk, refused};
use herenow_testkit::{RateLimits, ServerOptions};
use http::Method;
use serde_json::{Value, json};

use super::support::{PRESENCES, SNAPSHOT, key, listen, message, names, readable_by};

#[tokio::test]
async fn each_hears_what_their_roles_allow_and_a_key_everything() {
    let desk = Desk::open().await;
    let (ada, user) = (desk.person().await, desk.user().await);
    let mut key = listen(&desk.key, PRESENCES).await;
    let mut person = listen(&desk.session(&ada), PRESENCES).await;
    let mut guest = listen(&desk.server.guest(), PRESENCES).await;
    desk.put("own", &user, &json!({"permissions": []})).await;
    desk.delete("own").await;
    desk.put("users", &user, &readable_by("users")).await;
    desk.delete("users").await;
    desk.put("all", &user, &readable_by("any")).await;
    assert_eq!(names(&mut key, 5).await, ["own.upsert", "own.delete", "users.upsert", "users.delete", "all.upsert"]);
    assert_eq!(names(&mut person, 3).await, ["users.upsert", "users.delete", "all.upsert"]);
    assert_eq!(names(&mut guest, 1).await, ["all.upsert"]);
}

#[tokio::test]
async fn an_event_is_the_frame_of_a_socket_and_its_id_is_its_place_in_the_order() {
    let desk = Desk::open().await;
    let (ada, user) = (desk.person().await, desk.user().await);
    let mut stream = listen(&desk.session(&ada), PRESENCES).await;
    let head = &stream.head;
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert!(head.header("cache-control").is_some_and(|value| value.contains("no-cache")));
    assert_eq!(head.header("x-accel-buffering"), Some("no"));
    let mut socket = desk.listener(&ada).await;
    let body = format!(
        "{{\"userId\":\"{user}\",\"status\":\"a\",\"permissions\":[\"read(\\\"any\\\")\"],\"metadata\":{{\n\"a\":\r\n1}}}}"
    );
    let put = desk.key.request(Method::PUT, "/v1/presences/p").header("content-type", "application/json").body(body);
    put.send().await.expect("an answer").expect_status(200).expect("a presence");
    let (id, mut frame) = message(&mut stream).await;
    let is_event = |frame: &Value| frame["type"] == "event";
    let mut of_socket = socket.wait_for(is_event, herenow_conformance::desk::SOON).await.expect("an event");
    let (seq, epoch) = desk.position().await;
    assert_eq!(id, Some(format!("{epoch}.{seq}")));
    frame["data"]["subscriptions"].take();
    of_socket["data"]["subscriptions"].take();
    assert_eq!(frame, of_socket);
}

#[tokio::test]
async fn a_snapshot_comes_first_and_queries_are_heeded() {
    let desk = Desk::open().await;
    let (first, second) = (desk.user().await, desk.user().await);
    desk.put("a", &first, &readable_by("any")).await;
    desk.put("b", &second, &json!({"status": "away"})).await;
    let mut all = listen(&desk.key, SNAPSHOT).await;
    assert_eq!(names(&mut all, 3).await, ["a.upsert", "b.upsert", "snapshot.end"]);
    let away = "%7B%22method%22%3A%22equal%22%2C%22attribute%22%3A%22status%22%2C%22values%22%3A%5B%22away%22%5D%7D";
    let mut some = listen(&desk.key, &format!("{SNAPSHOT}&snapshot_presences[0][]={away}")).await;
    assert_eq!(names(&mut some, 2).await, ["b.upsert", "snapshot.end"]);
    desk.patch("a", &json!({"status": "busy"})).await;
    desk.patch("a", &json!({"status": "away"})).await;
    assert_eq!(names(&mut all, 2).await, ["a.update", "a.update"]);
    let (_, frame) = message(&mut some).await;
    assert_eq!(frame["data"]["payload"]["status"], "away");
}

#[tokio::test]
async fn what_is_refused_is_said_in_json_before_the_stream_begins() {
    let limits = "[limits]\nmax_channels = 2";
    let desk = Desk::with(ServerOptions::new().tables(limits)).await;
    let guest = desk.server.guest();
    let asked = async |caller: &herenow_testkit::Http, path: &str, origin: Option<&str>| {
        let mut request = caller.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.expect("an answer")
    };

    let nobody = herenow_testkit::Http::new(desk.server.address());
    let forged = guest.clone().with_header("X-Appwrite-Key", "standard_nothing");
    for (caller, path, status, kind) in [
        (&guest, "/v1/realtime?project=test".to_owned(), 400, "general_argument_invalid"),
        (&guest, format!("{PRESENCES}&channels[]=a&channels[]=b"), 400, "general_argument_invalid"),
        (&guest, format!("{PRESENCES}&presences[0][]=nonsense"), 400, "general_query_invalid"),
        (&guest, format!("{PRESENCES}&jwt=x"), 401, "user_jwt_invalid"),
        (&guest, format!("{PRESENCES}&channels[]=console.tail.x"), 401, "user_unauthorized"),
        (&nobody, PRESENCES.replace("=test", "=nowhere"), 404, "project_not_found"),
        (&forged, PRESENCES.to_owned(), 401, "user_unauthorized"),
    ] {
        refused(&asked(caller, &path, None).await, status, kind);
    }
    let answer = asked(&guest, PRESENCES, Some("http://evil.example")).await;
    refused(&answer, 403, "general_unknown_origin");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let request = guest.request(Method::GET, PRESENCES).header("origin", "http://localhost:3000");
    let stream = request.stream().await.expect("a stream");
    assert_eq!(stream.head.header("access-control-allow-origin"), Some("http://localhost:3000"));
}

#[tokio::test]
async fn a_key_needs_the_scope_of_what_it_wants_to_hear() {
    let desk = Desk::open().await;
    let (_, teams) = key(&desk, "presences.write,teams.read").await;
    let answer = teams.get(PRESENCES).await.expect("an answer");
    refused(&answer, 401, "general_unauthorized_scope");
    listen(&teams, "/v1/realtime?project=test&channels[]=teams").await;
    let (_, presences) = key(&desk, "presences.read").await;
    listen(&presences, PRESENCES).await;
    let answer = presences.get("/v1/realtime?project=test&channels[]=account.x").await.expect("an answer");
    refused(&answer, 401, "general_unauthorized_scope");
}

#[tokio::test]
async fn opened_streams_count_with_opened_sockets() {
    let limits = "[limits]\nconnections_per_minute = 2";
    let desk = Desk::with(ServerOptions::new().rate_limits(RateLimits::On).tables(limits)).await;
    let mut answers = Vec::new();
    // More than twice the limit: even where a minute ends meanwhile, one is too many.
    for _ in 0..5 {
        answers.push(desk.server.guest().request(Method::GET, PRESENCES).stream().await.is_ok());
    }
    assert!(answers.contains(&true) && answers.contains(&false), "{answers:?}");
}
