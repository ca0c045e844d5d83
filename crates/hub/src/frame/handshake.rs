//! The opening handshake's pure part: is this request an upgrade, and what answers its key.
//! Must not know HTTP types: the caller hands over header values and turns errors into responses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The only protocol version there is; belongs into `Sec-WebSocket-Version` of a refusal too.
pub const VERSION: &str = "13";

/// Appended to every key before hashing. Source: RFC 6455, 1.3.
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The header values of a request that may ask for an upgrade; repeated headers one by one.
#[derive(Debug, Clone, Copy, Default)]
pub struct UpgradeRequest<'a> {
    /// Values of `Upgrade`.
    pub upgrade: &'a [&'a str],
    /// Values of `Connection`.
    pub connection: &'a [&'a str],
    /// Value of `Sec-WebSocket-Version`.
    pub version: Option<&'a str>,
    /// Value of `Sec-WebSocket-Key`.
    pub key: Option<&'a str>,
}

/// Why a request cannot be upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// `Upgrade` does not name `websocket`, or `Connection` does not name `upgrade`.
    #[error("the request asks for no WebSocket upgrade")]
    NotAnUpgrade,
    /// The version is missing or not 13; the response names [`VERSION`].
    #[error("WebSocket version 13 is required")]
    UnsupportedVersion,
    /// There is no key to answer.
    #[error("Sec-WebSocket-Key is missing")]
    MissingKey,
}

impl UpgradeRequest<'_> {
    /// The value of `Sec-WebSocket-Accept` with which to switch protocols.
    ///
    /// The key may be any text: Apple's SDK sends a constant that is not 16 bytes of base64.
    pub fn accept(&self) -> Result<String, HandshakeError> {
        if !names_token(self.upgrade, "websocket") || !names_token(self.connection, "upgrade") {
            return Err(HandshakeError::NotAnUpgrade);
        }
        if self.version.map(str::trim) != Some(VERSION) {
            return Err(HandshakeError::UnsupportedVersion);
        }
        let key = self.key.map(str::trim).filter(|key| !key.is_empty());
        key.map(accept_key).ok_or(HandshakeError::MissingKey)
    }
}

/// The `Sec-WebSocket-Accept` that answers a key.
pub fn accept_key(key: &str) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(KEY_SUFFIX).finalize())
}

/// Whether one of the comma-separated lists has the token, in any case of letters.
fn names_token(lists: &[&str], token: &str) -> bool {
    lists.iter().flat_map(|list| list.split(',')).any(|entry| entry.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: UpgradeRequest<'_> = UpgradeRequest {
        upgrade: &["websocket"],
        connection: &["Upgrade"],
        version: Some("13"),
        key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
    };

    #[test]
    fn the_sample_key_of_the_rfc_is_answered_as_it_says() {
        assert_eq!(REQUEST.accept().as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn the_constant_key_of_apples_sdk_is_answered() {
        // Computed with: printf '%s' KEY SUFFIX | openssl sha1 -binary | base64
        let request = UpgradeRequest { key: Some("tergregfgbsfdgfdsfgdbv=="), ..REQUEST };
        assert_eq!(request.accept().as_deref(), Ok("ZXBe/0Qtt2IZI9ybavBlj+XPte8="));
    }

    #[test]
    fn tokens_are_found_in_lists_on_several_lines_and_in_any_case() {
        let request =
            UpgradeRequest { upgrade: &["h2c, WebSocket"], connection: &["keep-alive", "close , UPGRADE"], ..REQUEST };
        assert!(request.accept().is_ok());
    }

    #[test]
    fn a_part_of_a_token_is_not_the_token() {
        for request in [
            UpgradeRequest { upgrade: &["websockets"], ..REQUEST },
            UpgradeRequest { connection: &["upgrade-insecure"], ..REQUEST },
        ] {
            assert_eq!(request.accept(), Err(HandshakeError::NotAnUpgrade));
        }
    }

    #[test]
    fn a_request_without_upgrade_or_connection_is_no_upgrade() {
        for request in [UpgradeRequest { upgrade: &[], ..REQUEST }, UpgradeRequest { connection: &[], ..REQUEST }] {
            assert_eq!(request.accept(), Err(HandshakeError::NotAnUpgrade));
        }
    }

    #[test]
    fn no_other_version_is_accepted() {
        for version in [None, Some("8"), Some("130"), Some("")] {
            assert_eq!(UpgradeRequest { version, ..REQUEST }.accept(), Err(HandshakeError::UnsupportedVersion));
        }
    }

    #[test]
    fn a_missing_or_empty_key_is_refused() {
        for key in [None, Some(""), Some("  ")] {
            assert_eq!(UpgradeRequest { key, ..REQUEST }.accept(), Err(HandshakeError::MissingKey));
        }
    }
}
