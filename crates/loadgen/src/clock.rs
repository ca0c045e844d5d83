//! The one place that reads the machine's monotonic clock; everything else takes microseconds.

use std::time::Instant;

/// Microseconds since the benchmark began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    /// Begins to count at zero.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub(crate) fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// The present moment in microseconds.
    pub(crate) fn now_us(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
