//! The Autobahn fuzzing client against the project's own handshake and framing. Knows the suite by its wrapper in
//! `conformance/autobahn` alone, and the framing by the echo endpoint that exists in test builds only.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::cargo;
use crate::lanes::{Counts, Score, follow};
use crate::paths::{Places, in_ci};
use crate::process::{self, Next, Running};
use crate::report::{print_scorecard, timed};
use crate::tools;

const NAME: &str = "autobahn";
const READY: &str = "echo: listening on ";
const START_LIMIT: Duration = Duration::from_secs(30);
/// The longest cases give themselves eight minutes.
const MOST_SILENCE: Duration = Duration::from_secs(500);

/// Runs the named cases, all of them (`--all`), or those that every change has to pass.
pub(crate) fn run_named(places: &Places, words: &[&str]) -> Result<()> {
    let cases = match words {
        [] => &["some"],
        ["--all"] => &["all"],
        cases => cases,
    };
    let score = run(places, cases)?;
    print_scorecard(std::slice::from_ref(&score));
    held(score).map(drop)
}

/// Runs the cases that every change has to pass; the score is for the scorecard.
pub(crate) fn run_some(places: &Places) -> Result<Score> {
    held(run(places, &["some"])?)
}

fn held(score: Score) -> Result<Score> {
    ensure!(score.counts.failed == 0, "{} cases failed: mend crates/hub/src/frame", score.counts.failed);
    Ok(score)
}

fn run(places: &Places, cases: &[&str]) -> Result<Score> {
    let suite = match prepare(places) {
        Ok(suite) => suite,
        Err(error) if in_ci() => return Err(error.context("CI may not skip the fuzzing client")),
        Err(error) => {
            println!("Autobahn is skipped: {error:#}");
            let remark = Some("skipped: what it needs cannot be installed".to_owned());
            return Ok(Score { lane: NAME, counts: Counts::default(), took: Duration::ZERO, remark });
        }
    };
    let (_echo, address) = start_echo(places)?;
    let mut fuzzer = Command::new(&suite.python);
    fuzzer.arg(places.root.join("conformance/autobahn/fuzz.py")).arg(&suite.cases).arg(address).args(cases);
    let mut apart = 0;
    let (counts, took) =
        timed(|| follow(&mut fuzzer, MOST_SILENCE, |line| apart += u32::from(line.starts_with("apart "))));
    let remark = (apart > 0).then(|| format!("{apart} apart: the RFC leaves open what is right"));
    Ok(Score { lane: NAME, counts: counts?, took, remark })
}

/// The installed suite.
struct Suite {
    python: PathBuf,
    cases: PathBuf,
}

fn prepare(places: &Places) -> Result<Suite> {
    let folder = places.root.join("conformance/autobahn");
    let sources = ["requirements.txt", "convert.py", "bytetext.py"].map(|name| folder.join(name));
    let installed = tools::installed_once(places, NAME, &sources, |target| {
        process::run_quietly(Command::new(tools::python_with_lib2to3()?).args(["-m", "venv"]).arg(target))?;
        let python = target.join("bin/python");
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "-r"]).arg(&sources[0]);
        process::run_quietly(&mut pip)?;
        process::run_quietly(Command::new(&python).arg(&sources[1]).arg(target.join("cases")))
    })?;
    Ok(Suite { python: installed.join("bin/python"), cases: installed.join("cases") })
}

fn start_echo(places: &Places) -> Result<(Running, String)> {
    let mut build = cargo(places, "build");
    build.args(["--quiet", "--package", "herenow-hub", "--example", "echo"]);
    process::run(&mut build, "mend what the compiler names")?;
    let running = Running::start(&mut Command::new(places.target.join("debug/examples/echo")))?;
    match running.next_line(START_LIMIT).context("the echo endpoint did not get ready")? {
        Next::Line(line) => match line.strip_prefix(READY) {
            Some(address) => Ok((running, address.to_owned())),
            None => bail!("the echo endpoint's first line is not `{READY}ADDRESS`: {line}"),
        },
        Next::End => bail!("the echo endpoint ended at once"),
    }
}
