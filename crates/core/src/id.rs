//! Ids as types, so that two of them never change places.
//!
//! Source of the grammar: auth-and-permissions, section 3 ("Ids"), carried over to `docs/api.md`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

use crate::Timestamp;

/// Longest id, in characters.
pub const MAX_ID_CHARS: usize = 36;
/// Longest role of a membership, in characters.
pub const MAX_TEAM_ROLE_CHARS: usize = 81;
/// The literal by which a client asks the server to make an id.
pub const UNIQUE: &str = "unique()";

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "Parameter must contain at most {MAX_ID_CHARS} chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char"
)]
pub struct InvalidId;

/// Whether `text` follows the UID rule: 1 to `max` characters of `A-Za-z0-9._-`, the first a letter or digit.
#[must_use]
pub fn is_uid(text: &str, max: usize) -> bool {
    !text.is_empty()
        && text.len() <= max
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Whether `text` is a label: 1 to 36 ASCII letters and digits.
#[must_use]
pub fn is_label(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether `text` is a project id: 1 to 36 of `a-z0-9-`, not starting with a hyphen.
#[must_use]
pub fn is_project_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_ID_CHARS
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Makes the text of a fresh id: 8 hex digits of seconds, 5 of microseconds, 7 random ones.
#[must_use]
pub fn generate(now: Timestamp, random: u64) -> String {
    let ms = now.millis().max(0).unsigned_abs();
    let micros = (ms % 1000) * 1000 + (random >> 32) % 1000;
    format!("{:08x}{micros:05x}{:07x}", ms / 1000, random & 0x0fff_ffff)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(SmolStr);

        impl $name {
            /// Parses an id by the UID rule.
            ///
            /// # Errors
            /// [`InvalidId`] where the text breaks the rule.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if is_uid(text, MAX_ID_CHARS) { Ok(Self(text.into())) } else { Err(InvalidId) }
            }

            /// Makes a fresh id from the time and 64 random bits.
            #[must_use]
            pub fn generate(now: Timestamp, random: u64) -> Self {
                Self(generate(now, random).into())
            }

            /// Parses an id, or makes one where the text is `unique()`.
            ///
            /// # Errors
            /// [`InvalidId`] where the text is neither.
            pub fn parse_custom(text: &str, now: Timestamp, random: u64) -> Result<Self, InvalidId> {
                if text == UNIQUE { Ok(Self::generate(now, random)) } else { Self::parse(text) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                let text = String::deserialize(input)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// The id of a project; [`is_project_id`] is checked where one is made.
    ProjectId,
    /// The id of a presence record. [`PresenceId::parse_new`] refuses those that channel names could not tell apart.
    PresenceId,
    /// The id of a user.
    UserId,
    /// The id of a session.
    SessionId,
    /// The id of a team.
    TeamId,
    /// The id of a membership.
    MembershipId,
    /// The id of an API key.
    KeyId,
    /// The id of a token that can be exchanged for a session.
    TokenId,
    /// The id of a platform (an origin that may call).
    PlatformId,
    /// The id of a webhook.
    WebhookId,
}

impl PresenceId {
    /// Parses the id of a record that a write may make.
    ///
    /// `upsert`, `update` and `delete`, alone or behind a dot, are refused: `presences.upsert` would
    /// name both a record and an action. Source: decisions, Security.
    ///
    /// # Errors
    /// [`InvalidId`] where the text breaks a rule.
    pub fn parse_new(text: &str) -> Result<Self, InvalidId> {
        let last = text.rsplit('.').next().unwrap_or(text);
        if matches!(last, "upsert" | "update" | "delete") { Err(InvalidId) } else { Self::parse(text) }
    }
}

impl ProjectId {
    /// The built-in project of the operators.
    #[must_use]
    pub fn console() -> Self {
        Self("console".into())
    }

    /// Whether this is the project of the operators.
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.as_str() == "console"
    }
}

/// One open socket, for as long as it lives; numbered by the server, with the server's run mixed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_id_is_twenty_hex_digits_and_an_id() {
        let id = PresenceId::generate(Timestamp::from_millis(1_785_578_400_123), u64::MAX);
        assert_eq!(id.as_str().len(), 20);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(PresenceId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn ids_that_channel_names_could_not_tell_apart_are_refused_for_new_records() {
        for text in ["upsert", "update", "delete", "a.upsert", "a.b.delete"] {
            assert_eq!(PresenceId::parse_new(text), Err(InvalidId), "{text}");
        }
        for text in ["upserted", "upsert.a", "a-delete"] {
            assert!(PresenceId::parse_new(text).is_ok(), "{text}");
        }
    }
}
