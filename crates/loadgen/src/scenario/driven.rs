//! A target with its subscribers and writer, and what it used while it was driven.

use anyhow::Context;

use crate::clock::Clock;
use crate::crowd::Seat;
use crate::engine::{Engine, Load, Outcome};
use crate::procfs::Usage;
use crate::report::{Measurement, Memory};
use crate::target::{Process, Target};
use crate::writer::{Writer, WriterPlan};

/// One target under load.
pub(super) struct Driven {
    engine: Engine,
    process: Process,
    before: Usage,
    after: Usage,
    plan: WriterPlan,
}

impl Driven {
    /// A target that nobody listens to yet.
    pub(super) fn new(process: Process, clock: Clock, writer: Writer, plan: WriterPlan) -> anyhow::Result<Self> {
        let before = process.usage()?;
        Ok(Self { engine: Engine::new(clock, writer)?, process, before, after: before, plan })
    }

    /// Opens the subscribers, each in the seat of its number.
    pub(super) fn connect(
        &mut self,
        subscribers: u64,
        project: &str,
        mut seat: impl FnMut(u64) -> anyhow::Result<Seat>,
    ) -> anyhow::Result<()> {
        let (crowd, _, poller) = self.engine.parts();
        for number in 0..subscribers {
            crowd
                .join(self.process.address, project, &seat(number)?, poller)
                .with_context(|| format!("{} refuses a subscriber", self.process.target.name()))?;
        }
        self.after = self.process.usage()?;
        Ok(())
    }

    /// So many subscribers hear each event, instead of all.
    pub(super) fn heard_by(&mut self, subscribers: u64) {
        self.engine.hearers = Some(subscribers);
    }

    /// The process.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// What it is.
    pub(super) fn target(&self) -> Target {
        self.process.target
    }

    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        self.process.target.name()
    }

    /// Pings over all its sockets.
    pub(super) fn keep_alive(&mut self) -> anyhow::Result<()> {
        let name = self.name();
        self.engine.keep_alive().with_context(|| format!("{name} lost its subscribers"))
    }

    /// One measurement.
    pub(super) fn measure(&mut self, load: Load, round: u64) -> anyhow::Result<Measurement> {
        let (_, writer, poller) = self.engine.parts();
        writer.connect(self.process.address, self.plan, poller)?;
        let (target, generator) = (self.process.usage()?, Usage::of_generator()?);
        let name = self.name();
        let outcome = self.engine.measure(load).with_context(|| format!("{name} did not take the load"))?;
        self.engine.parts().1.disconnect()?;
        let target_cpu_us = self.process.usage()?.cpu_us - target.cpu_us;
        let generator_cpu_us = Usage::of_generator()?.cpu_us - generator.cpu_us;
        Ok(self.measurement(round, &outcome, target_cpu_us, generator_cpu_us))
    }

    /// Memory without subscribers, with them, and now.
    pub(super) fn memory(&self) -> anyhow::Result<Memory> {
        Ok(Memory {
            target: self.process.target,
            connections: self.engine.crowd.len() as u64,
            resident_bytes_before: self.before.resident_bytes,
            resident_bytes_connected: self.after.resident_bytes,
            resident_bytes_end: self.process.usage()?.resident_bytes,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn measurement(&self, round: u64, outcome: &Outcome, target_cpu_us: u64, generator_cpu_us: u64) -> Measurement {
        let Outcome { written, tally, elapsed_us } = outcome;
        let elapsed = (*elapsed_us).max(1) as f64;
        let latency_ms = |quantile| tally.latency_us.value_at_quantile(quantile) as f64 / 1e3;
        Measurement {
            target: self.process.target,
            round,
            seconds: elapsed / 1e6,
            events: *written,
            events_per_second: *written as f64 * 1e6 / elapsed,
            deliveries: tally.deliveries,
            missing: (written * self.engine.hearers()).saturating_sub(tally.deliveries),
            closed: self.engine.crowd.closed() as u64,
            deliveries_per_second: tally.deliveries as f64 * 1e6 / elapsed,
            cpu_us_per_delivery: target_cpu_us as f64 / tally.deliveries.max(1) as f64,
            latency_p50_ms: latency_ms(0.5),
            latency_p99_ms: latency_ms(0.99),
            latency_max_ms: tally.latency_us.max() as f64 / 1e3,
            target_busy: target_cpu_us as f64 / elapsed,
            generator_busy: generator_cpu_us as f64 / elapsed,
        }
    }
}
