//! Every scenario in turn, and one table of what was measured and what must be reached.
//!
//! The arguments of an entry are those of its own command: what the table shows can be repeated alone.

use std::io::Write;
use std::path::PathBuf;

use anyhow::ensure;
use clap::{Args, Command};

use super::{Scenario, close, expiry, fan, filters, idle, join, keep_json, latency, list, narrow, roles, slow, writes};
use crate::progress::Progress;
use crate::report::finding::{Finding, markdown, table};
use crate::stage::Stage;

/// `herenow bench limits`
#[derive(Debug, Args)]
pub struct LimitsArgs {
    /// A short pass: small numbers, one round; says whether everything works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// Only these scenarios
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Print the table as Markdown
    #[arg(long)]
    markdown: bool,
    /// The herenow binary to measure [default: this program]
    #[arg(long, value_name = "PATH")]
    server_bin: Option<PathBuf>,
    /// Also write the findings to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

type Measure = fn(&[String], &Progress) -> anyhow::Result<Vec<Finding>>;

/// A scenario with its arguments for the whole pass and for the short one.
struct Entry {
    name: &'static str,
    measure: Measure,
    whole: &'static str,
    quick: &'static str,
}

const fn entry<S: Scenario>(whole: &'static str, quick: &'static str) -> Entry {
    Entry { name: S::NAME, measure: measure::<S>, whole, quick }
}

const ENTRIES: [Entry; 16] = [
    entry::<fan::FanArgs>("--rate 500 --seconds 2", "--subscribers 20 --rate 200 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>("--rate 40 --seconds 2", "--subscribers 20 --rate 40 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>("--rate 0 --seconds 2", "--subscribers 20 --rate 0 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>("--load 50 --seconds 2", "--subscribers 20 --load 50 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>(
        "--subscribers 5000 --rate 0 --seconds 2",
        "--subscribers 40 --rate 0 --seconds 1 --rounds 1",
    ),
    entry::<latency::LatencyArgs>("--seconds 2", "--subscribers 20 --seconds 1 --rounds 1"),
    entry::<join::JoinArgs>("", "--users 20"),
    entry::<narrow::NarrowArgs>("", "--subscriptions 100 --few 10 --seconds 1 --rounds 1"),
    entry::<roles::RolesArgs>("--seconds 2", "--users 20 --teams 10 --each 2 --rate 1000 --seconds 1 --rounds 1"),
    entry::<filters::FiltersArgs>("--seconds 2", "--subscriptions 20 --groups 4 --rate 1000 --seconds 1 --rounds 1"),
    entry::<writes::WritesArgs>("--seconds 2", "--seconds 1 --rounds 1 --sockets 4"),
    entry::<idle::IdleArgs>("", "--connections 100 --settle 1"),
    entry::<list::ListArgs>("--seconds 1", "--records 2000 --few 200 --seconds 1 --rounds 1 --settle 1"),
    entry::<slow::SlowArgs>("", "--good 20 --slow 20 --seconds 1 --rounds 1"),
    entry::<expiry::ExpiryArgs>("", "--records 100,1000"),
    entry::<close::CloseArgs>("", "--closes 20"),
];

/// Runs them all; a scenario that fails is told in the table, and the others go on.
pub(crate) fn run(args: &LimitsArgs) -> anyhow::Result<()> {
    for name in &args.only {
        ensure!(ENTRIES.iter().any(|entry| entry.name == name), "there is no scenario {name:?}");
    }
    let wanted = ENTRIES.iter().filter(|entry| args.only.is_empty() || args.only.iter().any(|name| name == entry.name));
    let progress = Progress::new();
    let mut findings = Vec::new();
    let mut failed = 0;
    for entry in wanted {
        progress.say(&format!("{}: begins", entry.name));
        match (entry.measure)(&args.arguments(entry), &progress) {
            Ok(found) => findings.extend(found),
            Err(error) => {
                failed += 1;
                findings.push(Finding::failed(entry.name, format!("{error:#}")));
            }
        }
    }
    drop(progress);
    let text = if args.markdown { markdown(&findings) } else { table(&findings) };
    writeln!(std::io::stdout(), "{text}")?;
    keep_json("limits", &findings, args.json.as_deref())?;
    ensure!(failed == 0, "{failed} scenarios did not come to their end");
    Ok(())
}

impl LimitsArgs {
    fn arguments(&self, entry: &Entry) -> Vec<String> {
        let own = if self.quick { entry.quick } else { entry.whole };
        let mut all: Vec<String> = own.split_ascii_whitespace().map(str::to_owned).collect();
        if let Some(path) = &self.server_bin {
            all.extend(["--server-bin".to_owned(), path.to_string_lossy().into_owned()]);
        }
        all
    }
}

fn measure<S: Scenario>(arguments: &[String], progress: &Progress) -> anyhow::Result<Vec<Finding>> {
    let scenario: S = parse(arguments)?;
    let stage = Stage::prepare(scenario.stage())?;
    scenario.findings(&stage, progress)
}

fn parse<S: Scenario>(arguments: &[String]) -> anyhow::Result<S> {
    let command = S::augment_args(Command::new(S::NAME).no_binary_name(true));
    Ok(S::from_arg_matches(&command.try_get_matches_from(arguments)?)?)
}

#[cfg(test)]
mod tests {
    use super::{
        ENTRIES, LimitsArgs, Scenario, close, expiry, fan, filters, idle, join, latency, list, narrow, parse, roles,
        slow, writes,
    };

    fn parses<S: Scenario>(arguments: &[String]) -> Result<(), String> {
        parse::<S>(arguments).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn every_entry_has_arguments_that_its_command_takes() {
        for quick in [false, true] {
            let args = LimitsArgs { quick, only: Vec::new(), markdown: false, server_bin: None, json: None };
            for entry in &ENTRIES {
                let arguments = args.arguments(entry);
                let outcome = match entry.name {
                    "fan" => parses::<fan::FanArgs>(&arguments),
                    "latency" => parses::<latency::LatencyArgs>(&arguments),
                    "idle" => parses::<idle::IdleArgs>(&arguments),
                    "list" => parses::<list::ListArgs>(&arguments),
                    "join" => parses::<join::JoinArgs>(&arguments),
                    "narrow" => parses::<narrow::NarrowArgs>(&arguments),
                    "roles" => parses::<roles::RolesArgs>(&arguments),
                    "filters" => parses::<filters::FiltersArgs>(&arguments),
                    "slow" => parses::<slow::SlowArgs>(&arguments),
                    "writes" => parses::<writes::WritesArgs>(&arguments),
                    "expiry" => parses::<expiry::ExpiryArgs>(&arguments),
                    "close" => parses::<close::CloseArgs>(&arguments),
                    other => Err(format!("{other} is not looked at here")),
                };
                assert_eq!(outcome, Ok(()), "{}", entry.name);
            }
        }
    }
}
