//! Passwords: argon2id, off the async threads, two at a time with a short queue.
//!
//! Source: decisions, HTTP and input (bounds); models, User (`hashOptions`).

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use herenow_wire::model::HashOptions;
use tokio::sync::Semaphore;

use crate::clock::random_bytes;

/// KiB of memory, passes and lanes. 19 MiB and two passes: the OWASP figures for argon2id, since two of these run
/// beside a server whose point is to be light.
pub const HASH_OPTIONS: HashOptions = HashOptions { kind: "argon2", memory_cost: 19_456, time_cost: 2, threads: 1 };
/// How many are computed at a time.
const AT_A_TIME: usize = 2;
/// How many wait at most; who comes later is refused.
const QUEUE: usize = 64;

/// More is waiting to be hashed than will be soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

/// Hashes and compares passwords.
pub struct Passwords {
    running: Semaphore,
    places: Semaphore,
    /// What an unknown user's password is compared with, so that it costs the same as a known one's.
    decoy: String,
}

impl Default for Passwords {
    fn default() -> Self {
        let decoy = hash(&hex::encode(random_bytes::<16>()));
        Self { running: Semaphore::new(AT_A_TIME), places: Semaphore::new(AT_A_TIME + QUEUE), decoy }
    }
}

impl Passwords {
    /// The PHC string of a password.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        self.run(move || hash(&password)).await
    }

    /// Whether the password is the one of `kept`; without one it takes as long and is not.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Busy> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.decoy.clone());
        let matches = self.run(move || verify(&password, &kept)).await?;
        Ok(matches && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.places.try_acquire().map_err(|_| Busy)?;
        let _turn = self.running.acquire().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

fn argon2() -> Argon2<'static> {
    let HashOptions { memory_cost, time_cost, threads, .. } = HASH_OPTIONS;
    let params = Params::new(memory_cost, time_cost, threads, None).expect("the costs are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    let salt = random_bytes::<16>();
    let hashed = argon2().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.expect("a salt of 16 bytes is valid").to_string()
}

fn verify(password: &str, kept: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|kept| argon2().verify_password(password.as_bytes(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_itself_alone_and_nobody_has_the_decoy() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse".into()).await.expect("not busy");
        assert!(passwords.verify("correct horse".into(), Some(kept.clone())).await.expect("not busy"));
        assert!(!passwords.verify("battery staple".into(), Some(kept)).await.expect("not busy"));
        assert!(!passwords.verify("correct horse".into(), None).await.expect("not busy"));
    }
}
