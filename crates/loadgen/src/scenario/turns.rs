//! The options of scenarios in which several take turns: how long a turn is, and how many there are.

use clap::Args;
use clap::builder::RangedU64ValueParser;

use crate::stage::StageArgs;

/// Options of a scenario with rounds.
#[derive(Debug, Args)]
pub(crate) struct TurnArgs {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 4, value_parser = RangedU64ValueParser::<u64>::new().range(1..=30))]
    pub(super) seconds: u64,
    /// How often each has its turn; references have two turns in each round
    #[arg(long, default_value_t = 5, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100))]
    pub(super) rounds: u64,
    #[command(flatten)]
    pub(super) stage: StageArgs,
}

impl TurnArgs {
    /// For a part of a run whose stage is already set.
    pub(super) fn of(seconds: u64, rounds: u64) -> Self {
        Self { seconds, rounds, stage: StageArgs::none() }
    }

    /// How long a measurement is.
    pub(super) fn long_us(&self) -> u64 {
        self.seconds * 1_000_000
    }
}
