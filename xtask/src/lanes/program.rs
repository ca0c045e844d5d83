//! A lane's program: what it needs to be installed, how it is started, and what its lines say.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::list::{Lane, Runner};
use crate::cargo::cargo;
use crate::paths::{Places, in_ci};
use crate::process::{self, Next, Running};
use crate::tools;

/// A lane that prints nothing for this long hangs: each of its checks has a shorter deadline of its own.
pub(super) const MOST_SILENCE: Duration = Duration::from_secs(90);
const EXIT_LIMIT: Duration = Duration::from_secs(30);

/// How many checks held and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

/// Installs and builds what the lane needs; gives the command that runs it.
pub(super) fn prepare(places: &Places, lane: &Lane, folder: &Path) -> Result<Command> {
    let mut pythons_of_pages = None;
    let (interpreter, argument) = match lane.runner {
        Runner::Browser(script) => {
            tools::chromium().context("Chromium")?;
            tools::npm_packages(places, folder).context("npm packages")?;
            (PathBuf::from("node"), script)
        }
        Runner::Documentation(script) => {
            tools::npm_packages(places, &folder.with_file_name("sdk-node")).context("npm packages")?;
            tools::npm_packages(places, folder).context("npm packages")?;
            let python = tools::python(places, &folder.with_file_name("sdk-python")).context("a Python environment")?;
            let grammars = tools::python(places, folder).context("a Python environment")?;
            pythons_of_pages = Some((python, grammars));
            match tools::chromium() {
                Err(error) if in_ci() => return Err(error.context("Chromium")),
                Err(error) => println!("pages of the documentation are not opened: {error:#}"),
                Ok(()) => {}
            }
            (PathBuf::from("node"), script)
        }
        Runner::Node(script) => {
            tools::npm_packages(places, folder).context("npm packages")?;
            (PathBuf::from("node"), script)
        }
        Runner::Python(script) => (tools::python(places, folder).context("a Python environment")?, script),
        Runner::Rust(module) => {
            tools::openssl_headers().context("OpenSSL's headers")?;
            let mut build = cargo(places, "build");
            build.args(["--quiet", "--manifest-path"]).arg(folder.join("Cargo.toml"));
            process::run(&mut build, "mend what the compiler names")?;
            (places.target.join("debug/herenow-sdk-rust"), module)
        }
    };
    let mut program = Command::new(interpreter);
    program.arg(argument).current_dir(folder);
    if let Some((python, grammars)) = pythons_of_pages {
        program.env("HERENOW_PYTHON", python).env("HERENOW_DOCS_PYTHON", grammars);
        program.env("HERENOW_BINARY", places.target.join("debug/herenow"));
    }
    Ok(program)
}

/// Runs the program, shows its lines as they come, hands each to `see` and reads the closing one.
pub(crate) fn follow(program: &mut Command, most_silence: Duration, mut see: impl FnMut(&str)) -> Result<Counts> {
    let running = Running::start(program)?;
    let mut counted = None;
    while let Next::Line(line) = running.next_line(most_silence)? {
        println!("{line}");
        see(&line);
        counted = closing_line(&line).or(counted);
    }
    let status = running.wait(EXIT_LIMIT)?;
    match counted {
        None => bail!("it ended with {status} and without its closing line"),
        Some(Counts { passed: 0, failed: 0 }) => bail!("it ran no check"),
        Some(Counts { failed: 0, .. }) if !status.success() => {
            bail!("its checks passed and yet it ended with {status}")
        }
        Some(counts) => Ok(counts),
    }
}

fn closing_line(line: &str) -> Option<Counts> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some(Counts { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow_lane(script: &str) -> Result<Counts> {
        follow(Command::new("sh").args(["-c", script]), MOST_SILENCE, |_| {})
    }

    #[test]
    fn only_the_closing_line_counts_checks() {
        assert_eq!(closing_line("12 passed, 3 failed"), Some(Counts { passed: 12, failed: 3 }));
        assert_eq!(closing_line("ok 12 passed, 3 failed"), None);
        assert_eq!(closing_line("12 passed, 3 failed, perhaps"), None);
    }

    #[test]
    fn a_lane_tells_what_it_counted() {
        let counts = follow_lane("echo ok a; echo 1 passed, 1 failed; exit 1").expect("it closes");
        assert_eq!(counts, Counts { passed: 1, failed: 1 });
    }

    #[test]
    fn a_lane_without_a_closing_line_fails() {
        assert!(follow_lane("echo ok something").is_err());
    }

    #[test]
    fn a_lane_that_ran_no_check_fails() {
        assert!(follow_lane("echo 0 passed, 0 failed").is_err());
    }

    #[test]
    fn a_lane_that_passes_and_exits_badly_fails() {
        assert!(follow_lane("echo 2 passed, 0 failed; exit 3").is_err());
    }
}
