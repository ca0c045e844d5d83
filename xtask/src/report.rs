//! What a run prints about itself: the stages with their seconds, and the scorecard of Autobahn and the SDK lanes.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::lanes::Score;

/// Measures stages and prints them at the end.
#[derive(Default)]
pub(crate) struct Stages {
    finished: Vec<(String, Duration)>,
}

impl Stages {
    /// Runs one stage under a headline.
    pub(crate) fn run<T>(&mut self, name: &str, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let (outcome, took) = timed(stage);
        println!("== {name}: {} in {:.1} s", if outcome.is_ok() { "done" } else { "FAILED" }, took.as_secs_f64());
        self.finished.push((name.to_owned(), took));
        outcome
    }

    /// Prints a line for each stage that ran, and their sum.
    pub(crate) fn print(&self) {
        println!("\n{:<24} {:>8}", "stage", "seconds");
        for (name, took) in &self.finished {
            println!("{name:<24} {:>8.1}", took.as_secs_f64());
        }
        let total: Duration = self.finished.iter().map(|(_, took)| *took).sum();
        println!("{:<24} {:>8.1}", "total", total.as_secs_f64());
    }
}

/// Runs something and tells how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let outcome = work();
    (outcome, now().duration_since(start))
}

#[expect(clippy::disallowed_methods, reason = "seconds are printed for people; no rule depends on them")]
fn now() -> Instant {
    Instant::now()
}

/// Prints one line per lane.
pub(crate) fn print_scorecard(scores: &[Score]) {
    println!("\n{:<16} {:>7} {:>7} {:>8}", "lane", "passed", "failed", "seconds");
    for Score { lane, counts, took, remark } in scores {
        let row = format!("{lane:<16} {:>7} {:>7} {:>8.1}", counts.passed, counts.failed, took.as_secs_f64());
        println!("{}", format!("{row}  {}", remark.as_deref().unwrap_or_default()).trim_end());
    }
}
