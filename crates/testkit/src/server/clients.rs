//! Clients of a server under the declared project, one for each kind of caller.

use std::time::Duration;

use anyhow::Result;

use super::{PROJECT, Server};
use crate::{Http, Socket, SocketOptions};

/// From the handshake to the `connected` frame.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

impl Server {
    /// A caller without credentials.
    #[must_use]
    pub fn guest(&self) -> Http {
        Http::new(self.address).with_header("X-Appwrite-Project", PROJECT)
    }

    /// A server-side caller with the project's key.
    #[must_use]
    pub fn as_key(&self) -> Http {
        self.guest().with_header("X-Appwrite-Key", self.key())
    }

    /// A signed-in user, by the encoded session token in a header.
    #[must_use]
    pub fn as_session(&self, token: &str) -> Http {
        self.guest().with_header("X-Appwrite-Session", token)
    }

    /// A signed-in user, by a JWT.
    #[must_use]
    pub fn as_jwt(&self, jwt: &str) -> Http {
        self.guest().with_header("X-Appwrite-JWT", jwt)
    }

    /// A WebSocket to the declared project, to be filled in and opened.
    #[must_use]
    pub fn socket_options(&self) -> SocketOptions {
        SocketOptions::new(self.address, "/v1/realtime").query("project", PROJECT)
    }

    /// Opens a socket for a signed-in user and takes the `connected` frame off it.
    ///
    /// # Errors
    /// When the socket does not open or greets as somebody else's.
    pub async fn connect_as(&self, token: &str) -> Result<Socket> {
        let mut socket = Socket::open(self.socket_options().header("X-Appwrite-Session", token)).await?;
        let greeting = socket.expect_connected(CONNECT_DEADLINE).await?;
        anyhow::ensure!(greeting["user"].is_object(), "the session was not honoured: {greeting}");
        Ok(socket)
    }

    /// Opens a socket without credentials and takes the `connected` frame off it.
    ///
    /// # Errors
    /// When the socket does not open.
    pub async fn connect_guest(&self) -> Result<Socket> {
        let mut socket = Socket::open(self.socket_options()).await?;
        let greeting = socket.expect_connected(CONNECT_DEADLINE).await?;
        anyhow::ensure!(greeting["user"].is_null(), "no credentials were sent: {greeting}");
        Ok(socket)
    }
}
