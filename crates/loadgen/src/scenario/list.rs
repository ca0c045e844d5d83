//! Lists under load: 25 of many records against 25 of a few, while writers write. What a record weighs comes with it,
//! since it is the filling that takes long.

mod filled;
mod kinds;

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::Scenario;
use super::turns::TurnArgs;
use crate::connect::allow_connections;
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs};
use crate::statistics::{median, ratio};
use filled::{Filled, Spell};
use kinds::{KINDS, Kind};

/// `herenow bench list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Records of the large server
    #[arg(long, default_value_t = 1_000_000, value_parser = RangedU64ValueParser::<u64>::new().range(100..=10_000_000))]
    records: u64,
    /// Records of the small one
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(100..=1_000_000))]
    few: u64,
    /// Upserts a second over HTTP beside the lists; 0 is none
    #[arg(long, default_value_t = 200, value_parser = RangedU64ValueParser::<u64>::new().range(0..=100_000))]
    writes: u64,
    /// Seconds that memory may take to settle
    #[arg(long, default_value_t = 15, value_parser = RangedU64ValueParser::<u32>::new().range(0..=60))]
    settle: u32,
    #[command(flatten)]
    turns: TurnArgs,
}

/// One kind of list on one server, in each round.
#[derive(Debug, Default)]
struct Column {
    p50_us: Vec<f64>,
    p99_us: Vec<f64>,
    cpu_us: Vec<f64>,
}

impl Scenario for ListArgs {
    const NAME: &'static str = "list";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        allow_connections(0)?;
        // Each in a folder of its own.
        let other = Stage::prepare(&self.turns.stage)?;
        let many = Filled::fill(stage, self.records, self.settle, progress)?;
        let few = Filled::fill(&other, self.few, self.settle, progress)?;
        let mut findings = vec![Finding::new(
            format!("memory per record, {} of them, metadata of 100 bytes", self.records),
            many.bytes_per_record,
            Unit::Bytes,
            Goal::AtMost(600.0),
            many.memory.clone(),
        )];
        let mut columns = KINDS.map(|_| [Column::default(), Column::default()]);
        for round in 1..=self.turns.rounds {
            let alone = [&few, &many].map(|filled| filled.spend(self.spell(), None).map(|spent| spent.cpu_us));
            for (kind, columns) in KINDS.iter().zip(&mut columns) {
                progress.say(&format!("list: round {round} of {}: {}", self.turns.rounds, kind.name));
                for ((filled, column), alone) in [&few, &many].into_iter().zip(columns).zip(&alone) {
                    let alone = alone.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
                    column.measure(filled, self.spell(), kind, *alone)?;
                }
            }
        }
        findings.extend(KINDS.iter().zip(columns).map(|(kind, columns)| self.finding(kind, columns)));
        Ok(findings)
    }
}

impl ListArgs {
    fn spell(&self) -> Spell {
        Spell { long_us: self.turns.long_us(), writes_per_second: self.writes }
    }

    fn finding(&self, kind: &Kind, columns: [Column; 2]) -> Finding {
        let of = |all: Vec<f64>| median(all).unwrap_or(f64::NAN);
        let [few, many] = columns.map(|column| [of(column.p50_us), of(column.p99_us), of(column.cpu_us)]);
        let times = |index: usize| ratio(many[index], few[index]).unwrap_or(f64::NAN);
        let beside = format!(
            "p50 {:.0} µs against {:.0}; p99 {:.0} µs against {:.0}, {:.2} ×; server CPU {:.0} µs a list against {:.0}, \
             {:.2} ×; beside {} writes/s",
            many[0],
            few[0],
            many[1],
            few[1],
            times(1),
            many[2],
            few[2],
            times(2),
            self.writes
        );
        let figure = format!("list of 25 {}, p50 among {} against among {}", kind.name, self.records, self.few);
        Finding::new(figure, times(0), Unit::Times, kind.goal, beside)
    }
}

impl Column {
    /// `alone_us` is the processor time of as many writes without lists.
    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn measure(&mut self, filled: &Filled, spell: Spell, kind: &Kind, alone_us: u64) -> anyhow::Result<()> {
        let spent = filled.spend(spell, Some(kind))?;
        let quantile = |quantile| spent.latency_us.value_at_quantile(quantile) as f64;
        self.p50_us.push(quantile(0.5));
        self.p99_us.push(quantile(0.99));
        self.cpu_us.push(spent.cpu_us.saturating_sub(alone_us) as f64 / spent.latency_us.len().max(1) as f64);
        Ok(())
    }
}
