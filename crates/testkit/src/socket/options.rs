//! How a socket is opened and how it behaves.

use std::net::SocketAddr;

use crate::http::push_query;

/// Everything about a connection before it exists.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) masking: Masking,
    pub(super) replies: Replies,
    pub(super) handshake_key: Option<String>,
    pub(super) receive_buffer_bytes: Option<u32>,
}

/// Whether client frames are masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// With a random key each, as RFC 6455 demands.
    Random,
    /// Not at all, as the Apple SDK sends them.
    None,
}

/// Whether the socket answers control frames by itself when it receives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// A pong for a ping, a close frame for a close frame.
    Automatic,
    /// Nothing, as the Apple SDK does with pings.
    Never,
}

impl SocketOptions {
    /// A socket to `path` at the server or proxy at `address`: masked, polite, without headers of its own.
    #[must_use]
    pub fn new(address: SocketAddr, path: &str) -> Self {
        Self {
            address,
            host: address.to_string(),
            target: path.to_owned(),
            headers: Vec::new(),
            masking: Masking::Random,
            replies: Replies::Automatic,
            handshake_key: None,
            receive_buffer_bytes: None,
        }
    }

    /// Adds a query parameter, percent-encoding both parts.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        push_query(&mut self.target, name, value);
        self
    }

    /// Replaces the request target, path and query, with this text as it is.
    #[must_use]
    pub fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Adds a header beside others of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Connects to another address, such as that of a proxy, with the same `Host`.
    #[must_use]
    pub fn via(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sets whether frames are masked.
    #[must_use]
    pub fn masking(mut self, masking: Masking) -> Self {
        self.masking = masking;
        self
    }

    /// Sets whether control frames are answered.
    #[must_use]
    pub fn replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }

    /// Sets `Sec-WebSocket-Key`; random otherwise.
    #[must_use]
    pub fn handshake_key(mut self, key: &str) -> Self {
        self.handshake_key = Some(key.to_owned());
        self
    }

    /// Asks for a small receive buffer (`SO_RCVBUF`), so that a socket that is not read blocks its server soon. The
    /// kernel takes the number as a hint and has a minimum of some KiB.
    #[must_use]
    pub fn receive_buffer_bytes(mut self, bytes: u32) -> Self {
        self.receive_buffer_bytes = Some(bytes);
        self
    }
}
