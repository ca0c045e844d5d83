//! How a socket is opened: who it is, and what closes it before it begins. Source: realtime, sections 1.1 to 1.5 and
//! 2.6; decisions, Presences (console).

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Socket, SocketOptions};
use serde_json::{Value, json};

use super::words::{heard, open_to_all};

async fn jwt(desk: &Desk, user: &str) -> String {
    let answer = desk.key.post(&format!("/v1/users/{user}/jwts"), &json!({})).await.expect("an answer");
    answer.json().expect("JSON")["jwt"].as_str().expect("a JWT").to_owned()
}

/// The error frame and the close code of a socket that is refused after the upgrade.
async fn turned_away(options: SocketOptions) -> (u64, String, Option<u16>) {
    let mut socket = Socket::open(options).await.expect("the upgrade succeeds");
    let error = socket.expect_type("error", SOON).await.expect("an error frame");
    let close = socket.wait_for_close(SOON).await.expect("a close frame");
    let text = error["message"].as_str().expect("a text").to_owned();
    (error["code"].as_u64().expect("a number"), text, close.code)
}

#[tokio::test]
async fn every_credential_of_the_handshake_counts() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let token = &person.token;
    let cookie = token.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
    let open = || desk.server.socket_options();
    let as_json = json!({"a_session_test": token}).to_string();
    let jwt = jwt(&desk, &person.user_id).await;
    for options in [
        open().header("Cookie", &format!("a_session_test={cookie}")),
        open().header("Cookie", &format!("a_session_test={token}")),
        open().header("Cookie", &format!("x=y; a_session_test_legacy={cookie}; z=1")),
        open().header("Cookie", &format!("a_session_test={cookie}; expires=Tue, 01 Dec 2099 10:00:00 GMT; path=/")),
        open().header("X-Appwrite-Session", token),
        open().header("X-Fallback-Cookies", &as_json),
        open().header("X-Appwrite-JWT", &jwt),
        open().query("jwt", &jwt),
    ] {
        let what = format!("{options:?}");
        let mut socket = Socket::open(options).await.expect("a socket");
        let connected = socket.expect_connected(SOON).await.expect("connected");
        assert_eq!(connected["user"]["$id"], person.user_id, "{what}");
        assert!(connected["user"]["email"].is_string() && connected["user"].get("password").is_none(), "{connected}");
        assert_eq!((&connected["channels"], &connected["subscriptions"]), (&json!([]), &json!([])));
    }
    for options in [open(), open().header("X-Appwrite-Session", "bm9uZQ=="), open().header("X-Fallback-Cookies", "{")] {
        let mut socket = Socket::open(options).await.expect("a socket");
        assert_eq!(socket.expect_connected(SOON).await.expect("connected")["user"], Value::Null);
    }
}

#[tokio::test]
async fn what_is_refused_is_said_after_the_upgrade_and_closed_for_good() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let open = || desk.server.socket_options();
    let nowhere = || SocketOptions::new(desk.server.address(), "/v1/realtime").query("project", "nowhere");
    let unknown = "Missing or unknown project ID".to_owned();
    assert_eq!(turned_away(nowhere()).await, (1008, unknown.clone(), Some(1008)));
    assert_eq!(turned_away(nowhere().query("jwt", "x")).await, (1008, unknown, Some(1008)), "the project comes first");
    let (code, text, close) = turned_away(open().query("jwt", "x").header("Origin", "http://evil.example")).await;
    assert!(
        code == 401 && text.starts_with("Failed to verify JWT. ") && close == Some(1008),
        "{code} {text} {close:?}"
    );
    let both = open().header("X-Appwrite-Session", &person.token).query("jwt", &jwt(&desk, &person.user_id).await);
    assert_eq!(turned_away(both).await.0, 403);
    let (code, text, close) = turned_away(open().header("Origin", "http://evil.example")).await;
    let expected = "Invalid Origin. Register your new client (evil.example) as a new Web platform on your project \
                    console dashboard";
    assert_eq!((code, text.as_str(), close), (1008, expected, Some(1008)));
    let (code, text, _) = turned_away(open().header("Origin", "gopher://x")).await;
    assert!(code == 1008 && text.starts_with("Invalid Scheme. The scheme used ("), "{code} {text}");
    let query = "channels[]=presences&presences[0][]=nonsense";
    let bad_query = SocketOptions::new(desk.server.address(), "").target(&format!("/v1/realtime?project=test&{query}"));
    assert_eq!(turned_away(bad_query).await.2, Some(1008));
}

#[tokio::test]
async fn the_project_of_the_header_wins_over_that_of_the_url() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let options = SocketOptions::new(desk.server.address(), "/v1/realtime").query("project", "nowhere");
    let options = options.header("X-Appwrite-Project", "test").header("X-Appwrite-Session", &person.token);
    let mut socket = Socket::open(options).await.expect("a socket");
    assert_eq!(socket.expect_connected(SOON).await.expect("connected")["user"]["$id"], person.user_id);
}

#[tokio::test]
async fn without_a_project_the_socket_is_the_console_s_and_has_no_presences() {
    let desk = Desk::open().await;
    for target in ["/v1/realtime", "/v1/realtime?project=console", "/v1/realtime?project[]=test"] {
        let mut socket = Socket::open(SocketOptions::new(desk.server.address(), target)).await.expect("a socket");
        assert_eq!(socket.expect_connected(SOON).await.expect("connected")["user"], Value::Null, "{target}");
        socket.send_json(&json!({"type": "presence", "data": {"status": "x"}})).await.expect("sent");
        let error = socket.expect_type("error", SOON).await.expect("an error frame");
        assert_eq!(error["code"], 1008, "{error}");
        assert_eq!(socket.wait_for_close(SOON).await.expect("a close frame").code, Some(1008));
    }
}

#[tokio::test]
async fn old_clients_subscribe_in_the_url_and_find_their_ids_by_slot() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let all = "%7B%22method%22%3A%22select%22%2C%22values%22%3A%5B%22*%22%5D%7D";
    let away = "%7B%22method%22%3A%22equal%22%2C%22attribute%22%3A%22status%22%2C%22values%22%3A%5B%22away%22%5D%7D";
    let url = |query: &str| {
        let options =
            SocketOptions::new(desk.server.address(), "").target(&format!("/v1/realtime?project=test&{query}"));
        options.header("X-Appwrite-Session", &person.token)
    };
    let query = format!(
        "channels[]=presences&channels[]=account&channels[]=presences.p&presences[0][]={all}&account[0][]={all}\
         &presences_p[1][]={away}"
    );
    let mut socket = Socket::open(url(&query)).await.expect("a socket");
    let connected = socket.expect_connected(SOON).await.expect("connected");
    let own = format!("account.{}", person.user_id);
    let mut channels: Vec<_> =
        connected["channels"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    channels.sort_unstable();
    assert_eq!(channels, ["account", own.as_str(), "presences", "presences.p"]);
    let ids = &connected["subscriptions"];
    assert!(ids[0].is_string() && ids[1].is_string() && ids[0] != ids[1], "{ids}");
    let user = desk.user().await;
    desk.put("p", &user, &open_to_all()).await;
    assert_eq!(heard(&mut socket, "p", "upsert").await["subscriptions"], json!([ids[0]]));
    desk.patch("p", &json!({"status": "away"})).await;
    assert_eq!(heard(&mut socket, "p", "update").await["subscriptions"].as_array().map(Vec::len), Some(2));
    let mut odd = Socket::open(url(&format!("channels[]=presences&presences[1][]={all}"))).await.expect("a socket");
    let connected = odd.expect_connected(SOON).await.expect("connected");
    assert!(connected["subscriptions"]["1"].is_string(), "{connected}");
}
