//! What a client can do wrong in its framing, and the close code that answers it.

use super::CloseCode;

/// A violation after which the connection must be closed with [`FrameError::close_code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A reserved bit is set that no extension was agreed on for, or not in this place.
    #[error("a reserved header bit is set")]
    ReservedBits,
    /// The opcode has no meaning in RFC 6455.
    #[error("opcode {0} is reserved")]
    ReservedOpcode(u8),
    /// A ping, pong or close frame is not final.
    #[error("a control frame is fragmented")]
    FragmentedControl,
    /// A ping, pong or close frame declares more than 125 bytes.
    #[error("a control frame is longer than 125 bytes")]
    OversizedControl,
    /// A length takes more bytes than it needs, or its top bit is set.
    #[error("a frame length is not encoded as RFC 6455 demands")]
    InvalidLength,
    /// A continuation arrived, and there is nothing to continue.
    #[error("a continuation frame continues no message")]
    UnexpectedContinuation,
    /// A new message began before the fragmented one had ended.
    #[error("a message began inside an unfinished one")]
    InterruptedMessage,
    /// A message, alone or with its earlier fragments, declares more than the limit.
    #[error("a message is longer than {max_message_bytes} bytes")]
    MessageTooBig {
        /// The limit that was exceeded, in bytes.
        max_message_bytes: usize,
    },
    /// A message that says so is not deflated as RFC 7692 demands.
    #[error("a deflated message is malformed")]
    InvalidDeflate,
    /// A text message or a close reason is not UTF-8.
    #[error("text is not valid UTF-8")]
    InvalidUtf8,
    /// A close frame's payload is a single byte, half a code.
    #[error("a close frame holds half a code")]
    TruncatedCloseCode,
    /// A close frame names a code that must not be sent.
    #[error("close code {0} must not be sent")]
    InvalidCloseCode(u16),
}

impl FrameError {
    /// The code to close the connection with.
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::ReservedBits
            | Self::ReservedOpcode(_)
            | Self::FragmentedControl
            | Self::OversizedControl
            | Self::InvalidLength
            | Self::UnexpectedContinuation
            | Self::InterruptedMessage
            | Self::InvalidDeflate
            | Self::TruncatedCloseCode
            | Self::InvalidCloseCode(_) => CloseCode::PROTOCOL_ERROR,
        }
    }
}
