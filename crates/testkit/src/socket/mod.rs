//! A WebSocket client (RFC 6455) that shows what a library hides: control frames, close codes, the size of every
//! frame; and that can do what a library will not: send unmasked or broken frames, leave pings unanswered, vanish.
//!
//! Nothing is read unless a test asks for a frame. To play a slow reader, open with a small
//! [`receive_buffer_bytes`](SocketOptions::receive_buffer_bytes) and do not ask.

mod expect;
mod frame;
mod handshake;
mod message;
mod options;

use std::{io, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

pub use frame::{Finality, Frame, Opcode};
pub use handshake::Opened;
pub use message::{Close, Ending, Message, Received};
pub use options::{Masking, Replies, SocketOptions};

use crate::Response;
use message::Assembly;

/// A server that reads takes a frame at once; one that does not must not hang the test.
const SEND_DEADLINE: Duration = Duration::from_secs(10);
/// A close frame is answered at once.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// An open connection. Dropping it ends the TCP connection in an orderly way, without a close frame.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
    assembly: Assembly,
    masking: Masking,
    replies: Replies,
    sent_close: bool,
    /// The answer to the handshake.
    pub handshake: Response,
}

impl Socket {
    /// Opens a connection.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses; to look at a refusal, see [`try_open`](Self::try_open).
    pub async fn open(options: SocketOptions) -> Result<Self> {
        match Self::try_open(options).await? {
            Opened::Socket(socket) => Ok(*socket),
            Opened::Refused(response) => bail!("no WebSocket, but {}: {}", response.status, response.text()),
        }
    }

    /// Opens a connection, or returns the HTTP answer that refuses it.
    ///
    /// # Errors
    /// When the server cannot be reached, or its handshake breaks RFC 6455.
    pub async fn try_open(options: SocketOptions) -> Result<Opened> {
        handshake::open(options).await
    }

    /// Sends a text message in one frame.
    ///
    /// # Errors
    /// When the connection is broken or takes nothing for 10 s; here and in all that send.
    pub async fn send_text(&mut self, text: &str) -> Result<()> {
        self.send_frame(&Frame::new(Opcode::Text, text.to_owned())).await
    }

    /// Sends a JSON value as a text message.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_json(&mut self, value: &Value) -> Result<()> {
        self.send_text(&value.to_string()).await
    }

    /// Sends a text message in one frame for each part.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_fragments(&mut self, parts: &[&[u8]]) -> Result<()> {
        for (index, part) in parts.iter().enumerate() {
            let opcode = if index == 0 { Opcode::Text } else { Opcode::Continuation };
            let finality = if index + 1 == parts.len() { Finality::Last } else { Finality::More };
            self.send_frame(&Frame { finality, ..Frame::new(opcode, part.to_vec()) }).await?;
        }
        Ok(())
    }

    /// Sends a ping control frame, at most 125 bytes.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_ping(&mut self, payload: &[u8]) -> Result<()> {
        self.send_frame(&Frame::new(Opcode::Ping, payload.to_vec())).await
    }

    /// Sends any frame, masked as the options said.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_frame(&mut self, frame: &Frame) -> Result<()> {
        self.send_raw(&frame.encode(self.masking)).await
    }

    /// Sends bytes as they are, below all framing.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> Result<()> {
        let sent = timeout(SEND_DEADLINE, self.stream.write_all(bytes)).await;
        sent.with_context(|| format!("the server took nothing for {SEND_DEADLINE:?}"))?.context("the socket is broken")
    }

    /// Sends a close frame without waiting for the answer; `None` for the empty one that some SDKs send.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_close(&mut self, code: Option<u16>) -> Result<()> {
        self.sent_close = true;
        let payload = code.map_or_else(Vec::new, |code| code.to_be_bytes().to_vec());
        self.send_frame(&Frame::new(Opcode::Close, payload)).await
    }

    /// Closes cleanly: sends a close frame and waits for the server's, passing over what was on its way.
    ///
    /// # Errors
    /// When the server does not answer with a close frame within 5 s.
    pub async fn close(&mut self, code: u16) -> Result<Close> {
        self.send_close(Some(code)).await?;
        self.wait_for_close(CLOSE_DEADLINE).await
    }

    /// Vanishes: drops the connection with a TCP reset and no close frame.
    ///
    /// # Errors
    /// When the socket refuses the option that makes its end a reset.
    pub fn abort(self) -> Result<()> {
        self.stream.set_zero_linger().context("a reset cannot be asked for")
    }

    /// The next message, control frame or end; after an end always that end again. A wait that times out, or is
    /// dropped, loses nothing.
    ///
    /// # Errors
    /// When nothing comes within `within`, or the server breaks RFC 6455.
    pub async fn receive(&mut self, within: Duration) -> Result<Received> {
        let received = timeout(within, self.receive_next()).await;
        let received = received.with_context(|| format!("nothing came within {within:?}"))??;
        self.reply_to(&received).await;
        Ok(received)
    }

    async fn receive_next(&mut self) -> Result<Received> {
        loop {
            while let Some(frame) = Frame::decode(&mut self.buffer)? {
                if let Some(received) = self.assembly.add(frame)? {
                    return Ok(received);
                }
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Ok(Received::End(Ending::Orderly)),
                Ok(_) => {}
                Err(error) if is_reset(&error) => return Ok(Received::End(Ending::Reset)),
                Err(error) => return Err(error).context("the socket cannot be read"),
            }
        }
    }

    /// What RFC 6455 asks of every endpoint. A peer that is gone already needs no reply, and its end is read next.
    async fn reply_to(&mut self, received: &Received) {
        if self.replies == Replies::Never {
            return;
        }
        match received {
            Received::Ping(payload) => {
                let _ = self.send_frame(&Frame::new(Opcode::Pong, payload.clone())).await;
            }
            Received::Close(close) if !self.sent_close => {
                let _ = self.send_close(close.code).await;
            }
            _ => {}
        }
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests;
