//! Narrow interest: each subscription listens to one presence, and each event is heard by one of them.

use anyhow::Context;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use super::driven::Driven;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::Seat;
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs, random_id};
use crate::statistics::{median, ratio};
use crate::target::Target;
use crate::writer::{Writer, WriterPlan};

/// Subscriptions of one socket.
const PER_SOCKET: u64 = 10;

/// `herenow bench narrow`
#[derive(Debug, Args)]
pub struct NarrowArgs {
    /// Subscriptions of the large server, ten a socket
    #[arg(long, default_value_t = 100_000, value_parser = RangedU64ValueParser::<u64>::new().range(10..=1_000_000))]
    subscriptions: u64,
    /// Subscriptions of the small one; so many presences are written on both
    #[arg(long, default_value_t = 100, value_parser = RangedU64ValueParser::<u64>::new().range(10..=10_000))]
    few: u64,
    /// Events a second
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    rate: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

impl Scenario for NarrowArgs {
    const NAME: &'static str = "narrow";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        allow_connections(usize::try_from((self.subscriptions + self.few) / PER_SOCKET)?)?;
        let other = Stage::prepare(&self.turns.stage)?;
        let mut both = Vec::new();
        for (stage, subscriptions) in [(stage, self.few), (&other, self.subscriptions)] {
            progress.say(&format!("narrow: {subscriptions} subscriptions"));
            both.push(self.subscribed(stage, subscriptions)?);
        }
        let mut costs = [Vec::new(), Vec::new()];
        let (mut events, mut heard) = (0, 0);
        for (index, one) in self.turns.measure(&mut both, self.turns.load(self.rate), progress)? {
            events += one.events;
            heard += one.deliveries;
            costs[index].push(one.cpu_us_per_event());
        }
        let [few, many] = costs.map(|all| median(all).unwrap_or(f64::NAN));
        let figure =
            format!("event that one of {} subscriptions hears, against one of {}", self.subscriptions, self.few);
        let beside = format!(
            "{many:.1} µs of server CPU against {few:.1} µs, the write over HTTP included; {heard} of {events} heard"
        );
        let value = ratio(many, few).unwrap_or(f64::NAN);
        Ok(vec![Finding::new(figure, value, Unit::Times, Goal::AtMost(1.2), beside)])
    }
}

impl NarrowArgs {
    /// A server with subscriptions of which as many as presences are written will hear something; they are
    /// spread evenly.
    fn subscribed(&self, stage: &Stage, subscriptions: u64) -> anyhow::Result<Driven> {
        let process = stage.start(Target::Server)?;
        let plan = WriterPlan { presences: usize::try_from(self.few)?, connections: 32 };
        let writer = Writer::prepare(process.address, &stage.credentials, plan)?;
        let mut written = writer.presence_ids().map(str::to_owned).collect::<Vec<_>>().into_iter();
        let mut driven = Driven::new(process, Clock::start(), writer, plan)?;
        let every = subscriptions / self.few;
        let mut number = 0;
        driven.connect(subscriptions / PER_SOCKET, &stage.credentials.project, |_| {
            let mut rows = Vec::new();
            for _ in 0..PER_SOCKET {
                let own = if number % every == 0 { written.next() } else { None };
                number += 1;
                let channel = format!("presences.{}", own.map_or_else(random_id, Ok)?);
                rows.push(json!({"subscriptionId": random_id()?, "channels": [channel]}).to_string());
            }
            Ok(Seat { session: None, row: rows.join(",") })
        })?;
        driven.heard_by(1);
        written.next().map_or(Ok(()), |_| None.context("every presence has one who listens"))?;
        Ok(driven)
    }
}
