//! What `limits` found out, for a terminal, as JSON and for `docs/performance.md`.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use crate::report::finding::{Finding, markdown, table};

const BEGIN: &str = "<!-- limits: begin -->\n";
const END: &str = "<!-- limits: end -->";
/// Characters of the bar that shows how far the run is.
const BAR: usize = 20;

/// A whole run.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) scenario: &'static str,
    pub(super) version: &'static str,
    pub(super) machine: String,
    pub(super) cores: String,
    pub(super) findings: Vec<Finding>,
    pub(super) took: Vec<Took>,
}

/// How long one scenario took.
#[derive(Debug, Serialize)]
pub(super) struct Took {
    /// As it can be repeated alone.
    pub(super) command: String,
    pub(super) seconds: u64,
    /// Zero where there is no plan.
    pub(super) planned_seconds: u64,
}

impl Summary {
    /// For a terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n{}\n\n{}\n", self.machine, self.cores, table(&self.findings));
        text.push_str("took   planned  scenario\n");
        for Took { command, seconds, planned_seconds } in &self.took {
            let planned = if *planned_seconds == 0 { "-".to_owned() } else { clock(*planned_seconds) };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{:<6} {planned:<8} {command}", clock(*seconds));
        }
        let _ = write!(text, "{:<6} in all", clock(self.seconds()));
        text
    }

    /// For `docs/performance.md`.
    pub(super) fn markdown(&self) -> String {
        let took: Vec<String> =
            self.took.iter().map(|one| format!("`{}` {}", one.command, clock(one.seconds))).collect();
        format!(
            "Machine: {}; {}. Version {}.\n\n{}\nThe run took {}: {}.\n",
            self.machine,
            self.cores,
            self.version,
            markdown(&self.findings),
            clock(self.seconds()),
            took.join(", ")
        )
    }

    fn seconds(&self) -> u64 {
        self.took.iter().map(|one| one.seconds).sum()
    }
}

/// What stands before the progress of a scenario: how far the run is, and how long it will still take.
pub(super) fn label(done: usize, all: usize, left: Duration) -> String {
    let filled = done * BAR / all.max(1);
    let left = if left.is_zero() { String::new() } else { format!(", about {} left", clock(left.as_secs())) };
    format!("[{}{}] {} of {all}{left} | ", "#".repeat(filled), "-".repeat(BAR - filled), done + 1)
}

/// The page with the table in the place of the old one.
pub(super) fn replaced(page: &str, table: &str) -> anyhow::Result<String> {
    let place = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = place.with_context(|| format!("the page has no lines {BEGIN:?} and {END:?}"))?;
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Summary, Took, label, replaced};
    use crate::report::finding::{Finding, Goal, Unit};

    #[test]
    fn a_page_keeps_what_stands_around_the_table() {
        let page = "a\n<!-- limits: begin -->\nold\n<!-- limits: end -->\nb\n";
        let expected = "a\n<!-- limits: begin -->\nnew\n<!-- limits: end -->\nb\n";
        assert_eq!(replaced(page, "new\n").expect("the page has a place"), expected);
        assert!(replaced("no place", "").is_err());
        assert!(replaced("<!-- limits: end --><!-- limits: begin -->\n", "").is_err());
    }

    #[test]
    fn a_label_says_how_far_the_run_is() {
        assert_eq!(label(1, 4, Duration::from_secs(95)), "[#####---------------] 2 of 4, about 1:35 left | ");
        assert_eq!(label(0, 4, Duration::ZERO), "[--------------------] 1 of 4 | ");
    }

    #[test]
    fn a_summary_names_machine_and_times() {
        let summary = Summary {
            scenario: "limits",
            version: "1",
            machine: "A Processor".into(),
            cores: "cores".into(),
            findings: vec![Finding::new("a figure", 1.0, Unit::Times, Goal::Shown, "")],
            took: vec![Took { command: "fan --rate 40".into(), seconds: 61, planned_seconds: 60 }],
        };
        for told in [summary.text(), summary.markdown()] {
            for part in ["A Processor", "a figure", "fan --rate 40", "1:01"] {
                assert!(told.contains(part), "{told}");
            }
        }
    }
}
