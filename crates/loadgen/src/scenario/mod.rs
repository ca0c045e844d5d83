//! The scenarios: each owns its options, what it asks of the targets, and its report.

pub(crate) mod close;
mod driven;
pub(crate) mod expiry;
pub(crate) mod fan;
pub(crate) mod filters;
pub(crate) mod idle;
pub(crate) mod join;
pub(crate) mod latency;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod narrow;
pub(crate) mod roles;
pub(crate) mod slow;
mod turns;
pub(crate) mod writes;

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::machine;
use crate::progress::Progress;
use crate::report::finding::{Finding, table};
use crate::stage::{Stage, StageArgs};

/// What can be run by itself, and by `limits`.
pub(crate) trait Scenario: clap::Args {
    /// As it is called on the command line.
    const NAME: &'static str;

    /// Its part of the options that all share.
    fn stage(&self) -> &StageArgs;

    /// Runs it.
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>>;
}

/// Runs one scenario and prints what it found.
pub(crate) fn run<S: Scenario>(scenario: &S) -> anyhow::Result<()> {
    // Before the generator is pinned: it tells how many cores there are.
    let machine = machine::describe();
    let stage = Stage::prepare(scenario.stage())?;
    let findings = {
        let progress = Progress::new();
        scenario.findings(&stage, &progress)?
    };
    writeln!(std::io::stdout(), "{}: {machine}\n{}\n\n{}", S::NAME, stage.cores, table(&findings))?;
    keep_json(S::NAME, &findings, scenario.stage().json.as_deref())
}

/// Writes the findings as JSON where that is asked for.
fn keep_json(name: &str, findings: &[Finding], path: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let report = json!({"scenario": name, "version": env!("CARGO_PKG_VERSION"), "findings": findings});
    let text = serde_json::to_string_pretty(&report)?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
