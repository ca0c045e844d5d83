//! The text by which a session travels: who, and the secret that proves it.
//!
//! Source: auth-and-permissions, sections 4.1 and 4.2.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// A session token, as in cookies, `X-Appwrite-Session` and the `authentication` frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionToken {
    /// The user's id.
    pub id: String,
    /// The session's secret.
    pub secret: String,
}

impl SessionToken {
    /// Standard base64, padded, of the compact JSON object.
    #[must_use]
    pub fn encode(&self) -> String {
        STANDARD.encode(serde_json::to_string(self).expect("two strings serialise"))
    }

    /// The token in `text`, if it is one; unknown keys are ignored.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&STANDARD.decode(text.trim()).ok()?).ok()
    }

    /// The encoded token as a cookie's value: `=`, `+` and `/` are escaped.
    #[must_use]
    pub fn cookie_value(encoded: &str) -> String {
        encoded.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F")
    }
}
