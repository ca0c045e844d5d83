//! The server's clock and its random bits: the only place that asks the system for either.

use std::{
    cell::Cell,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

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

/// 64 bits that hardly ever come twice, for what nobody has to guess: asking the system each time costs 0.2 µs.
#[must_use]
pub fn passing_u64() -> u64 {
    thread_local!(static STATE: Cell<u64> = Cell::new(random_u64()));
    // SplitMix64, whose states follow each other by a constant.
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
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
