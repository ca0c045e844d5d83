//! The server's clock and its random bits: the only place that asks the system for either.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use herenow_core::{Timestamp, time::Clock};

/// Wall time at the start, moved on by the monotonic clock: a jump of the wall clock changes nothing.
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
}

impl SystemClock {
    /// Starts now.
    #[expect(clippy::disallowed_methods, clippy::new_without_default, reason = "the one place that asks the system")]
    #[must_use]
    pub fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Self { started_at: Timestamp::from_millis(millis), started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Timestamp {
        self.started_at.plus(Instant::now().duration_since(self.started))
    }
}

/// Measures how long something takes, finer than the clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was started.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    #[must_use]
    pub fn elapsed(self) -> std::time::Duration {
        Instant::now().duration_since(self.0)
    }
}

/// 64 random bits.
///
/// # Panics
/// Where the system has no randomness: nothing safe can be done then.
#[must_use]
pub fn random_u64() -> u64 {
    u64::from_le_bytes(random_bytes())
}

/// Random bytes.
///
/// # Panics
/// Where the system has no randomness: nothing safe can be done then.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
