//! One scenario of the table as a process of its own, which can be ended when it does not come to its end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};

use super::entries::ENTRIES;
use crate::poller::timespec;
use crate::progress::Progress;
use crate::report::finding::Finding;

/// `herenow bench part`: started by `limits` alone.
#[derive(Debug, Args)]
pub struct PartArgs {
    name: String,
    /// Where its outcome goes
    #[arg(long)]
    outcome: PathBuf,
    /// What stands before its progress
    #[arg(long, default_value = "")]
    label: String,
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// How a scenario ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Found(Vec<Finding>),
    Failed(String),
}

/// Measures, and writes down what came of it; does not outlive the process that started it.
pub(crate) fn run(args: &PartArgs) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let entry = ENTRIES.iter().find(|entry| entry.name == args.name).context("there is no such scenario")?;
    let measured = (entry.measure)(&args.arguments, &Progress::within(&args.label));
    let outcome = measured.map_or_else(|error| Outcome::Failed(format!("{error:#}")), Outcome::Found);
    Ok(std::fs::write(&args.outcome, serde_json::to_vec(&outcome)?)?)
}

/// What a part is started with.
pub(super) struct Part<'run> {
    pub(super) name: &'run str,
    pub(super) arguments: Vec<String>,
    pub(super) label: String,
    pub(super) limit: Duration,
}

impl Part<'_> {
    /// Runs it to its end or to its limit, with a folder for everything that it leaves behind.
    pub(super) fn findings(&self, folder: &Path) -> anyhow::Result<Vec<Finding>> {
        let outcome = folder.join("outcome.json");
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "part", self.name, "--label", &self.label, "--outcome"]).arg(&outcome).arg("--");
        command.args(&self.arguments).env("TMPDIR", folder).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().context("cannot start a scenario")?;
        if !ends_within(&child, self.limit)? {
            child.kill()?;
            child.wait()?;
            bail!("it was ended after {} s, without having come to its end", self.limit.as_secs());
        }
        let status = child.wait()?;
        ensure!(status.success(), "its process ended with {status}");
        match serde_json::from_slice(&std::fs::read(&outcome)?)? {
            Outcome::Found(findings) => Ok(findings),
            Outcome::Failed(why) => bail!(why),
        }
    }
}

fn ends_within(child: &Child, limit: Duration) -> anyhow::Result<bool> {
    let handle = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let limit = timespec(u64::try_from(limit.as_micros())?);
    Ok(poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&limit))? > 0)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::ends_within;

    #[test]
    fn what_does_not_end_is_noticed() {
        let mut child = Command::new("sleep").arg("1000").spawn().expect("the system has sleep");
        assert!(!ends_within(&child, Duration::from_millis(1)).expect("a child can be waited for"));
        child.kill().expect("a child can be killed");
        assert!(ends_within(&child, Duration::from_secs(60)).expect("a child can be waited for"));
        child.wait().expect("it has ended");
    }
}
