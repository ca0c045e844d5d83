//! From a TCP connection to a subscription, as an SDK does it: upgrade, `connected`, `subscribe`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::connect::connect;
use crate::frames::{FrameKind, client_text, first_frame};
use crate::http::{first_message, status};
use crate::stage::random_id;

/// A row of a `subscribe` frame: an id of its own, the given channels, no queries.
pub(crate) fn subscribe_row(channels: &[&str]) -> anyhow::Result<String> {
    let row = serde_json::json!({"subscriptionId": random_id()?, "channels": channels});
    Ok(row.to_string())
}

/// The same for a reference, from which this one hears these rooms alone.
pub(crate) fn room_row(rooms: &[u32]) -> anyhow::Result<String> {
    let row = serde_json::json!({"subscriptionId": random_id()?, "channels": ["presences"], "rooms": rooms});
    Ok(row.to_string())
}

/// As whom a subscriber comes, and what it listens to.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    /// The secret of a session; none is a guest.
    pub(crate) session: Option<String>,
    /// Rows of its `subscribe` frame.
    pub(crate) row: String,
}

impl Seat {
    /// A guest who listens to `presences`.
    pub(crate) fn guest() -> anyhow::Result<Self> {
        Ok(Self { session: None, row: subscribe_row(&["presences"])? })
    }
}

/// A socket that still blocks.
pub(crate) struct Handshake {
    stream: TcpStream,
    inbox: Vec<u8>,
}

impl Handshake {
    /// Connects, and takes the seat.
    pub(crate) fn seated(address: SocketAddr, client: usize, project: &str, seat: &Seat) -> anyhow::Result<Self> {
        let mut this = match &seat.session {
            Some(session) => Self::open_as(address, client, project, session)?,
            None => Self::open(address, client, project)?,
        };
        this.subscribe(&seat.row)?;
        Ok(this)
    }

    /// Connects, upgrades and waits for `connected`.
    pub(crate) fn open(address: SocketAddr, client: usize, project: &str) -> anyhow::Result<Self> {
        Self::open_with(address, client, project, "")
    }

    /// The same as a signed-in user.
    pub(crate) fn open_as(address: SocketAddr, client: usize, project: &str, session: &str) -> anyhow::Result<Self> {
        Self::open_with(address, client, project, &format!("X-Appwrite-Session: {session}\r\n"))
    }

    fn open_with(address: SocketAddr, client: usize, project: &str, headers: &str) -> anyhow::Result<Self> {
        let mut this = Self { stream: connect(address, client)?, inbox: Vec::new() };
        let request = format!(
            "GET /v1/realtime?project={project} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n{headers}\r\n",
            websocket_key()?
        );
        this.stream.write_all(request.as_bytes())?;
        this.take_upgrade()?;
        let greeting = this.next_message()?;
        ensure!(greeting["type"] == "connected", "instead of `connected` the server sent {greeting}");
        Ok(this)
    }

    /// Subscribes and waits for the response.
    pub(crate) fn subscribe(&mut self, row: &str) -> anyhow::Result<()> {
        self.stream.write_all(&client_text(&format!(r#"{{"type":"subscribe","data":[{row}]}}"#)))?;
        let answer = self.next_message()?;
        ensure!(
            answer["type"] == "response" && answer["data"]["success"] == true,
            "a subscription was answered with {answer}"
        );
        Ok(())
    }

    /// Writes bytes that are already framed.
    pub(crate) fn send(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(frame).context("a socket was closed")
    }

    /// Waits for one more message.
    pub(crate) fn next_payload(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            while let Some(frame) = first_frame(&self.inbox) {
                self.inbox.drain(..frame.frame_bytes);
                match frame.kind {
                    FrameKind::Message => return Ok(frame.payload),
                    FrameKind::Other => {}
                    FrameKind::Close => anyhow::bail!("the server closed a subscriber during its handshake"),
                }
            }
            self.fill()?;
        }
    }

    /// The socket, and what was read and not asked for.
    pub(crate) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.inbox)
    }

    fn next_message(&mut self) -> anyhow::Result<Value> {
        let payload = self.next_payload()?;
        serde_json::from_slice(&payload).context("a message is not JSON")
    }

    fn take_upgrade(&mut self) -> anyhow::Result<()> {
        loop {
            if let Some(message) = first_message(&self.inbox)? {
                ensure!(status(message.head) == Some(101), "the upgrade was answered with {}", message.head);
                let used = message.message_bytes;
                self.inbox.drain(..used);
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).context("a subscriber got nothing in time")?;
        ensure!(count > 0, "the server closed a subscriber during its handshake");
        self.inbox.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

/// The payload of the event that `write` causes, as this subscriber hears it.
pub(crate) fn first_event(
    address: SocketAddr,
    project: &str,
    seat: &Seat,
    write: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Vec<u8>> {
    let mut handshake = Handshake::seated(address, 0, project, seat)?;
    write()?;
    handshake.next_payload()
}

fn websocket_key() -> anyhow::Result<String> {
    use base64::Engine as _;
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes))
}
