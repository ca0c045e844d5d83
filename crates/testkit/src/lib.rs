//! What tests need to drive the real `herenow` binary from outside: a server process on a free port, an HTTP
//! client, a WebSocket client that can misbehave, a proxy that cuts connections. It knows the wire and the
//! command line, and nothing of the server's insides.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use herenow_testkit::{Server, ServerOptions};
//! # async fn example() -> anyhow::Result<()> {
//! let server = Server::start(ServerOptions::new()).await?;
//! let ada = server.new_user("Ada").await?;
//! let mut socket = server.connect_as(&ada.token).await?;
//! socket.subscribe("s1", &["presences"]).await?;
//! socket.send_json(&serde_json::json!({"type": "presence", "data": {"status": "online"}})).await?;
//! socket.wait_for(|frame| frame["type"] == "event", Duration::from_secs(5)).await?;
//! # Ok(())
//! # }
//! ```

mod accounts;
mod clock;
mod http;
mod proxy;
mod server;
mod socket;
mod tasks;
mod unique;
mod wait;

pub use accounts::SignedIn;
pub use clock::{now, timestamp_after, unix_millis};
pub use http::{Cookie, EventStream, Http, Request, Response, Streamed};
pub use proxy::CuttingProxy;
pub use server::{DEFAULT_SCOPES, PROJECT, RateLimits, Server, ServerOptions, Signal, binary, run};
pub use socket::{
    Close, Ending, Finality, Frame, Masking, Message, Opcode, Opened, Received, Replies, Socket, SocketOptions,
};
pub use tasks::{Task, spawn};
pub use unique::{random_bytes, unique_id};
pub use wait::await_until;
