//! Latency at a part of what the joined reference can at most: both under the same load.

use anyhow::Context;
use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::Scenario;
use super::fan::{FanArgs, part};
use super::turns::TurnArgs;
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit, told_part};
use crate::stage::{Stage, StageArgs};
use crate::target::Target;

/// `herenow bench latency`
#[derive(Debug, Args)]
pub struct LatencyArgs {
    /// Sockets that hear every event
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    subscribers: u64,
    /// Per cent of the joined reference's events a second at full speed
    #[arg(long, default_value_t = 60, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100))]
    load: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

impl Scenario for LatencyArgs {
    const NAME: &'static str = "latency";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        let (subscribers, turns) = (self.subscribers, &self.turns);
        let most = FanArgs::full_speed(stage, progress, Target::Joined, (subscribers, turns.seconds))?;
        let rate = part(most, self.load);
        let fan = FanArgs::of(subscribers, turns.seconds, turns.rounds, &[Target::Server, Target::Joined]);
        let report = fan.report(stage, progress, rate)?;
        let p99 = report.summary_of("latency_p99_ms").context("a run has measurements")?;
        let (value, joined, itself) = p99.against(Target::Joined);
        let beside = format!(
            "{:.2} ms against {:.2} ms of joined, which differs from itself by {}; {rate} events/s of {most:.0}",
            p99.server.unwrap_or(f64::NAN),
            joined.unwrap_or(f64::NAN),
            told_part(itself)
        );
        let figure = format!("p99 latency at {} % of joined's maximum, {} subscribers", self.load, self.subscribers);
        Ok(vec![Finding::new(figure, value.unwrap_or(f64::NAN), Unit::Times, Goal::AtMost(1.3), beside)])
    }
}
