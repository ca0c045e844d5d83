//! A line for each case, and a count at the end: no case passes or fails unseen.

use std::fmt::Display;

use anyhow::Result;

/// What became of the cases so far.
#[derive(Debug, Default)]
pub struct Report {
    passed: usize,
    failures: Vec<String>,
}

impl Report {
    /// Takes down how a case went, and prints it.
    pub fn record(&mut self, case: impl Display, outcome: Result<()>) {
        match outcome {
            Ok(()) => {
                println!("ok {case}");
                self.passed += 1;
            }
            Err(error) => {
                println!("FAIL {case}: {error:#}");
                self.failures.push(format!("{case}: {error:#}"));
            }
        }
    }

    /// How many cases there were.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.passed + self.failures.len()
    }

    /// Prints the count.
    ///
    /// # Panics
    /// When a case failed, or there was none.
    pub fn finish(self) {
        println!("{} passed, {} failed", self.passed, self.failures.len());
        assert!(self.cases() > 0, "there was no case");
        assert!(self.failures.is_empty(), "{} failed:\n{}", self.failures.len(), self.failures.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "1 failed:\nb: why")]
    fn one_failure_fails_the_whole() {
        let mut report = Report::default();
        report.record("a", Ok(()));
        report.record("b", Err(anyhow::anyhow!("why")));
        assert_eq!(report.cases(), 2);
        report.finish();
    }

    #[test]
    #[should_panic(expected = "there was no case")]
    fn a_report_without_cases_fails() {
        Report::default().finish();
    }
}
