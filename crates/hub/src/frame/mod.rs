//! The server's side of RFC 6455 framing, and of RFC 7692 on top: bytes in, events out, and back. Owns what a frame
//! looks like; must not know sockets, timers, HTTP types or what a message means.
//!
//! Two readings of the RFC are deliberate. Client frames are accepted with and without a mask,
//! because Apple's SDK sends none. No outgoing frame carries more than [`encode::MAX_FRAME_BYTES`],
//! because the same SDK fails the connection on a longer one.

pub mod close;
pub mod decode;
pub mod deflate;
pub mod encode;
mod error;
pub mod handshake;
mod header;
mod mask;
mod message;
#[cfg(test)]
mod tests;
mod utf8;

pub use close::{CloseCode, Closing};
pub use decode::{Decoder, Event, Inflation};
pub use deflate::Compression;
pub use error::FrameError;

/// Longest payload of a ping, pong or close frame, in bytes. Source: RFC 6455, 5.5.
pub const MAX_CONTROL_BYTES: usize = 125;
