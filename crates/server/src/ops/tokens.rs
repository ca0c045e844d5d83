//! Tokens: short secrets that a server makes for a user, exchanged once for a session.
//!
//! Source: http-api, section C.

use std::time::Duration;

use herenow_core::{ProjectId, TokenId, UserId, account::Token};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::users;
use crate::{App, auth::secret, clock::random_u64, failure::Failure};

/// The longest secret, in hex digits; as many as twice the bytes that are drawn.
pub const MAX_SECRET_CHARS: usize = 2 * SECRET_BYTES;
const SECRET_BYTES: usize = 64;
/// How often a secret is drawn again that a user has already: the shortest have four digits.
const DRAWS: usize = 16;

/// A token to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewToken {
    /// How many hex digits its secret has.
    pub secret_chars: usize,
    /// How long it can be exchanged.
    pub life: Duration,
}

/// Makes a token; answers with it and with its secret, known this once.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn create(
    app: &App,
    project: &ProjectId,
    user: &UserId,
    input: NewToken,
) -> Result<(Token, String), Failure> {
    let user = users::find(app, project, user).await?;
    let now = app.clock.now();
    for _ in 0..DRAWS {
        let mut secret = secret::fresh::<SECRET_BYTES>();
        secret.truncate(input.secret_chars);
        let token = Token {
            id: TokenId::generate(now, random_u64()),
            created_at: now,
            user: user.id.clone(),
            secret_hash: secret::hash(&secret),
            expire: now.plus(input.life),
        };
        match app.accounts.create_token(project, &token).await {
            Ok(()) => return Ok((token, secret)),
            Err(StoreError::Taken(_)) => {}
            Err(StoreError::Missing) => return Err(ErrorType::UserNotFound.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::new(ErrorType::GeneralOverloaded, "The user has too many tokens of this length."))
}
