//! API keys: stored ones, and ephemeral ones that are JWTs.
//!
//! Source: auth-and-permissions, section 4.5.

use std::sync::Arc;

use herenow_core::{KeyId, ProjectId, Timestamp, account::Key};
use herenow_wire::ErrorType;
use serde::{Deserialize, Serialize};

use super::{
    jwt,
    secret::{Purpose, ServerSecret},
};
use crate::{failure::Failure, ops::touch};

/// A key in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInUse {
    /// Which of the project's; an ephemeral one is none of them.
    pub id: Option<KeyId>,
    /// Its own scopes, beside those of all keys.
    pub scopes: Arc<[String]>,
    /// When it ends, if ever.
    pub expire: Option<Timestamp>,
}

impl From<&Key> for KeyInUse {
    fn from(key: &Key) -> Self {
        Self { id: Some(key.id.clone()), scopes: key.scopes.clone().into(), expire: key.expire }
    }
}

/// What a key turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// A key.
    Key(KeyInUse),
    /// Nothing that is known: the caller is a guest, whatever else was sent.
    Guest,
}

/// The claims of an ephemeral key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EphemeralClaims {
    /// The project that it opens.
    #[serde(rename = "projectId")]
    pub project: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// Finds out what `text` is worth in `project`.
///
/// # Errors
/// 401 where it looks like a key that the project should know and does not, or has expired.
pub async fn decode(
    app: &Arc<crate::App>,
    project: &ProjectId,
    text: &str,
    sdk: Option<&str>,
    now: Timestamp,
) -> Result<Decoded, Failure> {
    if let Some(known) = app.sign_ins.key(project, text).await? {
        let (key, in_use) = &*known;
        if key.expire.is_some_and(|expire| expire <= now) {
            return Err(ErrorType::ProjectKeyExpired.into());
        }
        touch::key(app, project, key, sdk, now);
        return Ok(Decoded::Key(in_use.clone()));
    }
    let kind = text.split_once('_').map_or("standard", |(kind, _)| kind);
    match kind {
        "standard" | "account" | "organization" => Err(ErrorType::UserUnauthorized.into()),
        "ephemeral" | "dynamic" => Ok(ephemeral(&app.secret, project, text, now)),
        _ => Ok(Decoded::Guest),
    }
}

fn ephemeral(secret: &ServerSecret, project: &ProjectId, text: &str, now: Timestamp) -> Decoded {
    let token = text.split_once('_').map_or("", |(_, token)| token);
    let keys = secret.verifying_keys(project, Purpose::EphemeralKey, now);
    match jwt::verify::<EphemeralClaims>(token, &keys, now) {
        Some(claims) if claims.project == project.as_str() => {
            let expire = Timestamp::from_millis(claims.exp.saturating_mul(1000));
            Decoded::Key(KeyInUse { id: None, scopes: claims.scopes.into(), expire: Some(expire) })
        }
        _ => Decoded::Guest,
    }
}
