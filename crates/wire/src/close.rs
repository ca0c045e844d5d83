//! Close codes of WebSockets, and what the SDKs do on each.
//!
//! Source: RFC 6455, section 7.4; sdk-wire, section 3 ("stops reconnecting on"); semantics 9 and 17.

/// Why the server closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The reply to a client's close without a code, or an end that both wanted.
    Normal,
    /// The session that authenticated the socket ended: SDKs come back as guests or with a new one.
    GoingAway,
    /// The frames break RFC 6455.
    Protocol,
    /// A binary message, which nothing here understands.
    Unsupported,
    /// Text that is not UTF-8.
    NotUtf8,
    /// Policy: SDKs stop reconnecting for good.
    Policy,
    /// A message over the limit.
    TooBig,
    /// A failure of ours.
    Internal,
    /// The server restarts: come back.
    ServiceRestart,
    /// The socket cannot keep up, or is one too many: come back later.
    TryAgainLater,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::Protocol => 1002,
            Self::Unsupported => 1003,
            Self::NotUtf8 => 1007,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::ServiceRestart => 1012,
            Self::TryAgainLater => 1013,
        }
    }

    /// A name for logs and measures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::GoingAway => "going_away",
            Self::Protocol => "protocol",
            Self::Unsupported => "unsupported",
            Self::NotUtf8 => "not_utf8",
            Self::Policy => "policy",
            Self::TooBig => "too_big",
            Self::Internal => "internal",
            Self::ServiceRestart => "service_restart",
            Self::TryAgainLater => "try_again_later",
        }
    }

    /// A short text for people.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::GoingAway => "The session has ended",
            Self::Protocol => "Protocol error",
            Self::Unsupported => "Only text messages are understood",
            Self::NotUtf8 => "Text must be UTF-8",
            Self::Policy => "Not allowed",
            Self::TooBig => "The message is too big",
            Self::Internal => "Server error",
            Self::ServiceRestart => "The server restarts",
            Self::TryAgainLater => "Try again later",
        }
    }
}
