//! The client against a peer that answers one request with fixed bytes.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

use super::*;
use crate::Task;

/// A peer that reads until it has seen `last`, answers with `answer` and hands over what it read.
async fn peer(last: &'static str, answer: &'static str) -> (SocketAddr, oneshot::Receiver<String>, Task) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
    let address = listener.local_addr().expect("its address");
    let (heard, request) = oneshot::channel();
    let task = spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).ends_with(last) {
            assert_ne!(stream.read_buf(&mut bytes).await.expect("bytes"), 0, "the request is whole");
        }
        stream.write_all(answer.as_bytes()).await.expect("the client reads");
        let _ = heard.send(String::from_utf8(bytes).expect("text"));
    });
    (address, request, task)
}

#[tokio::test]
async fn a_request_carries_its_query_headers_and_body() {
    let (address, request, _peer) = peer("{\"status\":\"on\"}", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
    let http = Http::new(address).with_header("X-Appwrite-Project", "test");
    let body = serde_json::json!({"status": "on"});
    let sent = http.request(Method::PUT, "/v1/presences/p1").query("queries[]", "a b").header("cookie", "a=1");
    let response = sent.header("cookie", "b=2").json(&body).send().await.expect("an answer");
    let heard = request.await.expect("the request");
    assert!(heard.starts_with("PUT /v1/presences/p1?queries%5B%5D=a%20b HTTP/1.1\r\n"), "{heard}");
    for line in ["x-appwrite-project: test", "cookie: a=1", "cookie: b=2", "content-type: application/json"] {
        assert!(heard.contains(&format!("\r\n{line}\r\n")), "{line} in {heard}");
    }
    assert!(heard.contains(&format!("\r\nhost: {address}\r\n")), "{heard}");
    assert_eq!(response.json().expect("JSON"), serde_json::json!({}));
}

#[tokio::test]
async fn an_answer_shows_status_headers_and_cookies() {
    let answer = "HTTP/1.1 404 Not Found\r\nset-cookie: a=1; path=/\r\nset-cookie: b=2\r\ncontent-length: 29\r\n\r\n\
                  {\"type\":\"presence_not_found\"} ";
    let (address, _request, _peer) = peer("\r\n\r\n", answer).await;
    let response = Http::new(address).get("/v1/presences/p1").await.expect("an answer");
    assert_eq!(response.status, 404);
    assert_eq!(response.error_type().expect("an error"), "presence_not_found");
    assert_eq!(response.header("content-length"), Some("29"));
    let names: Vec<_> = response.cookies().into_iter().map(|cookie| cookie.pair()).collect();
    assert_eq!(names, ["a=1", "b=2"]);
    let error = response.expect_status(200).expect_err("another status").to_string();
    assert!(error.contains("404") && error.contains("presence_not_found"), "{error}");
}
