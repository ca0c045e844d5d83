//! The short words of these tests.

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{EventStream, Http, Streamed, run};
use http::Method;
use serde_json::{Value, json};

pub(crate) const PRESENCES: &str = "/v1/realtime?project=test&channels[]=presences";
pub(crate) const SNAPSHOT: &str = "/v1/realtime?project=test&channels[]=snapshot.presences";

/// Opens a stream and waits for its `connected`: what happens from now on is heard.
pub(crate) async fn listen(caller: &Http, path: &str) -> EventStream {
    let mut stream = caller.request(Method::GET, path).stream().await.expect("a stream");
    connected(&mut stream).await;
    stream
}

/// Comes back with the last id of a stream.
pub(crate) async fn come_back(caller: &Http, path: &str, last_id: &str) -> EventStream {
    let request = caller.request(Method::GET, path).header("last-event-id", last_id);
    let mut stream = request.stream().await.expect("a stream");
    connected(&mut stream).await;
    stream
}

async fn connected(stream: &mut EventStream) {
    match stream.next(SOON).await.expect("a message") {
        Streamed::Message { data, .. } => assert_eq!(data["type"], "connected", "{data}"),
        end => panic!("{end:?}"),
    }
}

/// The next message with its id.
pub(crate) async fn message(stream: &mut EventStream) -> (Option<String>, Value) {
    match stream.next(SOON).await.expect("a message") {
        Streamed::Message { id, data } => (id, data),
        end => panic!("{end:?} in place of a message"),
    }
}

/// The names of the next events, as `ID.ACTION`.
pub(crate) async fn names(stream: &mut EventStream, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..count {
        let (_, data) = message(stream).await;
        let name = data["data"]["events"][0].as_str().unwrap_or_else(|| panic!("no event: {data}")).to_owned();
        names.push(name.trim_start_matches("presences.").to_owned());
    }
    names
}

/// The code that the stream says before it ends in order.
pub(crate) async fn code_of_the_end(stream: &mut EventStream) -> u64 {
    let (messages, end) = stream.rest(SOON).await.expect("the stream ends");
    assert_eq!(end, Streamed::End);
    let last = messages.last().expect("last words");
    assert_eq!(last["type"], "error", "{last}");
    last["data"]["code"].as_u64().expect("a code")
}

pub(crate) fn readable_by(role: &str) -> Value {
    json!({ "permissions": [format!("read(\"{role}\")")] })
}

/// Runs `herenow ARGUMENTS` on the server's data; what it prints.
pub(crate) async fn herenow(desk: &Desk, arguments: &[&str]) -> String {
    let data = desk.server.data_dir().to_str().expect("a path in UTF-8");
    let arguments = [arguments, &["--project", "test", "--data", data]].concat();
    let output = run(desk.server.data_dir(), &arguments).await.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A new key with these scopes: its id, and a caller with it.
pub(crate) async fn key(desk: &Desk, scopes: &str) -> (String, Http) {
    let made = herenow(desk, &["key", "create", "--json", "--scopes", scopes]).await;
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), desk.server.guest().with_header("X-Appwrite-Key", &text("secret")))
}
