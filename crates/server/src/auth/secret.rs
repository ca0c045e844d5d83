//! The server secret, and the signing keys derived from it: one for each project and purpose, so that a token of
//! one project is worth nothing in another.
//!
//! Source: decisions, Security.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use herenow_core::{ProjectId, Timestamp};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};

use crate::clock::random_bytes;

/// How long the former secret of a file with two lines is honoured after the file was changed.
const FORMER_HONOURED: Duration = Duration::from_secs(3600);

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// JWTs of users.
    UserJwt,
    /// API keys that are JWTs.
    EphemeralKey,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::UserJwt => "user-jwt",
            Self::EphemeralKey => "ephemeral-key",
        }
    }
}

/// The server secret.
pub struct ServerSecret {
    current: String,
    former: Option<(String, Timestamp)>,
}

impl ServerSecret {
    /// A secret that nobody else knows and that ends with the process.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self { current: hex::encode(random_bytes::<32>()), former: None }
    }

    /// Reads the secret from `path`, whose first line is the current one and whose second, if any, the former one.
    ///
    /// # Errors
    /// Where the file cannot be read or its secret is too short.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the secret {}", path.display()))?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let current = lines.next().unwrap_or_default().to_owned();
        ensure!(current.len() >= 32, "the secret in {} is too short: 32 characters at least", path.display());
        let changed = std::fs::metadata(path)?.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let changed = Timestamp::from_millis(i64::try_from(changed.as_millis()).unwrap_or(i64::MAX));
        let former = lines.next().map(|former| (former.to_owned(), changed.plus(FORMER_HONOURED)));
        Ok(Self { current, former })
    }

    /// Reads the secret from `path`, or makes one there that only the server's user may read.
    ///
    /// # Errors
    /// Where the file can be neither read nor made.
    pub fn read_or_make(path: &Path) -> Result<Self> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let secret = Self::ephemeral();
                writeln!(file, "{}", secret.current)?;
                file.sync_all()?;
                Ok(secret)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::read(path),
            Err(error) => Err(error).with_context(|| format!("cannot make the secret {}", path.display())),
        }
    }

    /// The key to sign with.
    #[must_use]
    pub fn signing_key(&self, project: &ProjectId, purpose: Purpose) -> [u8; 32] {
        derive(&self.current, project, purpose)
    }

    /// The keys by which a signature may be verified at `now`.
    #[must_use]
    pub fn verifying_keys(&self, project: &ProjectId, purpose: Purpose, now: Timestamp) -> Vec<[u8; 32]> {
        let former = self.former.iter().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.current).chain(former).map(|secret| derive(secret, project, purpose)).collect()
    }
}

fn derive(secret: &str, project: &ProjectId, purpose: Purpose) -> [u8; 32] {
    let mut key = [0; 32];
    let parts = [purpose.as_str().as_bytes(), b"\0", project.as_str().as_bytes()];
    let expanded = Hkdf::<Sha256>::new(Some(b"herenow"), secret.as_bytes()).expand_multi_info(&parts, &mut key);
    expanded.expect("32 bytes are not too many for HKDF");
    key
}

/// The SHA-256 of a random secret.
pub type Digest = [u8; 32];

/// The SHA-256 of a random secret.
#[must_use]
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// The form in which a random secret is kept: lower-case hex SHA-256.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(digest(secret))
}

/// A fresh secret: `bytes` random bytes as lower-case hex.
#[must_use]
pub fn fresh<const BYTES: usize>() -> String {
    hex::encode(random_bytes::<BYTES>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_and_purpose_has_a_key_of_its_own() {
        let secret = ServerSecret::ephemeral();
        let (one, other) = (ProjectId::parse("one").expect("an id"), ProjectId::parse("other").expect("an id"));
        let keys = [
            secret.signing_key(&one, Purpose::UserJwt),
            secret.signing_key(&other, Purpose::UserJwt),
            secret.signing_key(&one, Purpose::EphemeralKey),
        ];
        assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]);
    }

    #[test]
    fn the_secret_is_made_once_for_the_owner_alone_and_the_former_one_honoured_for_an_hour() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let made = ServerSecret::read_or_make(&path).expect("made");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(ServerSecret::read_or_make(&path).expect("read").current, made.current);

        std::fs::write(&path, format!("{}\n{}\n", "n".repeat(32), made.current)).expect("written");
        let rotated = ServerSecret::read(&path).expect("read");
        let until = rotated.former.as_ref().expect("a former secret").1;
        let project = ProjectId::console();
        let keys = |now| rotated.verifying_keys(&project, Purpose::UserJwt, now).len();
        assert_eq!(keys(Timestamp::from_millis(until.millis() - 1)), 2);
        assert_eq!(keys(until), 1);
    }
}
