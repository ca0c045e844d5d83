//! Time that only the simulation moves.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use herenow_core::{Timestamp, time::Clock};

/// When every simulation begins: 1 August 2026, 10:00.
const BEGIN_MS: i64 = 1_785_578_400_000;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(BEGIN_MS))
    }
}

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("simulations do not last that long");
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}
