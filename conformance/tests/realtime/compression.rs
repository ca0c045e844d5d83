//! permessage-deflate as a browser has it: events deflated for who offered it, and for nobody else; a client's messages
//! inflated, and no further than the limit. Source: RFC 7692; `docs/configuration.md`, `compression`.

use anyhow::{Context, Result, ensure};
use herenow_conformance::desk::{Desk, SOON};
use herenow_hub::frame::{
    Closing, Compression, Decoder, Event,
    deflate::{Deflated, Window},
    encode,
};
use herenow_testkit::{ServerOptions, SignedIn};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const OFFER: &str = "permessage-deflate; client_max_window_bits";
const DEFLATED_TEXT: u8 = 0xc1;
const PLAIN_TEXT: u8 = 0x81;

/// A client that offers compression; the testkit's own does not, and takes a deflated frame for an error.
struct Client {
    stream: TcpStream,
    bytes: Vec<u8>,
    decoder: Decoder,
    /// What the server answered to the offer.
    agreed: Option<String>,
}

/// What the server sent: its first byte, and what it says.
enum Heard {
    Json(u8, Value),
    Closed(Option<Closing>),
}

impl Client {
    async fn open(desk: &Desk, user: &SignedIn) -> Result<Self> {
        let server = &desk.server;
        let mut stream = TcpStream::connect(server.address()).await?;
        let request = format!(
            "GET /v1/realtime?project={} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Extensions: {OFFER}\r\nX-Appwrite-Session: {}\r\n\r\n",
            server.project(),
            server.address(),
            user.token,
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(timeout(SOON, stream.read_buf(&mut bytes)).await?? > 0, "an answer without an end");
        };
        let head = String::from_utf8(bytes.drain(..end).collect())?;
        ensure!(head.starts_with("HTTP/1.1 101 "), "no upgrade: {head}");
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        let agreed = headers.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-extensions"));
        let decoder = Decoder::with_compression(1 << 20, Compression::Deflate(Window::FULL));
        let mut client = Self { stream, bytes, decoder, agreed: agreed.map(|(_, value)| value.to_owned()) };
        client.wait_for("connected").await?;
        Ok(client)
    }

    /// Sends a message, deflated.
    async fn send(&mut self, message: &str) -> Result<()> {
        let mut frame = Vec::new();
        Deflated::of(message.as_bytes()).context("it shrinks")?.write_text(&mut frame, [b"", b""]);
        ensure!(frame[0] & 0x40 != 0, "it says that it is deflated");
        Ok(self.stream.write_all(&frame).await?)
    }

    async fn subscribe(&mut self) -> Result<()> {
        let mut frame = Vec::new();
        let message = json!({"type": "subscribe", "data": [{"subscriptionId": "s", "channels": ["presences"]}]});
        encode::write_text(&mut frame, &[message.to_string().as_bytes()]);
        self.stream.write_all(&frame).await?;
        self.wait_for("response").await.map(drop)
    }

    async fn hear(&mut self) -> Result<Heard> {
        loop {
            // No message of these tests is longer than a frame, so that what is decoded begins with its first byte.
            if let Some(first) = self.bytes.first().copied() {
                let length = match self.bytes[1..] {
                    [126, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
                    [short @ 0..126, ..] => 2 + usize::from(short),
                    _ => usize::MAX,
                };
                if length <= self.bytes.len() {
                    let mut frame: Vec<u8> = self.bytes.drain(..length).collect();
                    return match self.decoder.decode(&mut &mut frame[..])?.context("a whole message")? {
                        Event::Text(text) => Ok(Heard::Json(first, serde_json::from_str(&text)?)),
                        Event::Close(closing) => Ok(Heard::Closed(closing)),
                        other => anyhow::bail!("not expected: {other:?}"),
                    };
                }
            }
            ensure!(timeout(SOON, self.stream.read_buf(&mut self.bytes)).await?? > 0, "the connection ended");
        }
    }

    /// The first byte and the text of the next message of this type.
    async fn wait_for(&mut self, kind: &str) -> Result<(u8, Value)> {
        loop {
            match self.hear().await? {
                Heard::Json(first, message) if message["type"] == kind => return Ok((first, message)),
                Heard::Json(..) => {}
                Heard::Closed(closing) => anyhow::bail!("closed: {closing:?}"),
            }
        }
    }

    async fn wait_for_close(&mut self) -> Result<u16> {
        loop {
            if let Heard::Closed(closing) = self.hear().await? {
                return Ok(closing.context("a code")?.code.get());
            }
        }
    }
}

async fn upsert(desk: &Desk, user: &SignedIn) {
    let body = json!({"userId": user.user_id, "status": "online", "permissions": ["read(\"any\")"]});
    let answer = desk.server.as_key().put("/v1/presences/deflated", &body).await.expect("an answer");
    answer.expect_status(200).expect("written");
}

#[tokio::test]
async fn an_event_is_deflated_for_who_offered_it_and_for_nobody_else() {
    let desk = Desk::open().await;
    let user = desk.server.new_user("ada").await.expect("a user");
    let mut deflated = Client::open(&desk, &user).await.expect("a socket");
    let answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assert_eq!(deflated.agreed.as_deref(), Some(answer));
    deflated.subscribe().await.expect("subscribed");
    let mut plain = desk.server.connect_as(&user.token).await.expect("a socket");
    assert_eq!(plain.handshake.header("sec-websocket-extensions"), None);
    plain.subscribe("s", &["presences"]).await.expect("subscribed");
    upsert(&desk, &user).await;
    let (first, event) = deflated.wait_for("event").await.expect("an event");
    assert_eq!(first, DEFLATED_TEXT);
    assert_eq!(plain.expect_type("event", SOON).await.expect("an event"), event["data"]);
}

#[tokio::test]
async fn a_deflated_message_is_understood_and_one_that_inflates_beyond_the_limit_ends_the_connection() {
    let desk = Desk::open().await;
    let user = desk.server.new_user("ada").await.expect("a user");
    let mut client = Client::open(&desk, &user).await.expect("a socket");
    client.send(&format!(r#"{{"type":"ping","x":"{}"}}"#, "x".repeat(60_000))).await.expect("sent");
    client.wait_for("pong").await.expect("it was understood");
    client.send(&"x".repeat(64_001)).await.expect("sent");
    assert_eq!(client.wait_for_close().await.expect("a close frame"), 1009);
}

#[tokio::test]
async fn nothing_is_deflated_where_compression_is_off() {
    let desk = Desk::with(ServerOptions::new().settings("compression = \"off\"")).await;
    let user = desk.server.new_user("ada").await.expect("a user");
    let mut client = Client::open(&desk, &user).await.expect("a socket");
    assert_eq!(client.agreed, None);
    client.subscribe().await.expect("subscribed");
    upsert(&desk, &user).await;
    assert_eq!(client.wait_for("event").await.expect("an event").0, PLAIN_TEXT);
    client.send(&"x".repeat(200)).await.expect("sent");
    assert_eq!(client.wait_for_close().await.expect("a close frame"), 1002);
}
