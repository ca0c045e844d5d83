//! WebSocket frames as SDKs and strangers send them. Source: RFC 6455; realtime, sections 1.6 and 3.1; sdk-wire,
//! section 3.3 (Apple).

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Finality, Frame, Masking, Opcode, Received, Replies, Socket, SocketOptions};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::words::{heard, open_to_all, refused};

const PING: &str = r#"{"type": "ping"}"#;

#[tokio::test]
async fn frames_without_a_mask_are_accepted() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let options = desk.server.socket_options().header("X-Appwrite-Session", &person.token).masking(Masking::None);
    let mut socket = Socket::open(options.replies(Replies::Never)).await.expect("a socket");
    socket.expect_connected(SOON).await.expect("connected");
    socket.subscribe("s", &["presences"]).await.expect("a subscription");
    super::words::appear(&mut socket, "p", &json!({})).await;
    socket.send_close(None).await.expect("sent");
    socket.wait_for_close(SOON).await.expect("a close frame");
}

#[tokio::test]
async fn a_big_presence_comes_in_frames_of_at_most_16_kib_each_of_whole_characters() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let mut socket = desk.listener(&person).await;
    let user = desk.user().await;
    // `€` has three bytes, so that no boundary falls between characters by itself.
    for filling in ["x".repeat(60_000), "€".repeat(10_000), format!("x{}", "€".repeat(10_000))] {
        let fields = json!({"metadata": {"a": filling}, "permissions": ["read(\"any\")"]});
        let record = desk.put("p", &user, &fields).await;
        let Received::Text(message) = socket.receive(SOON).await.expect("a message") else { panic!("no text") };
        message.check_frames(16 * 1024).expect("small frames");
        assert_eq!(message.json().expect("JSON")["data"]["payload"], record);
        assert!(message.frame_bytes.len() > 1, "{:?}", message.frame_bytes);
    }
}

#[tokio::test]
async fn a_ping_that_comes_with_the_handshake_is_answered_after_connected() {
    let desk = Desk::open().await;
    let mut stream = TcpStream::connect(desk.server.address()).await.expect("a connection");
    let handshake = format!(
        "GET /v1/realtime?project=test HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: tergregfgbsfdgfdsfgdbv==\r\n\r\n",
        desk.server.address()
    );
    let early = Frame::new(Opcode::Text, PING).encode(Masking::None);
    stream.write_all(&[handshake.as_bytes(), &early].concat()).await.expect("sent");
    let mut bytes = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&bytes).contains("pong") {
            assert!(stream.read_buf(&mut bytes).await.expect("bytes") > 0, "it ended");
        }
    };
    tokio::time::timeout(SOON, read).await.expect("a pong");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("HTTP/1.1 101 ") && text.find("connected") < text.find("pong"), "{text}");
}

#[tokio::test]
async fn control_frames_are_answered_even_between_the_parts_of_a_message() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    let (first, second) = PING.as_bytes().split_at(5);
    let part = |opcode, finality, payload: &[u8]| Frame { finality, ..Frame::new(opcode, payload.to_vec()) };
    socket.send_frame(&part(Opcode::Text, Finality::More, first)).await.expect("sent");
    socket.send_ping(b"in between").await.expect("sent");
    assert_eq!(socket.receive(SOON).await.expect("a pong"), Received::Pong("in between".into()));
    socket.send_frame(&part(Opcode::Continuation, Finality::Last, second)).await.expect("sent");
    socket.expect_type("pong", SOON).await.expect("the message is whole");
    socket.send_frame(&Frame::new(Opcode::Pong, "nobody asked")).await.expect("sent");
    socket.fence(SOON).await.expect("it stays open");
}

#[tokio::test]
async fn what_breaks_the_protocol_is_closed_with_the_code_that_says_so() {
    let desk = Desk::open().await;
    let more = |frame: Frame| Frame { finality: Finality::More, ..frame };
    let cases: Vec<(&str, Vec<Frame>, u16)> = vec![
        ("binary", vec![Frame::new(Opcode::Binary, "x")], 1003),
        ("reserved bits", vec![Frame { reserved_bits: 0x40, ..Frame::new(Opcode::Text, PING) }], 1002),
        ("reserved opcode", vec![Frame::new(Opcode::Reserved(3), "x")], 1002),
        ("reserved control opcode", vec![Frame::new(Opcode::Reserved(11), "x")], 1002),
        ("nothing to continue", vec![Frame::new(Opcode::Continuation, "x")], 1002),
        ("two beginnings", vec![more(Frame::new(Opcode::Text, "x")), Frame::new(Opcode::Text, "y")], 1002),
        ("ping in parts", vec![more(Frame::new(Opcode::Ping, "x"))], 1002),
        ("long ping", vec![Frame::new(Opcode::Ping, vec![b'x'; 126])], 1002),
        ("not UTF-8", vec![Frame::new(Opcode::Text, &[0xff][..])], 1007),
        (
            "not UTF-8 in parts",
            vec![more(Frame::new(Opcode::Text, &[0xe2, 0x82][..])), Frame::new(Opcode::Continuation, "x")],
            1007,
        ),
        ("half a close code", vec![Frame::new(Opcode::Close, "x")], 1002),
        ("close code 1005", vec![Frame::new(Opcode::Close, 1005_u16.to_be_bytes().to_vec())], 1002),
        ("close code 999", vec![Frame::new(Opcode::Close, 999_u16.to_be_bytes().to_vec())], 1002),
        ("close reason", vec![Frame::new(Opcode::Close, &[0x03, 0xe8, 0xff][..])], 1007),
    ];
    for (name, frames, code) in cases {
        let mut socket = desk.server.connect_guest().await.expect("a socket");
        for frame in &frames {
            socket.send_frame(frame).await.expect("sent");
        }
        let close = socket.wait_for_close(SOON).await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert_eq!(close.code, Some(code), "{name}");
    }
}

#[tokio::test]
async fn a_message_that_is_not_understood_is_an_error_and_the_socket_stays_open() {
    let desk = Desk::open().await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let deep_rows = format!(r#"{{"type":"subscribe","data":{deep}}}"#);
    for text in ["", "nonsense", "null", "7", "[]", r#"{"x":1}"#, "{", &deep] {
        socket.send_text(text).await.expect("sent");
        let error = socket.expect_type("error", SOON).await.expect("an error");
        assert_eq!(error, json!({"code": 1003, "message": "Message format is not valid."}), "{text:.50}");
    }
    for frame in [json!({"data": {}}), json!({"type": 1}), json!({"type": "what"}), json!({"type": null, "data": {}})] {
        assert_eq!(refused(&mut socket, &frame).await, (1003, "Message type is not valid.".to_owned()), "{frame}");
    }
    socket.send_text(&deep_rows).await.expect("sent");
    assert_eq!(socket.expect_type("error", SOON).await.expect("an error")["code"], 1003);
    socket.send_text(r#"{"type":"ping","data":[1,2,3],"more":{}}"#).await.expect("sent");
    socket.expect_type("pong", SOON).await.expect("whatever else is in it");
}

#[tokio::test]
async fn a_broken_handshake_is_refused_and_opens_nothing() {
    let desk = Desk::open().await;
    let target = "/v1/realtime?project=test";
    let plain = desk.server.guest().get(target).await.expect("an answer");
    assert_eq!(plain.status, 400, "{}", plain.text());
    let mut socket = Socket::open(SocketOptions::new(desk.server.address(), target)).await.expect("a socket");
    socket.expect_connected(SOON).await.expect("connected");
    socket.subscribe("s", &["presences"]).await.expect("a subscription");
    let user = desk.user().await;
    desk.put("p", &user, &open_to_all()).await;
    heard(&mut socket, "p", "upsert").await;
}
