//! Expiry: many records whose time ends within one second, a watcher who is told, and requests beside it.

use anyhow::{Context, ensure};
use clap::Args;

use super::Scenario;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Crowd, Seat, Tally};
use crate::pace::Rate;
use crate::poller::Poller;
use crate::population::{Written, create_user, write_record};
use crate::prober::{PROBER_TOKENS, Prober, ProberPlan};
use crate::progress::Progress;
use crate::pump::{Pump, PumpPlan};
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs};
use crate::stamp::{self, STAMP_BYTES};
use crate::target::{Process, Target};
use crate::wall::Wall;

const SECOND_US: u64 = 1_000_000;
/// Between the last record and the first expiry: the watcher comes, and the calm before is measured.
const CALM_US: u64 = 2 * SECOND_US;
/// Records are written in this part of the time that is set aside for it, else the run fails.
const WRITE_HEADROOM_PERCENT: u64 = 150;
/// And in no less than this: a machine may stall.
const WRITE_US_MIN: u64 = 3 * SECOND_US;
/// No `delete` comes later than this after the second.
const LATEST_US: u64 = 60 * SECOND_US;
const PROBES_PER_SECOND: u64 = 200;
/// So many that a server which holds answers back for two seconds does not make the probes wait for each other.
const PROBE_CONNECTIONS: usize = 512;

/// `herenow bench expiry`
#[derive(Debug, Args)]
pub struct ExpiryArgs {
    /// How many records expire in the same second: one run for each
    #[arg(long, value_delimiter = ',', default_values = ["1000", "100000", "1000000"])]
    records: Vec<u64>,
    #[command(flatten)]
    stage: StageArgs,
}

/// A server with its users.
struct Scene<'run> {
    stage: &'run Stage,
    progress: &'run Progress,
    process: Process,
    clock: Clock,
    wall: Wall,
    per_second: u64,
}

impl Scenario for ExpiryArgs {
    const NAME: &'static str = "expiry";

    fn stage(&self) -> &StageArgs {
        &self.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        allow_connections(PROBE_CONNECTIONS)?;
        let (process, clock) = (stage.start(Target::Server)?, Clock::start());
        let users = self.records.iter().copied().max().context("a run has records")?;
        let mut pump = Pump::open(process.address, PumpPlan::FILL, clock)?;
        // One more for the probes.
        let requests = (0..=users).map(|number| create_user(&stage.credentials, number));
        let made = pump.run(requests, |done| progress.say(&format!("expiry: {done} of {users} users")))?;
        // A record takes about as long as a user.
        let per_second = (users * SECOND_US / made.elapsed_us.max(1)).max(1);
        let wall = Wall::read(clock)?;
        let mut scene = Scene { stage, progress, process, clock, wall, per_second };
        let mut findings = Vec::new();
        let mut ascending = self.records.clone();
        ascending.sort_unstable();
        for records in ascending {
            findings.extend(scene.storm(records, users)?);
        }
        Ok(findings)
    }
}

impl Scene<'_> {
    /// Writes the records, and listens to how they end.
    fn storm(&mut self, records: u64, prober: u64) -> anyhow::Result<[Finding; 2]> {
        let credentials = &self.stage.credentials;
        let writing_us = (records * SECOND_US / 100 * WRITE_HEADROOM_PERCENT / self.per_second).max(WRITE_US_MIN);
        let start = self.clock.now_us();
        let first = start + writing_us + CALM_US;
        let requests = (0..records).map(|number| {
            let planned = first + number * SECOND_US / records;
            let mut status = [0; STAMP_BYTES];
            stamp::put(&mut status, self.wall.told_us(planned));
            let status = String::from_utf8_lossy(&status);
            let expires_at = Some(self.wall.iso(planned));
            write_record(credentials, number, &Written { status: &status, permission: "read(\"any\")", expires_at })
        });
        let told = |done| self.progress.say(&format!("expiry: {done} of {records} records"));
        // Connections of the storm before may have been idle for too long.
        let pumped = Pump::open(self.process.address, PumpPlan::FILL, self.clock)?.run(requests, told)?;
        ensure!(
            self.clock.now_us() + CALM_US / 2 < first,
            "{records} records took longer to write than their life was planned to be: try again on a quieter machine"
        );
        self.per_second = (records * SECOND_US / pumped.elapsed_us.max(1)).max(1);
        let (lateness, calm, storm) = self.listen(records, prober, first)?;
        let ms = |us: u64| us as f64 / 1e3;
        let quantiles = |all: &hdrhistogram::Histogram<u64>| {
            let [p50, p99] = [0.5, 0.99].map(|quantile| ms(all.value_at_quantile(quantile)));
            format!("p50 {p50:.2} ms, p99 {p99:.2} ms, max {:.2} ms", ms(all.max()))
        };
        let late = Finding::new(
            format!("lateness of expiry, {records} records in one second, p99"),
            ms(lateness.latency_us.value_at_quantile(0.99)),
            Unit::Milliseconds,
            Goal::Shown,
            quantiles(&lateness.latency_us),
        );
        let delayed = Finding::new(
            format!("requests while {records} records expire, p99"),
            ms(storm.value_at_quantile(0.99)),
            Unit::Milliseconds,
            Goal::Shown,
            format!("{}; before it: {}", quantiles(&storm), quantiles(&calm)),
        );
        Ok([late, delayed])
    }

    /// Hears every `delete`; answers with their lateness and the latency of requests before and meanwhile.
    fn listen(
        &self,
        records: u64,
        prober: u64,
        first: u64,
    ) -> anyhow::Result<(Tally, hdrhistogram::Histogram<u64>, hdrhistogram::Histogram<u64>)> {
        let credentials = &self.stage.credentials;
        let mut poller = Poller::new(64)?;
        let mut crowd = Crowd::new();
        crowd.join(self.process.address, &credentials.project, &Seat::guest()?, &poller)?;
        let written = Written { status: "here", permission: "read(\"users\")", expires_at: None };
        let requests = vec![write_record(credentials, prober, &written)];
        // They connect before the first is due.
        let start = self.clock.now_us() + SECOND_US / 2;
        let (rate, start_us) = (Rate::PerSecond(PROBES_PER_SECOND), start);
        let plan = ProberPlan { rate, start_us, connections: PROBE_CONNECTIONS, tokens: PROBER_TOKENS };
        let mut probes = Prober::open(self.process.address, requests, plan, &poller)?;
        let mut tally = Tally::new()?;
        let mut calm = None;
        while tally.latency_us.len() < records {
            let now = self.clock.now_us();
            ensure!(
                now < first + SECOND_US + LATEST_US && crowd.closed() == 0,
                "{} of {records} ends were heard; the watcher was closed {} times",
                tally.latency_us.len(),
                crowd.closed()
            );
            if now >= first && calm.is_none() {
                calm = Some(std::mem::replace(&mut probes.latency_us, crate::crowd::latencies()?));
            }
            let again = probes.send_due(now)?;
            let wake = if calm.is_none() { again.min(first) } else { again };
            for ready in poller.wait(Some(wake.saturating_sub(now)))?.to_vec() {
                if ready.token >= PROBER_TOKENS {
                    probes.on_readable(ready.token, self.clock.now_us())?;
                } else {
                    crowd.read(usize::try_from(ready.token)?, self.clock, &mut tally)?;
                }
            }
            self.progress.say(&format!("expiry: {} of {records} ends", tally.latency_us.len()));
        }
        let calm = calm.context("no record ends before its time")?;
        Ok((tally, calm, probes.latency_us))
    }
}
