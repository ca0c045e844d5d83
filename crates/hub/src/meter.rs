//! What all outboxes have sent, hold and have conflated away together: kept as it happens, so that nobody has to walk
//! them. Knows nothing of what counts are shown as.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Sums over outboxes.
#[derive(Debug, Default)]
pub struct Meter {
    sent_bytes: AtomicU64,
    waiting_bytes: AtomicUsize,
    conflated: AtomicU64,
}

/// What one outbox has told of itself.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Told {
    waiting_bytes: usize,
    conflated: u64,
}

impl Meter {
    /// Bytes that were written, so far.
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.sent_bytes.load(Relaxed)
    }

    /// Bytes that wait for those who cannot take more.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Relaxed)
    }

    /// Frames that were conflated away, so far.
    #[must_use]
    pub fn conflated(&self) -> u64 {
        self.conflated.load(Relaxed)
    }

    /// Counts written bytes.
    pub(crate) fn sent(&self, bytes: usize) {
        self.sent_bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// Brings the sums up to date with one outbox; free where nothing has changed, as for a client that keeps up.
    pub(crate) fn tell(&self, told: &mut Told, waiting_bytes: usize, conflated: u64) {
        if told.waiting_bytes != waiting_bytes {
            // The sum wraps as the difference does, and comes out right.
            self.waiting_bytes.fetch_add(waiting_bytes.wrapping_sub(told.waiting_bytes), Relaxed);
        }
        if told.conflated != conflated {
            self.conflated.fetch_add(conflated.wrapping_sub(told.conflated), Relaxed);
        }
        *told = Told { waiting_bytes, conflated };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_follow_each_outbox_up_and_down() {
        let meter = Meter::default();
        let (mut one, mut other) = (Told::default(), Told::default());
        meter.tell(&mut one, 100, 1);
        meter.tell(&mut other, 50, 0);
        meter.tell(&mut one, 20, 4);
        assert_eq!((meter.waiting_bytes(), meter.conflated()), (70, 4));
        meter.tell(&mut one, 0, 4);
        meter.tell(&mut other, 0, 0);
        assert_eq!((meter.waiting_bytes(), meter.conflated()), (0, 4));
    }
}
