//! One accepted socket: a writer that speaks HTTP until it asks for the upgrade, then a subscriber.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::frames::{FrameKind, first_frame, server_text};
use crate::http::{ROOM_HEADER, first_message, header};
use crate::stamp::{self, STAMP_BYTES};

use super::Event;

/// Bytes that a socket may owe; a reader that is further behind is dropped.
const OWED_BYTES_MAX: usize = 4 << 20;
/// The generator does not check the proof that RFC 6455 wants here, so none is computed.
const UPGRADED: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: unchecked\r\n\r\n";
const CONNECTED: &[u8] = br#"{"type":"connected","data":{"channels":[],"subscriptions":[],"user":null}}"#;
/// A body of the size that the server answers an upsert with.
const ANSWER: &str = r#"{"$id":"5e5ea5c16897e0000001","$createdAt":"2026-08-01T10:00:00.000+00:00","$updatedAt":"2026-08-01T10:00:00.000+00:00","$permissions":["read(\"any\")"],"userId":"5e5ea5c16897e0000002","status":"t=0000000000000000","source":"rest","expiresAt":"2026-08-01T10:15:00.000+00:00","metadata":{"page":"/docs/start","cursor":{"x":120,"y":348}}}"#;

/// What the socket has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Sends requests.
    Writer,
    /// Is upgraded and has not subscribed.
    Visitor,
    /// Hears every event.
    Subscriber,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
#[error("the connection has ended")]
pub(super) struct Ended;

/// A socket with what was read and not understood yet, and what it could not take yet.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) role: Role,
    /// Of a subscriber who hears these rooms alone; the broadcaster takes them away.
    pub(super) rooms: Vec<u32>,
    inbox: Vec<u8>,
    owed: Vec<u8>,
}

impl Connection {
    /// A new connection; the stream does not block.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, role: Role::Writer, rooms: Vec::new(), inbox: Vec::new(), owed: Vec::new() }
    }

    /// Reads once, answers what is whole and adds the events that it holds.
    pub(super) fn on_readable(&mut self, buffer: &mut [u8], events: &mut Vec<Event>) -> Result<(), Ended> {
        match self.stream.read(buffer) {
            Ok(0) => return Err(Ended),
            Ok(count) => self.inbox.extend_from_slice(&buffer[..count]),
            Err(error) if is_transient(error.kind()) => return Ok(()),
            Err(_) => return Err(Ended),
        }
        let mut used = 0;
        while let Some(step) = match self.role {
            Role::Writer => self.take_request(used, events)?,
            Role::Visitor | Role::Subscriber => self.take_frame(used, events)?,
        } {
            used += step;
        }
        self.inbox.drain(..used);
        Ok(())
    }

    fn take_request(&mut self, start: usize, events: &mut Vec<Event>) -> Result<Option<usize>, Ended> {
        let Some(message) = first_message(&self.inbox[start..]).map_err(|_| Ended)? else { return Ok(None) };
        let used = message.message_bytes;
        if message.head.starts_with("GET ") {
            self.role = Role::Visitor;
            let mut greeting = UPGRADED.to_vec();
            greeting.extend(server_text(CONNECTED));
            self.send(&greeting)?;
            return Ok(Some(used));
        }
        if message.head.starts_with("PUT ") {
            let room = header(message.head, ROOM_HEADER).map(str::parse).transpose().map_err(|_| Ended)?;
            events.push(event(message.body, room)?);
        }
        self.send(
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
                ANSWER.len()
            )
            .as_bytes(),
        )?;
        Ok(Some(used))
    }

    fn take_frame(&mut self, start: usize, events: &mut Vec<Event>) -> Result<Option<usize>, Ended> {
        let Some(frame) = first_frame(&self.inbox[start..]) else { return Ok(None) };
        if frame.kind == FrameKind::Close {
            return Err(Ended);
        }
        let message: Value = serde_json::from_slice(&frame.payload).map_err(|_| Ended)?;
        let answer = if message["type"] == "ping" {
            json!({"type": "pong"})
        } else if message["type"] == "presence" {
            events.push(event(&frame.payload, None)?);
            json!({"type": "response", "data": {"to": "presence", "success": true}})
        } else {
            self.role = Role::Subscriber;
            let mut rows = message["data"].clone();
            for row in rows.as_array_mut().into_iter().flatten() {
                let rooms = row["rooms"].as_array().into_iter().flatten();
                self.rooms.extend(rooms.filter_map(Value::as_u64).filter_map(|room| u32::try_from(room).ok()));
                row["queries"] = json!([]);
            }
            json!({"type": "response", "data": {"to": "subscribe", "success": true, "subscriptions": rows}})
        };
        self.send(&server_text(answer.to_string().as_bytes()))?;
        Ok(Some(frame.frame_bytes))
    }

    /// Sends as much as the socket takes, in one call, and keeps the rest.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let mut sent = 0;
        if self.owed.is_empty() {
            sent = match self.stream.write(bytes) {
                Ok(count) => count,
                Err(error) if is_transient(error.kind()) => 0,
                Err(_) => return Err(Ended),
            };
        }
        if self.owed.len() + bytes.len() - sent > OWED_BYTES_MAX {
            return Err(Ended);
        }
        self.owed.extend_from_slice(&bytes[sent..]);
        Ok(())
    }

    /// Sends what is owed.
    pub(super) fn on_writable(&mut self) -> Result<(), Ended> {
        let owed = std::mem::take(&mut self.owed);
        self.send(&owed)
    }

    /// Whether the socket must be watched for room.
    pub(super) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }
}

fn event(body: &[u8], room: Option<u32>) -> Result<Event, Ended> {
    let position = stamp::position(body).ok_or(Ended)?;
    let stamp: [u8; STAMP_BYTES] = *body[position..].first_chunk().ok_or(Ended)?;
    Ok(Event { stamp, room })
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::{Connection, OWED_BYTES_MAX};
    use crate::poller::{Interest, Poller};

    fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let reader = TcpStream::connect(listener.local_addr().expect("bound")).expect("the listener listens");
        let (stream, _) = listener.accept().expect("somebody connects");
        stream.set_nonblocking(true).expect("a socket can be non-blocking");
        (Connection::new(stream), reader)
    }

    #[test]
    fn what_a_socket_does_not_take_at_once_arrives_later_and_in_order() {
        let (mut connection, mut reader) = pair();
        let bytes: Vec<u8> = (0..3_u32 << 20).map(|number| (number % 251) as u8).collect();
        // Before anybody reads, until more is owed than a socket holds.
        let mut sent = Vec::new();
        while !connection.owes() {
            connection.send(&bytes).expect("less is owed than may be");
            sent.extend_from_slice(&bytes);
        }
        let expected = sent.len();
        let reading = std::thread::spawn(move || {
            let mut received = vec![0; expected];
            reader.read_exact(&mut received).map(|()| received)
        });
        let mut poller = Poller::new(1).expect("epoll exists");
        poller.add(&connection.stream, 0, Interest::ReadWrite).expect("a socket can be watched");
        while connection.owes() {
            poller.wait(Some(10_000_000)).expect("waiting works");
            connection.on_writable().expect("the reader reads");
        }
        let received = reading.join().expect("the reader does not panic").expect("all bytes come");
        assert!(received == sent, "the bytes arrive as they were sent");
    }

    #[test]
    fn a_reader_that_never_reads_is_dropped_at_the_bound() {
        let (mut connection, _reader) = pair();
        let bytes = vec![0; 1 << 20];
        let outcome = (0..1_000).try_for_each(|_| connection.send(&bytes));
        assert!(outcome.is_err());
        assert!(connection.owed.len() <= OWED_BYTES_MAX);
    }
}
