//! Who listens to what, and how bytes reach them: subscriptions, matching, encoding once, outboxes,
//! WebSocket and event-stream framing, and one connection's protocol as a state machine without I/O.
//!
//! Knows nothing of HTTP, of the broker or of accounts: `server` tells it who somebody is and pumps the
//! entries of the projects' orders into [`Hub`].

pub mod channel;
pub mod connection;
pub mod event_stream;
pub mod frame;
mod hub;
mod index;
mod matching;
pub mod meter;
pub mod outbox;
pub mod page;
mod position;
mod subscription;
#[cfg(test)]
mod testing;
pub mod transport;

pub use hub::{Hub, Tally, Wish};
pub use position::Position;
pub use subscription::Subscription;
