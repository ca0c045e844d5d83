//! The writer: presences of many users, written over a few connections that stay open.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::connect::connect;
use crate::http::{Credentials, HttpClient, ROOM_HEADER, expect_success, first_message, request, request_with};
use crate::poller::{Interest, Poller};
use crate::stage::random_id;
use crate::stamp::{self, STAMP_BYTES};

/// Tokens from here on belong to writer connections, those below to subscribers.
pub(crate) const WRITER_TOKENS: u64 = 1 << 32;
const READ_BYTES: usize = 16 << 10;

/// Who hears of a presence.
#[derive(Debug, Clone)]
pub(crate) struct Audience {
    /// For the server, as a client writes it.
    pub(crate) permission: String,
    /// For a reference; none is everybody.
    pub(crate) room: Option<u32>,
}

impl Audience {
    /// Everybody who listens.
    pub(crate) fn everybody() -> Self {
        Self { permission: "read(\"any\")".into(), room: None }
    }
}

/// A presence whose status is written again and again.
struct Presence {
    id: String,
    owner: String,
    request: Vec<u8>,
    stamp_start: usize,
}

impl Presence {
    /// Makes the user who owns it, and the request that is going to be sent.
    fn create(client: &mut HttpClient, credentials: &Credentials, audience: &Audience) -> anyhow::Result<Self> {
        let (user_id, presence_id) = (random_id()?, random_id()?);
        let user = json!({"userId": user_id}).to_string();
        client.send(&request("POST", "/v1/users", credentials, &user)).context("cannot create a user")?;
        let body = json!({
            "userId": user_id,
            "status": stamp::blank(),
            "permissions": [audience.permission],
            "metadata": {"page": "/docs/start", "cursor": {"x": 120, "y": 348}},
        });
        let room = audience.room.map_or_else(String::new, |room| format!("{ROOM_HEADER}: {room}\r\n"));
        let path = format!("/v1/presences/{presence_id}");
        let request = request_with(&room, "PUT", &path, credentials, &body.to_string());
        let stamp_start = stamp::position(&request).context("the request holds the stamp of its body")?;
        Ok(Self { id: presence_id, owner: user_id, request, stamp_start })
    }

    fn stamped(&mut self, moment_us: u64) -> &[u8] {
        stamp::put(&mut self.request[self.stamp_start..self.stamp_start + STAMP_BYTES], moment_us);
        &self.request
    }
}

struct Connection {
    stream: TcpStream,
    inbox: Vec<u8>,
}

/// How many presences are written over how many connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriterPlan {
    /// More than can be under way, so that no event may be conflated with a later one.
    pub(crate) presences: usize,
    /// Each carries one request at a time.
    pub(crate) connections: usize,
}

/// All presences take turns, and each goes over the connection that has been idle for longest: none
/// starves into an idle timeout of the server.
pub(crate) struct Writer {
    presences: Vec<Presence>,
    next_presence: usize,
    connections: Vec<Connection>,
    idle: VecDeque<usize>,
}

impl Writer {
    /// Creates users and presences, each written once, before anybody listens.
    pub(crate) fn prepare(address: SocketAddr, credentials: &Credentials, plan: WriterPlan) -> anyhow::Result<Self> {
        Self::prepare_for(address, credentials, plan, |_| Audience::everybody())
    }

    /// The same for an audience by the number of each presence.
    pub(crate) fn prepare_for(
        address: SocketAddr,
        credentials: &Credentials,
        plan: WriterPlan,
        audience: impl Fn(usize) -> Audience,
    ) -> anyhow::Result<Self> {
        let mut client = HttpClient::open(address)?;
        let mut presences = Vec::with_capacity(plan.presences);
        for number in 0..plan.presences {
            let mut presence = Presence::create(&mut client, credentials, &audience(number))?;
            client.send(presence.stamped(0)).context("cannot write a presence")?;
            presences.push(presence);
        }
        Ok(Self { presences, next_presence: 0, connections: Vec::new(), idle: VecDeque::new() })
    }

    /// The ids of what it writes, in the order in which they take turns.
    pub(crate) fn presence_ids(&self) -> impl Iterator<Item = &str> {
        self.presences.iter().map(|presence| presence.id.as_str())
    }

    /// The users who own them, in the same order.
    pub(crate) fn owners(&self) -> impl Iterator<Item = &str> {
        self.presences.iter().map(|presence| presence.owner.as_str())
    }

    /// Writes one presence once, and waits for the answer.
    pub(crate) fn write_once(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let presence = self.presences.first_mut().context("a writer has a presence")?;
        HttpClient::open(address)?.send(presence.stamped(0))
    }

    /// Closes the connections that the engine wrote over: the server closes those that are idle for long, which must not
    /// pass for a loss.
    pub(crate) fn disconnect(&mut self) -> anyhow::Result<()> {
        ensure!(self.is_done(), "a write is still under way");
        self.connections.clear();
        self.idle.clear();
        Ok(())
    }

    /// Opens the connections that the engine writes over, in place of those that it had.
    pub(crate) fn connect(&mut self, address: SocketAddr, plan: WriterPlan, poller: &Poller) -> anyhow::Result<()> {
        self.disconnect()?;
        for index in 0..plan.connections {
            let stream = connect(address, 0)?;
            stream.set_nonblocking(true)?;
            poller.add(&stream, WRITER_TOKENS + index as u64, Interest::Read)?;
            self.connections.push(Connection { stream, inbox: Vec::new() });
            self.idle.push_back(index);
        }
        Ok(())
    }

    /// Whether a connection is free.
    pub(crate) fn is_free(&self) -> bool {
        !self.idle.is_empty()
    }

    /// Whether every request was answered.
    pub(crate) fn is_done(&self) -> bool {
        self.idle.len() == self.connections.len()
    }

    /// Sends the next presence with the moment for which it was planned.
    pub(crate) fn write(&mut self, moment_us: u64) -> anyhow::Result<()> {
        let index = self.idle.pop_front().context("the caller has asked for a free connection")?;
        let number = self.next_presence;
        self.next_presence = (number + 1) % self.presences.len();
        let request = self.presences[number].stamped(moment_us);
        let sent = self.connections[index].stream.write(request).context("a writer was closed")?;
        ensure!(sent == request.len(), "an idle connection takes a request as a whole");
        Ok(())
    }

    /// Reads the answer of a connection that is ready, and frees it.
    pub(crate) fn on_readable(&mut self, token: u64) -> anyhow::Result<()> {
        let index = usize::try_from(token - WRITER_TOKENS)?;
        let connection = self.connections.get_mut(index).context("the poller names a writer that was opened")?;
        let mut chunk = [0; READ_BYTES];
        let count = match connection.stream.read(&mut chunk) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(()),
            other => other.context("a writer was closed")?,
        };
        ensure!(count > 0, "the server closed a writer");
        connection.inbox.extend_from_slice(&chunk[..count]);
        if let Some(message) = first_message(&connection.inbox)? {
            expect_success(&message)?;
            ensure!(message.message_bytes == connection.inbox.len(), "an answer nobody asked for");
            connection.inbox.clear();
            self.idle.push_back(index);
        }
        Ok(())
    }
}
