//! `permessage-deflate` (RFC 7692), always without context takeover: what is agreed on in the handshake, and messages
//! that stand for themselves, so that a connection keeps no compressor between them and one compression serves all.
//! Knows no frames and no receivers.

mod compress;
mod inflate;
mod offer;

pub use compress::Deflated;
#[cfg(test)]
pub(crate) use compress::compressions;
pub(super) use inflate::inflate;
pub use offer::{Agreement, negotiate};

/// What was agreed on in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Nothing: every message travels as it is.
    #[default]
    None,
    /// Any message may travel deflated; ours within this window.
    Deflate(Window),
}

/// How far back the client's inflater can look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    bits: u8,
}

impl Window {
    /// 32 KiB, what a client has that asks for nothing else.
    pub const FULL: Self = Self { bits: 15 };

    /// Whether a message of so many bytes, inflated, looks back no further than this, whatever it says.
    #[must_use]
    pub fn holds(self, message_bytes: usize) -> bool {
        // Deflate itself never looks back further than the full window.
        self == Self::FULL || message_bytes <= 1 << self.bits
    }
}
