//! Random bytes and ids, so that tests that share a server do not meet.

/// `N` random bytes from the operating system.
///
/// # Panics
/// When the system has no randomness, without which no test could run.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A fresh id of 20 lower-case hex characters, valid wherever an id is.
#[must_use]
pub fn unique_id() -> String {
    hex::encode(random_bytes::<10>())
}
