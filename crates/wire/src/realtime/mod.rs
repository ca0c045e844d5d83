//! Realtime frames: what a client may send, and what a server sends.
//!
//! Source: realtime, sections 2 and 3.

mod incoming;
mod outgoing;

pub use incoming::{Incoming, InvalidFrame, PresenceFrame, SubscribeRow, parse};
pub use outgoing::{
    EventFrame, EventKind, PresenceAction, Subscribed, authenticated, connected, error, pong, presence_response,
    quoted_ids, snapshot_end, subscribe_response, unsubscribe_response,
};
