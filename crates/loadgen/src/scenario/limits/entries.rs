//! What `limits` runs, with which arguments, and how long each is planned to take on a quiet machine of two cores.

use std::time::Duration;

use clap::Command;

use super::super::{Scenario, close, expiry, fan, filters, idle, join, latency, list, narrow, roles, slow, writes};
use crate::progress::Progress;
use crate::report::finding::Finding;
use crate::stage::Stage;

/// A scenario of the short pass is given so long, whatever it is.
const QUICK_LIMIT: Duration = Duration::from_secs(180);
/// A scenario of the whole pass may take so many times as long as planned, and some more.
const LIMIT_TIMES: u32 = 3;
const LIMIT_SPARE: Duration = Duration::from_secs(60);

type Measure = fn(&[String], &Progress) -> anyhow::Result<Vec<Finding>>;

/// A scenario with its arguments for the whole pass and for the short one.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) measure: Measure,
    whole: &'static str,
    quick: &'static str,
    planned_seconds: u64,
}

/// Which of its two forms an entry is run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Whole,
    /// Small numbers, one round.
    Quick,
}

const fn entry<S: Scenario>(planned_seconds: u64, whole: &'static str, quick: &'static str) -> Entry {
    Entry { name: S::NAME, measure: measure::<S>, whole, quick, planned_seconds }
}

pub(super) const ENTRIES: [Entry; 16] = [
    entry::<fan::FanArgs>(60, "--rate 500 --seconds 2", "--subscribers 20 --rate 200 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>(60, "--rate 40 --seconds 2", "--subscribers 20 --rate 40 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>(60, "--rate 0 --seconds 2", "--subscribers 20 --rate 0 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>(65, "--load 50 --seconds 2", "--subscribers 20 --load 50 --seconds 1 --rounds 1"),
    entry::<fan::FanArgs>(
        140,
        "--subscribers 5000 --rate 0 --seconds 2",
        "--subscribers 40 --rate 0 --seconds 1 --rounds 1",
    ),
    entry::<latency::LatencyArgs>(45, "--seconds 2", "--subscribers 20 --seconds 1 --rounds 1"),
    entry::<join::JoinArgs>(120, "", "--users 20"),
    entry::<narrow::NarrowArgs>(75, "", "--subscriptions 100 --few 10 --seconds 1 --rounds 1"),
    entry::<roles::RolesArgs>(75, "--seconds 2", "--users 20 --teams 10 --each 2 --rate 1000 --seconds 1 --rounds 1"),
    entry::<filters::FiltersArgs>(
        100,
        "--seconds 2",
        "--subscriptions 20 --groups 4 --rate 1000 --seconds 1 --rounds 1",
    ),
    entry::<writes::WritesArgs>(50, "--seconds 2", "--seconds 1 --rounds 1 --sockets 4"),
    entry::<idle::IdleArgs>(50, "", "--connections 100 --settle 1"),
    entry::<list::ListArgs>(200, "--seconds 1", "--records 2000 --few 200 --seconds 1 --rounds 1 --settle 1"),
    entry::<slow::SlowArgs>(55, "", "--good 20 --slow 20 --seconds 1 --rounds 1"),
    entry::<expiry::ExpiryArgs>(200, "", "--records 100,1000"),
    entry::<close::CloseArgs>(5, "", "--closes 20"),
];

impl Entry {
    /// What its command is given.
    pub(super) fn arguments(&self, pass: Pass) -> impl Iterator<Item = &'static str> {
        let own = if pass == Pass::Quick { self.quick } else { self.whole };
        own.split_ascii_whitespace()
    }

    /// How long it is planned to take; the short pass has no plan.
    pub(super) fn planned(&self, pass: Pass) -> Duration {
        Duration::from_secs(if pass == Pass::Quick { 0 } else { self.planned_seconds })
    }

    /// When it is ended.
    pub(super) fn limit(&self, pass: Pass) -> Duration {
        if pass == Pass::Quick { QUICK_LIMIT } else { self.planned(pass) * LIMIT_TIMES + LIMIT_SPARE }
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
    use std::time::Duration;

    use super::{
        ENTRIES, Pass, Scenario, close, expiry, fan, filters, idle, join, latency, list, narrow, parse, roles, slow,
        writes,
    };

    fn parses<S: Scenario>(arguments: &[String]) -> Result<(), String> {
        parse::<S>(arguments).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn every_entry_has_arguments_that_its_command_takes() {
        for pass in [Pass::Whole, Pass::Quick] {
            for entry in &ENTRIES {
                let arguments: Vec<String> = entry.arguments(pass).map(str::to_owned).collect();
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

    #[test]
    fn the_whole_pass_is_planned_to_take_less_than_25_minutes() {
        let planned: Duration = ENTRIES.iter().map(|entry| entry.planned(Pass::Whole)).sum();
        assert!(planned < Duration::from_secs(25 * 60), "{planned:?}");
    }
}
