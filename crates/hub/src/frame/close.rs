//! The payload of a close frame: a code that may travel, and a reason.

use super::FrameError;

/// A close code that may stand in a close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(u16);

impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The endpoint goes away; a client may come back.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The peer sent a kind of data that is not accepted, such as binary.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// A message does not match its kind: text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A policy is violated; SDKs never come back after it.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message exceeds what the endpoint accepts.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The server met an unexpected condition.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts; come back.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The server is overloaded, or the client too slow; come back later.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// The code, if it is one that an endpoint may send: defined in RFC 6455 or registered
    /// since (1000 to 1003, 1007 to 1014), or left to libraries and applications (3000 to 4999).
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number that travels.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// What a peer said when it closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Why, as a number.
    pub code: CloseCode,
    /// Why, in words; often empty.
    pub reason: String,
}

impl Closing {
    /// Reads a close frame's payload; an empty one says nothing and is valid.
    pub(super) fn parse(payload: &[u8]) -> Result<Option<Self>, FrameError> {
        let (code, reason) = match payload {
            [] => return Ok(None),
            [_] => return Err(FrameError::TruncatedCloseCode),
            [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        };
        let code = CloseCode::new(code).ok_or(FrameError::InvalidCloseCode(code))?;
        let reason = str::from_utf8(reason).map_err(|_| FrameError::InvalidUtf8)?;
        Ok(Some(Self { code, reason: reason.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(code: u16, reason: &[u8]) -> Vec<u8> {
        [&code.to_be_bytes(), reason].concat()
    }

    #[test]
    fn an_empty_close_says_nothing() {
        assert_eq!(Closing::parse(&[]), Ok(None));
    }

    #[test]
    fn half_a_code_is_a_protocol_error() {
        let error = Closing::parse(&[3]).expect_err("one byte is no code");
        assert_eq!((error, error.close_code()), (FrameError::TruncatedCloseCode, CloseCode::PROTOCOL_ERROR));
    }

    #[test]
    fn code_and_reason_are_read() {
        let closing = Closing { code: CloseCode::GOING_AWAY, reason: "tschüß".to_owned() };
        assert_eq!(Closing::parse(&payload(1001, "tschüß".as_bytes())), Ok(Some(closing)));
    }

    #[test]
    fn codes_that_may_be_sent_are_accepted() {
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
            let closing = Closing::parse(&payload(code, b"")).expect("a valid code").expect("a code");
            assert_eq!(closing.code.get(), code);
        }
    }

    #[test]
    fn codes_that_must_not_be_sent_are_protocol_errors() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            let error = Closing::parse(&payload(code, b"")).expect_err("an invalid code");
            assert_eq!(error, FrameError::InvalidCloseCode(code));
            assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
        }
    }

    #[test]
    fn a_reason_that_is_not_utf8_is_an_invalid_payload() {
        let error = Closing::parse(&payload(1000, &[b'a', 0xff])).expect_err("not UTF-8");
        assert_eq!((error, error.close_code()), (FrameError::InvalidUtf8, CloseCode::INVALID_PAYLOAD));
    }

    #[test]
    fn a_reason_that_ends_inside_a_character_is_refused() {
        assert_eq!(Closing::parse(&payload(1000, &[0xe2, 0x82])), Err(FrameError::InvalidUtf8));
    }
}
