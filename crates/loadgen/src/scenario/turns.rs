//! The options of scenarios in which several take turns: how long a turn is, and how many there are.

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::driven::Driven;
use crate::engine::Load;
use crate::pace::Rate;
use crate::progress::Progress;
use crate::report::Measurement;
use crate::stage::StageArgs;
use crate::target::Target;

/// Every target does this long what it is measured at, before the first measurement.
const WARM_UP_US: u64 = 500_000;

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

    /// Warms all up, then lets each have its turns in every round; answers with who was measured.
    ///
    /// References stand on both sides of the servers: a machine that grows slower does not favour anybody, and their
    /// two halves tell how far a reference differs from itself.
    pub(super) fn measure(
        &self,
        driven: &mut [Driven],
        load: Load,
        progress: &Progress,
    ) -> anyhow::Result<Vec<(usize, Measurement)>> {
        for one in driven.iter_mut() {
            progress.say(&format!("warming up {}", one.name()));
            one.measure(Load { duration_us: WARM_UP_US, ..load }, 0)?;
        }
        let targets: Vec<Target> = driven.iter().map(Driven::target).collect();
        let mut measurements = Vec::new();
        for round in 1..=self.rounds {
            for index in there_and_back(&targets) {
                progress.say(&format!("round {round} of {}: {}", self.rounds, targets[index].name()));
                for one in driven.iter_mut() {
                    one.keep_alive()?;
                }
                measurements.push((index, driven[index].measure(load, round)?));
            }
        }
        Ok(measurements)
    }

    /// A load at this rate for as long as a measurement takes.
    pub(super) fn load(&self, events_per_second: u64) -> Load {
        Load { rate: Rate::PerSecond(events_per_second), duration_us: self.long_us(), window: u64::MAX }
    }
}

/// The order within a round: the references, the servers once each in the middle, and the references back again.
fn there_and_back(targets: &[Target]) -> Vec<usize> {
    let servers = (0..targets.len()).filter(|index| targets[*index] == Target::Server);
    let references: Vec<usize> = (0..targets.len()).filter(|index| targets[*index] != Target::Server).collect();
    references.iter().copied().chain(servers).chain(references.iter().rev().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::there_and_back;
    use crate::target::Target::{Joined, Raw, Server};

    #[test]
    fn references_stand_on_both_sides_of_the_servers() {
        assert_eq!(there_and_back(&[Server, Raw, Joined]), [1, 2, 0, 2, 1]);
        assert_eq!(there_and_back(&[Raw, Joined]), [0, 1, 1, 0]);
        assert_eq!(there_and_back(&[Server, Server, Raw]), [2, 0, 1, 2]);
    }
}
