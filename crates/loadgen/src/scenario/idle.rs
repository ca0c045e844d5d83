//! Idle memory: what a connection costs that is subscribed and hears nothing.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use rustix::event::poll;
use serde::Serialize;

use super::Scenario;
use crate::connect::allow_connections;
use crate::crowd::{Crowd, Seat};
use crate::poller::{Poller, timespec};
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::report::{self, Memory, Report};
use crate::stage::{Stage, StageArgs};
use crate::target::{Process, Target};

/// Allocators give memory back some seconds after it was freed: the wait between two looks.
const LOOK_US: u64 = 1_000_000;
/// Memory that is the same for so many looks has settled.
const EQUAL_LOOKS: u32 = 3;
/// Connections that come first, so that what the first one sets up is not put on the others.
const WARM_UP_CONNECTIONS: usize = 100;

/// `herenow bench idle`
#[derive(Debug, Args)]
pub struct IdleArgs {
    /// Sockets to open, each with one subscription to `presences`
    #[arg(long, default_value_t = 10_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    connections: usize,
    /// Seconds that memory may take to settle, before and after
    #[arg(long, default_value_t = 15, value_parser = RangedU64ValueParser::<u32>::new().range(0..=60))]
    settle: u32,
    /// What is measured
    #[arg(long, value_delimiter = ',', default_values = ["server"])]
    targets: Vec<Target>,
    #[command(flatten)]
    stage: StageArgs,
}

#[derive(Debug, Serialize)]
struct Settings {
    connections: usize,
    warm_up_connections: usize,
    settle_seconds: u32,
}

/// Runs the scenario and prints its report.
pub(crate) fn run(args: &IdleArgs) -> anyhow::Result<()> {
    let stage = Stage::prepare(&args.stage)?;
    let progress = Progress::new();
    let memory = args.memory(&stage, &progress)?;
    drop(progress);
    let settings = Settings {
        connections: args.connections,
        warm_up_connections: WARM_UP_CONNECTIONS,
        settle_seconds: args.settle,
    };
    let title = format!("idle: {} subscribed connections that hear nothing", args.connections);
    report::publish(&title, &Report::new("idle", settings, Vec::new(), memory), args.stage.json.as_deref())
}

impl IdleArgs {
    fn memory(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Memory>> {
        allow_connections(self.connections + WARM_UP_CONNECTIONS)?;
        self.targets.iter().map(|target| measure(self, stage, *target, progress)).collect()
    }
}

impl Scenario for IdleArgs {
    const NAME: &'static str = "idle";

    fn stage(&self) -> &StageArgs {
        &self.stage
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        let finding = |one: &Memory| {
            let beside = format!(
                "{} KiB before, {} KiB with them; aim: 2,048 bytes",
                one.resident_bytes_before >> 10,
                one.resident_bytes_end >> 10
            );
            let grown = one.resident_bytes_end.saturating_sub(one.resident_bytes_before);
            let figure =
                format!("memory per idle subscribed connection, {} of them, {}", one.connections, one.target.name());
            let value = grown as f64 / one.connections.max(1) as f64;
            Finding::new(figure, value, Unit::Bytes, Goal::AtMost(4_096.0), beside)
        };
        Ok(self.memory(stage, progress)?.iter().map(finding).collect())
    }
}

fn measure(args: &IdleArgs, stage: &Stage, target: Target, progress: &Progress) -> anyhow::Result<Memory> {
    let process = stage.start(target)?;
    let poller = Poller::new(1)?;
    let mut crowd = Crowd::new();
    let join = |crowd: &mut Crowd| crowd.join(process.address, &stage.credentials.project, &Seat::guest()?, &poller);
    for _ in 0..WARM_UP_CONNECTIONS {
        join(&mut crowd)?;
    }
    let before = settled(&process, args.settle)?;
    for number in 0..args.connections {
        if number % 1_000 == 0 {
            progress.say(&format!("{}: {number} of {} connections", target.name(), args.connections));
        }
        join(&mut crowd)?;
    }
    let connected = process.usage()?.resident_bytes;
    progress.say(&format!("{}: waiting for memory to settle", target.name()));
    Ok(Memory {
        target,
        connections: args.connections as u64,
        resident_bytes_before: before,
        resident_bytes_connected: connected,
        resident_bytes_end: settled(&process, args.settle)?,
    })
}

/// Resident memory once it no longer changes, or when the time for that is over.
pub(super) fn settled(process: &Process, seconds: u32) -> anyhow::Result<u64> {
    let mut resident_bytes = process.usage()?.resident_bytes;
    let mut equal_looks = 0;
    for _ in 0..seconds {
        // Nothing announces that an allocator has given memory back: this is a wait for time itself.
        poll(&mut [], Some(&timespec(LOOK_US)))?;
        let now = process.usage()?.resident_bytes;
        equal_looks = if now == resident_bytes { equal_looks + 1 } else { 0 };
        resident_bytes = now;
        if equal_looks == EQUAL_LOOKS {
            break;
        }
    }
    Ok(resident_bytes)
}
