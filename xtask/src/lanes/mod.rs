//! The official SDKs against the real binary: one lane per SDK and stage, one server per lane, one scorecard.

mod list;
mod program;

use std::time::Duration;

use anyhow::{Result, ensure};

use self::list::Lane;
pub(crate) use self::program::{Counts, follow};
use self::program::{MOST_SILENCE, prepare};
use crate::cargo::cargo;
use crate::paths::{Places, in_ci};
use crate::process;
use crate::report::{print_scorecard, timed};
use crate::server::{PROJECT, Server, key};

/// How one lane ended.
pub(crate) struct Score {
    pub(crate) lane: &'static str,
    pub(crate) counts: Counts,
    pub(crate) took: Duration,
    /// What its checks do not say themselves: that it was skipped, or could not run to its end.
    pub(crate) remark: Option<String>,
}

/// Builds the binary, then runs the named lanes, or all that the stage has.
pub(crate) fn run_named(places: &Places, names: &[&str]) -> Result<()> {
    let lanes = list::chosen(names)?;
    build_server(places)?;
    run_lanes(places, &lanes, Vec::new())
}

/// Builds what the lanes talk to.
pub(crate) fn build_server(places: &Places) -> Result<()> {
    process::run(cargo(places, "build").args(["--package", "herenow-cli"]), "mend what the compiler names")
}

/// Runs every lane of the stage and prints the scorecard, below what was scored before; an error if one failed.
pub(crate) fn run(places: &Places, scored: Vec<Score>) -> Result<()> {
    run_lanes(places, &list::chosen(&[])?, scored)
}

fn run_lanes(places: &Places, lanes: &[&'static Lane], mut scores: Vec<Score>) -> Result<()> {
    let (mut failed, mut broken) = (Vec::new(), Vec::new());
    for lane in lanes {
        let mut tried = try_lane(places, lane, &mut broken);
        if tried.counts.failed > 0 {
            println!("\nlane {} is tried once more: what fails twice fails", lane.name);
            tried = try_lane(places, lane, &mut broken);
            tried.remark.get_or_insert_with(|| "FLAKY: failed at first, see below".to_owned());
        }
        if tried.counts.failed > 0 {
            failed.push(lane.name);
        }
        scores.push(tried);
    }
    print_scorecard(&scores);
    for line in &broken {
        println!("{line}");
    }
    ensure!(failed.is_empty(), "SDK lanes failed: {}", failed.join(", "));
    Ok(())
}

/// Runs a lane; its failing lines are kept to be shown again below the scorecard.
fn try_lane(places: &Places, lane: &'static Lane, broken: &mut Vec<String>) -> Score {
    println!("\n-- lane {}", lane.name);
    let (outcome, took) = timed(|| run_lane(places, lane, broken));
    let (counts, remark) = match outcome {
        Ok(Outcome::Ran(counts)) => (counts, None),
        Ok(Outcome::Skipped(why)) => (Counts::default(), Some(format!("skipped: {why}"))),
        Err(error) => {
            broken.push(format!("{}: did not run to its end: {error:#}", lane.name));
            println!("lane {} failed: {error:#}", lane.name);
            (Counts { passed: 0, failed: 1 }, Some("did not run to its end".to_owned()))
        }
    };
    Score { lane: lane.name, counts, took, remark }
}

enum Outcome {
    Ran(Counts),
    Skipped(&'static str),
}

fn run_lane(places: &Places, lane: &Lane, broken: &mut Vec<String>) -> Result<Outcome> {
    let folder = places.root.join("conformance").join(lane.folder);
    let mut program = match prepare(places, lane, &folder) {
        Ok(program) => program,
        Err(error) if in_ci() => return Err(error.context("CI may not skip a lane")),
        Err(error) => {
            println!("lane {} is skipped: {error:#}", lane.name);
            return Ok(Outcome::Skipped("what it needs cannot be installed"));
        }
    };
    let server = Server::start(&places.target.join("debug/herenow"))?;
    program.env("HERENOW_ENDPOINT", &server.endpoint).env("HERENOW_PROJECT", PROJECT).env("HERENOW_KEY", key());
    let mut outcome = follow(&mut program, MOST_SILENCE, |line| {
        if line.starts_with("FAIL ") {
            broken.push(format!("{}: {line}", lane.name));
        }
    });
    if let Err(error) = server.stop() {
        println!("FAIL the server stops when it is asked to: {error:#}");
        outcome = outcome.map(|counts| Counts { failed: counts.failed + 1, ..counts });
    }
    if !matches!(outcome, Ok(Counts { failed: 0, .. })) {
        println!("the server's last log lines:\n{}", server.log());
    }
    outcome.map(Outcome::Ran)
}
