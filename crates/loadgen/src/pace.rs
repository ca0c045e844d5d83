//! When the next write is due, and how many events may be under way at full speed.

/// How fast the writer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// So many events a second, whatever the server does.
    PerSecond(u64),
    /// The next as soon as there is room.
    FullSpeed,
}

impl Rate {
    /// Zero stands for full speed on the command line.
    pub(crate) fn from_argument(events_per_second: u64) -> Self {
        match events_per_second {
            0 => Self::FullSpeed,
            rate => Self::PerSecond(rate),
        }
    }
}

/// The schedule of one measurement.
///
/// A write that comes late keeps the moment for which it was planned: latency counted from there
/// includes the time that the generator was made to wait, so a server that stalls cannot hide it
/// (the correction for coordinated omission).
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Rate,
    start_us: u64,
    written: u64,
}

impl Pace {
    /// A schedule whose first write is due at `start_us`.
    pub(crate) fn new(rate: Rate, start_us: u64) -> Self {
        Self { rate, start_us, written: 0 }
    }

    /// The moment for which the next write is planned.
    pub(crate) fn next_due_us(&self, now_us: u64) -> u64 {
        match self.rate {
            Rate::PerSecond(rate) => self.start_us + self.written * 1_000_000 / rate,
            Rate::FullSpeed => now_us,
        }
    }

    /// Takes the next write if it is due, with the moment for which it was planned.
    pub(crate) fn take(&mut self, now_us: u64) -> Option<u64> {
        let due = self.next_due_us(now_us);
        (due <= now_us).then(|| {
            self.written += 1;
            due
        })
    }

    /// How many writes were taken.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }
}

/// Bounds the events that are written and not yet delivered, at full speed alone.
///
/// Answers to writes do not slow a writer down to what the fan-out can bear: without this bound
/// full speed would measure how long a queue grows.
#[derive(Debug)]
pub(crate) struct Window {
    size: u64,
    given_up: u64,
}

impl Window {
    /// A window for this rate; a fixed rate is not bounded.
    pub(crate) fn new(rate: Rate, size: u64) -> Self {
        let size = if rate == Rate::FullSpeed { size } else { u64::MAX };
        Self { size, given_up: 0 }
    }

    /// Whether one more event may be written.
    pub(crate) fn is_open(&self, written: u64, delivered: u64) -> bool {
        written.saturating_sub(delivered).saturating_sub(self.given_up) < self.size
    }

    /// Counts what is still under way as lost, so that one lost frame does not end the run.
    pub(crate) fn give_up(&mut self, written: u64, delivered: u64) {
        self.given_up = written.saturating_sub(delivered);
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Rate, Window};

    #[test]
    fn a_fixed_rate_spreads_its_writes_evenly() {
        let mut pace = Pace::new(Rate::PerSecond(500), 1_000);
        assert_eq!(pace.take(1_000), Some(1_000));
        assert_eq!(pace.take(2_999), None);
        assert_eq!(pace.take(3_000), Some(3_000));
        assert_eq!(pace.written(), 2);
    }

    #[test]
    fn late_writes_keep_their_planned_moments() {
        let mut pace = Pace::new(Rate::PerSecond(1_000), 0);
        let moments: Vec<_> = std::iter::from_fn(|| pace.take(2_500)).collect();
        assert_eq!(moments, [0, 1_000, 2_000]);
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_does_not_drift() {
        let mut pace = Pace::new(Rate::PerSecond(3), 0);
        let count = std::iter::from_fn(|| pace.take(999_999)).count();
        assert_eq!(count, 3);
        assert_eq!(pace.next_due_us(0), 1_000_000);
    }

    #[test]
    fn full_speed_is_always_due_now() {
        let mut pace = Pace::new(Rate::FullSpeed, 7);
        assert_eq!(pace.take(42), Some(42));
        assert_eq!(pace.take(42), Some(42));
    }

    #[test]
    fn the_window_bounds_full_speed_and_no_fixed_rate() {
        assert!(!Window::new(Rate::FullSpeed, 4).is_open(10, 6));
        assert!(Window::new(Rate::FullSpeed, 4).is_open(10, 7));
        assert!(Window::new(Rate::PerSecond(1), 4).is_open(1_000, 0));
    }

    #[test]
    fn a_lost_event_does_not_close_the_window_for_good() {
        let mut window = Window::new(Rate::FullSpeed, 2);
        assert!(!window.is_open(10, 8));
        window.give_up(10, 8);
        assert!(window.is_open(10, 8));
        assert!(window.is_open(11, 8));
        assert!(!window.is_open(12, 8));
    }
}
