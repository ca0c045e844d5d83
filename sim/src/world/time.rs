//! Time passes: a little, to the very millisecond of a deadline, or for weeks.

use std::time::Duration;

use herenow_core::{Timestamp, time::Clock};

use super::World;

/// The server is never left alone for longer: what it must notice, it notices in time.
const LONGEST_STEP: Duration = Duration::from_secs(5);

impl World {
    pub(super) fn now(&self) -> Timestamp {
        self.around.clock.now()
    }

    pub(super) fn pass_a_little(&mut self) {
        let random = self.random();
        let due = self.around.oracle.borrow().model.next_due().filter(|due| *due > self.now());
        let until_due = due.map(|due| self.now().until(due)).filter(|wait| *wait < Duration::from_secs(1200));
        let by = match (random.below(10), until_due) {
            (0..=3, _) => Duration::from_millis(random.between(1, 40)),
            (4, Some(wait)) => wait.saturating_sub(Duration::from_millis(1)),
            (5 | 6, Some(wait)) => wait,
            (7, _) => Duration::from_secs(random.between(10, 70)),
            _ => Duration::from_millis(random.between(100, 5_000)),
        };
        self.pass(by);
        if random.chance(30) {
            self.be_quiet();
        }
    }

    /// Minutes, or weeks.
    pub(super) fn pass_long(&mut self) {
        if !self.random().chance(10) {
            let minutes = self.random().between(1, 8);
            return self.pass(Duration::from_secs(60 * minutes));
        }
        // Nothing may be on a line while days pass at once: a kernel would have given it up long before.
        self.notice_all();
        self.unpause_all();
        self.be_quiet();
        for _ in 0..self.random().between(14, 17) {
            self.jump(Duration::from_secs(24 * 3600));
            self.be_quiet();
        }
    }

    /// All at once; no line may be open.
    pub(super) fn pass_long_after(&mut self, by: Duration) {
        self.jump(by);
        self.be_quiet();
    }

    pub(super) fn pass(&mut self, by: Duration) {
        let mut left = by;
        loop {
            let step = left.min(LONGEST_STEP);
            self.jump(step);
            left -= step;
            if left.is_zero() {
                return;
            }
            self.settle_server();
        }
    }

    fn jump(&mut self, by: Duration) {
        self.around.clock.advance(by);
        let now = self.now();
        for line in &self.lines {
            line.pipe.pass(now);
        }
        self.drop_broken_links();
        self.around.executor.wake_all();
        self.spawn_expiry();
        self.say(|| format!("  {by:?} pass"));
    }
}
