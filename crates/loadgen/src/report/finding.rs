//! Single figures with what they must reach: what the scenarios find out and `limits` puts together.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// A multiple of a reference.
    Times,
    Bytes,
    Milliseconds,
    Microseconds,
    PerSecond,
    Count,
}

/// What a figure must reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// Shown, with no target.
    Shown,
}

impl Goal {
    fn verdict(self, value: f64) -> Verdict {
        let reached = match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::Shown => return Verdict::Shown,
        };
        if reached { Verdict::Met } else { Verdict::Missed }
    }
}

/// How a figure compares with its goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// There is no goal.
    Shown,
    /// There is one, and the numbers were too small to judge by.
    NotJudged,
    /// There is no figure: the scenario did not come to its end.
    Failed,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::Shown => "-",
            Self::NotJudged => "quick: not judged",
            Self::Failed => "FAILED",
        }
    }
}

/// One line of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) figure: String,
    pub(crate) value: Option<f64>,
    pub(crate) unit: Unit,
    pub(crate) goal: Goal,
    pub(crate) verdict: Verdict,
    /// What the figure was made of.
    pub(crate) beside: String,
}

impl Finding {
    /// A figure; one that is not a number has failed.
    pub(crate) fn new(
        figure: impl Into<String>,
        value: f64,
        unit: Unit,
        goal: Goal,
        beside: impl Into<String>,
    ) -> Self {
        let value = value.is_finite().then_some(value);
        let verdict = value.map_or(Verdict::Failed, |value| goal.verdict(value));
        Self { figure: figure.into(), value, unit, goal, verdict, beside: beside.into() }
    }

    /// A figure that there is not, and why.
    pub(crate) fn failed(figure: impl Into<String>, why: impl Into<String>) -> Self {
        let (figure, beside) = (figure.into(), why.into());
        Self { figure, value: None, unit: Unit::Count, goal: Goal::Shown, verdict: Verdict::Failed, beside }
    }

    /// The same without a word about its goal.
    pub(crate) fn unjudged(mut self) -> Self {
        if matches!(self.verdict, Verdict::Met | Verdict::Missed) {
            self.verdict = Verdict::NotJudged;
        }
        self
    }

    /// Whether there is no figure.
    pub(crate) fn is_failed(&self) -> bool {
        self.verdict == Verdict::Failed
    }

    fn measured(&self) -> String {
        self.value.map_or_else(|| "-".into(), |value| told(value, self.unit))
    }

    fn target(&self) -> String {
        match self.goal {
            Goal::AtMost(most) => format!("≤ {}", told(most, self.unit)),
            Goal::AtLeast(least) => format!("≥ {}", told(least, self.unit)),
            Goal::Shown => "shown".into(),
        }
    }
}

/// A number for people, with its unit.
pub(crate) fn told(value: f64, unit: Unit) -> String {
    let digits = if value.abs() >= 100.0 || unit == Unit::Bytes || unit == Unit::Count { 0 } else { 2 };
    let number = format!("{value:.digits$}");
    match unit {
        Unit::Times => format!("{number} ×"),
        Unit::Bytes => format!("{number} bytes"),
        Unit::Milliseconds => format!("{number} ms"),
        Unit::Microseconds => format!("{number} µs"),
        Unit::PerSecond => format!("{number} /s"),
        Unit::Count => number,
    }
}

/// A part of one as per cent, where there is one: a reference that took no time differs by none.
pub(crate) fn told_part(part: Option<f64>) -> String {
    part.filter(|part| part.is_finite()).map_or_else(|| "-".into(), |part| format!("{:.0} %", part * 100.0))
}

/// The findings for a terminal.
pub(crate) fn table(findings: &[Finding]) -> String {
    let rows = rows(findings);
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The findings for `docs/performance.md`.
pub(crate) fn markdown(findings: &[Finding]) -> String {
    let rows = rows(findings);
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.map_cells());
        if index == 0 {
            text.push_str("| --- | --- | --- | --- | --- |\n");
        }
    }
    text
}

trait Cells {
    fn map_cells(&self) -> String;
}

impl Cells for [String; 5] {
    fn map_cells(&self) -> String {
        self.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | ")
    }
}

fn rows(findings: &[Finding]) -> Vec<[String; 5]> {
    let head = ["figure", "measured", "target", "verdict", "made of"].map(str::to_owned);
    let row = |one: &Finding| {
        [one.figure.clone(), one.measured(), one.target(), one.verdict.name().to_owned(), one.beside.clone()]
    };
    std::iter::once(head).chain(findings.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Finding, Goal, Unit, Verdict, markdown, table};

    #[test]
    fn a_goal_is_met_at_its_very_bound() {
        let verdict = |value, goal| Finding::new("x", value, Unit::Times, goal, "").verdict;
        assert_eq!(verdict(1.4, Goal::AtMost(1.4)), Verdict::Met);
        assert_eq!(verdict(1.5, Goal::AtMost(1.4)), Verdict::Missed);
        assert_eq!(verdict(0.85, Goal::AtLeast(0.85)), Verdict::Met);
        assert_eq!(verdict(0.8, Goal::AtLeast(0.85)), Verdict::Missed);
        assert_eq!(verdict(9.0, Goal::Shown), Verdict::Shown);
        assert_eq!(verdict(f64::NAN, Goal::Shown), Verdict::Failed);
    }

    #[test]
    fn figures_of_small_numbers_are_not_judged() {
        let verdict = |value, goal| Finding::new("x", value, Unit::Times, goal, "").unjudged().verdict;
        assert_eq!(verdict(9.0, Goal::AtMost(1.0)), Verdict::NotJudged);
        assert_eq!(verdict(9.0, Goal::Shown), Verdict::Shown);
        assert_eq!(verdict(f64::NAN, Goal::AtMost(1.0)), Verdict::Failed);
    }

    #[test]
    fn a_table_says_figure_target_and_verdict() {
        let findings = [Finding::new("CPU a|b", 1.234, Unit::Times, Goal::AtMost(1.4), "2 to 1")];
        assert!(table(&findings).contains("CPU a|b  1.23 ×    ≤ 1.40 ×  met      2 to 1"), "{}", table(&findings));
        assert!(markdown(&findings).contains("| CPU a\\|b | 1.23 × | ≤ 1.40 × | met | 2 to 1 |"));
    }
}
