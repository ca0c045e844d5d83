//! Slow readers: what those who never read cost those who do.

use anyhow::Context;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use socket2::SockRef;

use super::Scenario;
use super::driven::Driven;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Handshake, Seat};
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs};
use crate::statistics::{median, ratio};
use crate::target::Target;
use crate::writer::{Writer, WriterPlan};

/// As little as the kernel allows: what waits shall wait in the server.
const SLOW_BUFFER_BYTES: usize = 4_096;
const PLAN: WriterPlan = WriterPlan { presences: 256, connections: 32 };

/// `herenow bench slow`
#[derive(Debug, Args)]
pub struct SlowArgs {
    /// Sockets that read
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    good: u64,
    /// Sockets that never read
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    slow: usize,
    /// Events a second
    #[arg(long, default_value_t = 100, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    rate: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

impl Scenario for SlowArgs {
    const NAME: &'static str = "slow";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        allow_connections(usize::try_from(self.good)? * 2 + self.slow)?;
        let other = Stage::prepare(&self.turns.stage)?;
        let mut alone = self.good_ones(stage)?;
        let mut beside = self.good_ones(&other)?;
        let before = beside.process().usage()?.resident_bytes;
        let slow = self.slow_ones(&other, &beside)?;
        let load = self.turns.load(self.rate);
        progress.say("slow: filling the sockets of those who do not read");
        beside.measure(load, 0)?;
        alone.measure(load, 0)?;
        let mut p99_ms = [Vec::new(), Vec::new()];
        let mut missing = 0;
        for round in 1..=self.turns.rounds {
            progress.say(&format!("slow: round {round} of {}", self.turns.rounds));
            for (driven, p99_ms) in [&mut alone, &mut beside].into_iter().zip(&mut p99_ms) {
                driven.keep_alive()?;
                let one = driven.measure(load, round)?;
                missing += one.missing;
                p99_ms.push(one.latency_p99_ms);
            }
        }
        let grown = beside.process().usage()?.resident_bytes.saturating_sub(before);
        let [without, with] = p99_ms.map(|all| median(all).unwrap_or(f64::NAN));
        let figure =
            format!("{} readers that never read beside {} good ones: the good ones' p99", slow.len(), self.good);
        let text = format!("{with:.2} ms against {without:.2} ms without them; {missing} missing");
        let value = ratio(with, without).unwrap_or(f64::NAN);
        let each = grown as f64 / slow.len().max(1) as f64;
        Ok(vec![
            Finding::new(figure, value, Unit::Times, Goal::AtMost(1.3), text),
            Finding::new(
                "memory per reader that never reads",
                each,
                Unit::Bytes,
                Goal::AtMost(262_144.0),
                format!("{} KiB before, {} KiB more at the end", before >> 10, grown >> 10),
            ),
        ])
    }
}

impl SlowArgs {
    fn good_ones(&self, stage: &Stage) -> anyhow::Result<Driven> {
        let process = stage.start(Target::Server)?;
        let writer = Writer::prepare(process.address, &stage.credentials, PLAN)?;
        let mut driven = Driven::new(process, Clock::start(), writer, PLAN)?;
        driven.connect(self.good, &stage.credentials.project, |_| Seat::guest())?;
        Ok(driven)
    }

    fn slow_ones(&self, stage: &Stage, driven: &Driven) -> anyhow::Result<Vec<std::net::TcpStream>> {
        let open = |number| {
            let address = driven.process().address;
            let handshake = Handshake::seated(address, number, &stage.credentials.project, &Seat::guest()?)?;
            let (stream, _) = handshake.into_parts();
            SockRef::from(&stream).set_recv_buffer_size(SLOW_BUFFER_BYTES).context("cannot narrow a socket")?;
            Ok(stream)
        };
        (0..self.slow).map(open).collect()
    }
}
