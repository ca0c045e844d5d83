//! Filters: subscriptions on `presences` with queries, few that many share beside as many as there are subscriptions.
//!
//! Each event is heard by one group of subscribers, whatever their queries are. What differs is what the server has
//! to check: a query once, however many have it, or every one.

use anyhow::ensure;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use super::driven::Driven;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Seat, first_event, room_row};
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::report::{Measurement, Report};
use crate::stage::{Stage, StageArgs, random_id};
use crate::statistics::{median, ratio};
use crate::target::Target;
use crate::writer::{Audience, Writer, WriterPlan};

/// Keep-alive connections of the writer.
const WRITERS: usize = 32;
/// Users whose presences a group listens to.
const OWNERS_OF_A_GROUP: u64 = 25;

/// `herenow bench filters`
#[derive(Debug, Args)]
pub struct FiltersArgs {
    /// Subscriptions with queries, each with a socket of its own
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=20_000))]
    subscriptions: u64,
    /// Groups of subscribers who listen to the same 25 users: so many distinct queries there are at least
    #[arg(long, default_value_t = 10, value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000))]
    groups: u64,
    /// Events a second
    #[arg(long, default_value_t = 200, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    rate: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

/// What the subscribers of a target ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queries {
    /// As many subscribers as hear an event, without queries.
    None,
    /// One query for each group.
    Shared,
    /// One query for each subscriber, which lets the same through.
    Distinct,
}

/// In the order in which they are started: the references send what the first server was heard to send.
const CASTS: [(Target, Queries); 5] = [
    (Target::Server, Queries::Shared),
    (Target::Server, Queries::Distinct),
    (Target::Server, Queries::None),
    (Target::Raw, Queries::Shared),
    (Target::Joined, Queries::Shared),
];

impl Scenario for FiltersArgs {
    const NAME: &'static str = "filters";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        ensure!(self.subscriptions.is_multiple_of(self.groups), "groups must be of one size");
        allow_connections(usize::try_from(self.subscriptions)? * CASTS.len())?;
        // Each further server in a folder of its own.
        let others = [Stage::prepare(&self.turns.stage)?, Stage::prepare(&self.turns.stage)?];
        let stages = [stage, &others[0], &others[1], stage, stage];
        let clock = Clock::start();
        let mut driven = Vec::new();
        for (stage, (target, queries)) in stages.into_iter().zip(CASTS) {
            progress.say(&format!("filters: starting {}", target.name()));
            driven.push(self.seated(stage, target, queries, clock)?);
        }
        let measured = self.turns.measure(&mut driven, self.turns.load(self.rate), progress)?;
        self.told(&measured)
    }
}

impl FiltersArgs {
    fn told(&self, measured: &[(usize, Measurement)]) -> anyhow::Result<Vec<Finding>> {
        let Self { subscriptions, groups, rate, .. } = self;
        let event_us = |queries: Queries| {
            let of = measured.iter().filter(|(index, _)| CASTS[*index] == (Target::Server, queries));
            median(of.map(|(_, one)| one.cpu_us_per_event())).unwrap_or(f64::NAN)
        };
        let [none, shared, distinct] = [Queries::None, Queries::Shared, Queries::Distinct].map(event_us);
        let others = |index: usize| matches!(CASTS[index], (Target::Server, Queries::None | Queries::Distinct));
        let beside_references = measured.iter().filter(|(index, _)| !others(*index)).map(|(_, one)| one.clone());
        let report = Report::new(Self::NAME, (), beside_references.collect(), Vec::new());
        let figure = format!("server CPU per delivery, {subscriptions} subscriptions with {groups} distinct queries");
        let hearers = format!("{rate} events/s, {} hear each", self.hearers());
        let missing: u64 = measured.iter().map(|(_, one)| one.missing).sum();
        let times = |value, reference| ratio(value, reference).unwrap_or(f64::NAN);
        let further = subscriptions - groups;
        #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
        let further_ns = (distinct - shared) * 1e3 / further.max(1) as f64;
        Ok(vec![
            report.against_references(figure, Goal::Shown, &hearers)?,
            Finding::new(
                "server CPU per event with queries, against as many deliveries without",
                times(shared, none),
                Unit::Times,
                Goal::Shown,
                format!("{shared:.1} µs against {none:.1} µs, the write over HTTP included"),
            ),
            Finding::new(
                format!("server CPU per event, {subscriptions} distinct queries against {groups}, the same deliveries"),
                times(distinct, shared),
                Unit::Times,
                Goal::Shown,
                format!(
                    "{distinct:.1} µs against {shared:.1} µs: {further_ns:.0} ns a further query; {missing} missing"
                ),
            ),
        ])
    }

    fn hearers(&self) -> u64 {
        self.subscriptions / self.groups
    }

    fn plan(&self) -> anyhow::Result<WriterPlan> {
        let presences = usize::try_from(self.groups * OWNERS_OF_A_GROUP)?;
        Ok(WriterPlan { presences, connections: WRITERS })
    }

    fn seated(&self, stage: &Stage, target: Target, queries: Queries, clock: Clock) -> anyhow::Result<Driven> {
        let (process, project) = (stage.start(target)?, &stage.credentials.project);
        let groups = usize::try_from(self.groups)?;
        let audience = |number: usize| Audience { room: u32::try_from(number % groups).ok(), ..Audience::everybody() };
        let mut writer = Writer::prepare_for(process.address, &stage.credentials, self.plan()?, audience)?;
        if (target, queries) == CASTS[0] {
            let write = || writer.write_once(process.address);
            stage.keep_event(&first_event(process.address, project, &Seat::guest()?, write)?)?;
        }
        let mut owners = vec![Vec::new(); groups];
        for (number, owner) in writer.owners().enumerate() {
            owners[number % groups].push(owner.to_owned());
        }
        let subscribers = if queries == Queries::None { self.hearers() } else { self.subscriptions };
        let mut driven = Driven::new(process, clock, writer, self.plan()?)?;
        driven.connect(subscribers, project, |number| {
            let group = number % self.groups;
            match (target, queries) {
                (Target::Server, Queries::None) => Seat::guest(),
                (Target::Server, Queries::Shared) => filtered(&owners[usize::try_from(group)?], None),
                (Target::Server, Queries::Distinct) => filtered(&owners[usize::try_from(group)?], Some(number)),
                _ => Ok(Seat { session: None, row: room_row(&[u32::try_from(group)?])? }),
            }
        })?;
        driven.heard_by(self.hearers());
        Ok(driven)
    }
}

/// A guest who listens to these users unless they are away, in words of the group or of its own.
fn filtered(owners: &[String], own: Option<u64>) -> anyhow::Result<Seat> {
    let away = own.map_or_else(|| "away".to_owned(), |number| format!("away-{number}"));
    let queries = [
        json!({"method": "equal", "attribute": "userId", "values": owners}).to_string(),
        json!({"method": "notEqual", "attribute": "status", "values": [away]}).to_string(),
    ];
    let row = json!({"subscriptionId": random_id()?, "channels": ["presences"], "queries": queries});
    Ok(Seat { session: None, row: row.to_string() })
}

#[cfg(test)]
mod tests {
    use super::filtered;

    #[test]
    fn queries_of_a_group_are_the_same_and_those_of_a_subscriber_are_not() {
        let owners = ["a".to_owned()];
        let queries = |own| {
            let row = filtered(&owners, own).expect("ids can be made").row;
            serde_json::from_str::<serde_json::Value>(&row).expect("JSON")["queries"].clone()
        };
        assert_eq!(queries(None), queries(None));
        assert_ne!(queries(Some(1)), queries(Some(2)));
    }
}
