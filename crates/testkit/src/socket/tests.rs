//! The client against a peer in the same test that speaks just enough of the protocol.

use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};

use super::*;
use crate::{Task, spawn};

const SOON: Duration = Duration::from_secs(5);

/// The peer's end of a connection after the handshake, with everything read so far.
struct Peer {
    stream: TcpStream,
    buffer: BytesMut,
    head: String,
}

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut buffer = BytesMut::new();
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            assert_ne!(stream.read_buf(&mut buffer).await.expect("bytes"), 0, "a whole request");
        };
        let head = String::from_utf8(buffer.split_to(end).to_vec()).expect("text");
        Self { stream, buffer, head }
    }

    /// Accepts with the key of RFC 6455's example, which the tests send, and `more` bytes in the same write.
    async fn upgrade(listener: &TcpListener, more: &[u8]) -> Self {
        let mut peer = Self::accept(listener).await;
        let mut answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                           Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
            .to_vec();
        answer.extend_from_slice(more);
        peer.send(&answer).await;
        peer
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the client reads");
    }

    async fn send_json(&mut self, value: Value) {
        self.send(&Frame::new(Opcode::Text, value.to_string()).encode(Masking::None)).await;
    }

    /// The next frame that the client sent without a mask.
    async fn frame(&mut self) -> Frame {
        loop {
            if let Some(frame) = Frame::decode(&mut self.buffer).expect("an unmasked frame") {
                return frame;
            }
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.expect("bytes"), 0, "a whole frame");
        }
    }
}

async fn listener() -> (TcpListener, SocketOptions) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
    let address = listener.local_addr().expect("its address");
    let options = SocketOptions::new(address, "/v1/realtime").masking(Masking::None);
    (listener, options.handshake_key("dGhlIHNhbXBsZSBub25jZQ=="))
}

/// A client whose peer sends `first` with its handshake and then plays `script`; keep the task.
async fn opened<S, F>(first: &[u8], script: S) -> (Socket, Task)
where
    S: FnOnce(Peer) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (listener, options) = listener().await;
    let first = first.to_vec();
    let task = spawn(async move { script(Peer::upgrade(&listener, &first).await).await });
    (Socket::open(options).await.expect("a socket"), task)
}

/// A script that holds the connection open.
async fn stay(peer: Peer) {
    std::future::pending::<()>().await;
    drop(peer);
}

#[tokio::test]
async fn the_handshake_carries_query_and_headers_and_the_first_frame_is_not_lost() {
    let (listener, options) = listener().await;
    let greeting = Frame::new(Opcode::Text, r#"{"type":"connected","data":{"user":null}}"#).encode(Masking::None);
    let (report, head) = oneshot::channel();
    let _peer = spawn(async move {
        let peer = Peer::upgrade(&listener, &greeting).await;
        report.send(peer.head.clone()).expect("the test waits");
        stay(peer).await;
    });
    let options = options.query("project", "a b").header("Cookie", "a=1").header("Cookie", "b=2");
    let mut socket = Socket::open(options).await.expect("a socket");
    assert_eq!(socket.expect_connected(SOON).await.expect("the greeting"), json!({"user": null}));
    let head = head.await.expect("the request");
    assert!(head.starts_with("GET /v1/realtime?project=a%20b HTTP/1.1\r\nHost: 127.0.0.1:"), "{head}");
    assert!(head.contains("\r\nCookie: a=1\r\nCookie: b=2\r\n"), "{head}");
}

#[tokio::test]
async fn a_refused_upgrade_shows_the_answer() {
    let (listener, options) = listener().await;
    let _peer = spawn(async move {
        let mut peer = Peer::accept(&listener).await;
        peer.send(b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nslow").await;
        stay(peer).await;
    });
    let opened = Socket::try_open(options).await.expect("an answer");
    let Opened::Refused(response) = opened else { panic!("a refusal, not {opened:?}") };
    assert_eq!((response.status.as_u16(), response.text().as_str()), (429, "slow"));
    assert_eq!(response.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn a_handshake_with_a_wrong_accept_key_is_an_error() {
    let (listener, options) = listener().await;
    let _peer = spawn(async move { stay(Peer::upgrade(&listener, b"").await).await });
    let error = Socket::open(options.handshake_key("b3RoZXIga2V5IHRoYW4gaXQ=")).await.expect_err("another key");
    assert!(format!("{error:#}").contains("accept key"), "{error:#}");
}

#[tokio::test]
async fn messages_and_control_frames_arrive_in_their_order_with_their_sizes() {
    let mut bytes = Frame { finality: Finality::More, ..Frame::new(Opcode::Text, "{\"n\"") }.encode(Masking::None);
    bytes.extend(Frame::new(Opcode::Ping, "are you there").encode(Masking::None));
    bytes.extend(Frame::new(Opcode::Continuation, ":1}").encode(Masking::None));
    let (report, pong) = oneshot::channel();
    let (mut socket, _peer) = opened(&bytes, async move |mut peer: Peer| {
        report.send(peer.frame().await).expect("the test waits");
        stay(peer).await;
    })
    .await;
    assert_eq!(socket.receive(SOON).await.expect("a ping"), Received::Ping("are you there".into()));
    let message = Message { payload: "{\"n\":1}".into(), frame_bytes: vec![4, 3] };
    assert_eq!(socket.receive(SOON).await.expect("a message"), Received::Text(message));
    assert_eq!(pong.await.expect("an answer"), Frame::new(Opcode::Pong, "are you there"));
}

#[tokio::test]
async fn an_impolite_socket_leaves_pings_unanswered() {
    let (listener, options) = listener().await;
    let (report, first) = oneshot::channel();
    let _peer = spawn(async move {
        let ping = Frame::new(Opcode::Ping, "?").encode(Masking::None);
        let mut peer = Peer::upgrade(&listener, &ping).await;
        report.send(peer.frame().await).expect("the test waits");
        stay(peer).await;
    });
    let mut socket = Socket::open(options.replies(Replies::Never)).await.expect("a socket");
    assert_eq!(socket.receive(SOON).await.expect("a ping"), Received::Ping("?".into()));
    socket.send_text("next").await.expect("an open socket");
    assert_eq!(first.await.expect("a frame"), Frame::new(Opcode::Text, "next"));
}

#[tokio::test]
async fn a_text_is_sent_in_as_many_fragments_as_given() {
    let (report, frames) = oneshot::channel();
    let (mut socket, _peer) = opened(b"", async move |mut peer: Peer| {
        let frames = [peer.frame().await, peer.frame().await, peer.frame().await];
        report.send(frames).expect("the test waits");
        stay(peer).await;
    })
    .await;
    socket.send_fragments(&[b"a", b"b", b"c"]).await.expect("an open socket");
    let more = |opcode, text| Frame { finality: Finality::More, ..Frame::new(opcode, text) };
    let expected = [more(Opcode::Text, "a"), more(Opcode::Continuation, "b"), Frame::new(Opcode::Continuation, "c")];
    assert_eq!(frames.await.expect("three frames"), expected);
}

#[tokio::test]
async fn a_close_shows_the_server_s_code_then_the_end() {
    let (mut socket, _peer) = opened(b"", async |mut peer: Peer| {
        assert_eq!(peer.frame().await, Frame::new(Opcode::Close, 1000_u16.to_be_bytes().to_vec()));
        peer.send_json(json!({"type": "event"})).await;
        peer.send(&Frame::new(Opcode::Close, &b"\x03\xe8bye"[..]).encode(Masking::None)).await;
    })
    .await;
    let close = socket.close(1000).await.expect("an answer");
    assert_eq!(close, Close { code: Some(1000), reason: "bye".to_owned() });
    for _ in 0..2 {
        assert_eq!(socket.receive(SOON).await.expect("the end"), Received::End(Ending::Orderly));
    }
}

#[tokio::test]
async fn the_server_s_close_is_answered_once_with_its_code() {
    let close = Frame::new(Opcode::Close, 1012_u16.to_be_bytes().to_vec());
    let (report, answer) = oneshot::channel();
    let (mut socket, _peer) = opened(&close.encode(Masking::None), async move |mut peer: Peer| {
        report.send(peer.frame().await).expect("the test waits");
    })
    .await;
    assert_eq!(socket.wait_for_close(SOON).await.expect("a close").code, Some(1012));
    assert_eq!(answer.await.expect("an answer"), close);
}

#[tokio::test]
async fn an_aborted_socket_reaches_its_peer_as_a_reset() {
    let (report, error) = oneshot::channel();
    let (socket, _peer) = opened(b"", async move |mut peer: Peer| {
        report.send(peer.stream.read(&mut [0]).await).expect("the test waits");
    })
    .await;
    socket.abort().expect("an open socket");
    let error = error.await.expect("an end").expect_err("a reset");
    assert!(is_reset(&error), "{error}");
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_told_apart() {
    let (mut socket, _peer) = opened(b"", async |peer: Peer| {
        peer.stream.set_zero_linger().expect("an open socket");
    })
    .await;
    assert_eq!(socket.receive(SOON).await.expect("the end"), Received::End(Ending::Reset));
}

#[tokio::test]
async fn a_fence_returns_what_came_before_its_pong() {
    let (mut socket, _peer) = opened(b"", async |mut peer: Peer| {
        assert_eq!(peer.frame().await.payload, r#"{"type":"ping"}"#);
        peer.send_json(json!({"type": "event", "n": 1})).await;
        peer.send_json(json!({"type": "pong"})).await;
        peer.send_json(json!({"type": "event", "n": 2})).await;
        stay(peer).await;
    })
    .await;
    assert_eq!(socket.fence(SOON).await.expect("a pong"), [json!({"type": "event", "n": 1})]);
    assert_eq!(socket.expect_json(SOON).await.expect("the later event")["n"], 2);
}

#[tokio::test]
async fn an_unwanted_message_before_the_fence_is_an_error() {
    let (mut socket, _peer) = opened(b"", async |mut peer: Peer| {
        for n in 1..=4 {
            peer.send_json(json!({"n": n})).await;
        }
        stay(peer).await;
    })
    .await;
    let is = |n: i64| move |frame: &Value| frame["n"] == n;
    socket.expect_none_until(is(4), is(2), SOON).await.expect("4 comes behind 2");
    let error = socket.expect_none_until(is(3), is(4), SOON).await.expect_err("3 comes before 4");
    assert!(error.to_string().contains(r#"{"n":3}"#), "{error}");
}

#[tokio::test]
async fn a_wait_in_vain_tells_what_came_instead_and_why_it_ended() {
    let (mut socket, _peer) = opened(b"", async |mut peer: Peer| {
        peer.send_json(json!({"type": "error"})).await;
        peer.send(&Frame::new(Opcode::Close, 1008_u16.to_be_bytes().to_vec()).encode(Masking::None)).await;
    })
    .await;
    let error = socket.wait_for(|frame| frame["type"] == "event", SOON).await.expect_err("no event");
    let text = format!("{error:#}");
    assert!(text.contains(r#"{"type":"error"}"#) && text.contains("1008"), "{text}");
}

#[tokio::test]
async fn a_wait_that_times_out_keeps_what_has_arrived_in_part() {
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let (mut socket, _peer) = opened(b"\x81\x0f{\"type\"", async move |mut peer: Peer| {
        may_go_on.await.expect("the test goes on");
        peer.send(b":\"pong\"}").await;
        stay(peer).await;
    })
    .await;
    socket.receive(Duration::from_millis(20)).await.expect_err("half a frame");
    go_on.send(()).expect("the peer waits");
    assert_eq!(socket.expect_json(SOON).await.expect("the whole frame"), json!({"type": "pong"}));
}

#[tokio::test]
async fn a_request_returns_its_own_answer_or_the_error() {
    let (mut socket, _peer) = opened(b"", async |mut peer: Peer| {
        let subscribe: Value = serde_json::from_slice(&peer.frame().await.payload).expect("JSON");
        assert_eq!(subscribe["data"], json!([{"subscriptionId": "s1", "channels": ["presences"]}]));
        peer.send_json(json!({"type": "event", "data": {}})).await;
        peer.send_json(json!({"type": "response", "data": {"to": "presence"}})).await;
        peer.send_json(json!({"type": "response", "data": {"to": "subscribe", "success": true}})).await;
        peer.frame().await;
        peer.send_json(json!({"type": "error", "data": {"code": 1003}})).await;
        stay(peer).await;
    })
    .await;
    let answer = socket.subscribe("s1", &["presences"]).await.expect("an answer");
    assert_eq!(answer, json!({"to": "subscribe", "success": true}));
    let error = socket.request(&json!({"type": "presence", "data": {}})).await.expect_err("an error frame");
    assert!(error.to_string().contains("1003"), "{error}");
}

#[tokio::test]
async fn a_socket_that_is_not_read_blocks_its_peer() {
    let (listener, options) = listener().await;
    let (report, blocked) = oneshot::channel();
    let _peer = spawn(async move {
        let mut peer = Peer::upgrade(&listener, b"").await;
        // More than the kernel takes for a sender on the loopback together with the small receive buffer.
        let flood = vec![0; 16 << 20];
        report.send(timeout(Duration::from_millis(200), peer.stream.write_all(&flood)).await).expect("the test waits");
        stay(peer).await;
    });
    let socket = Socket::open(options.receive_buffer_bytes(4096)).await.expect("a socket");
    blocked.await.expect("an outcome").expect_err("the peer cannot write it all");
    drop(socket);
}
