//! A server full of records, and a user with ten roles who lists what it has while others write.

use anyhow::ensure;
use hdrhistogram::Histogram;
use serde_json::json;

use super::super::idle::settled;
use super::kinds::Kind;
use crate::clock::Clock;
use crate::crowd::latencies;
use crate::http::{Credentials, HttpClient, get_as, request};
use crate::pace::Rate;
use crate::poller::Poller;
use crate::population::{Written, create_user, sign_in, user_id, write_record};
use crate::prober::{PROBER_TOKENS, Prober, ProberPlan};
use crate::progress::Progress;
use crate::pump::{Pump, PumpPlan};
use crate::stage::Stage;
use crate::target::{Process, Target};
use crate::wall::Wall;

/// Labels, one of which may read each record; the user who lists has those of the first half.
pub(super) const LABELS: u64 = 10;
/// With `any`, `users`, `users/unverified`, `user:…` and `user:…/unverified`: ten roles.
const LABELS_HELD: u64 = LABELS / 2;
/// Statuses, taken by records in turn.
const STATUSES: u64 = 4;
/// Longer than any run.
const LIFE_US: u64 = 7_200_000_000;
/// Records that are written beside the lists.
const WRITTEN: u64 = 1_000;
const WRITER_CONNECTIONS: usize = 64;
/// Tokens of the one that lists.
const LISTER_TOKENS: u64 = PROBER_TOKENS << 1;
/// No list takes longer.
const LIST_US: u64 = 20_000_000;

/// A filled server, and somebody who may list.
pub(super) struct Filled {
    process: Process,
    clock: Clock,
    credentials: Credentials,
    session: String,
    records: u64,
    expires_at: String,
    /// Growth of resident memory by record.
    pub(super) bytes_per_record: f64,
    /// Where that comes from.
    pub(super) memory: String,
}

/// How long is listed, beside how many writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spell {
    pub(super) long_us: u64,
    pub(super) writes_per_second: u64,
}

/// What a spell took.
pub(super) struct Spent {
    /// Of lists, one after the other.
    pub(super) latency_us: Histogram<u64>,
    /// Of the server, writes included.
    pub(super) cpu_us: u64,
}

impl Filled {
    /// Starts a server and fills it.
    pub(super) fn fill(stage: &Stage, records: u64, settle: u32, progress: &Progress) -> anyhow::Result<Self> {
        let (process, clock) = (stage.start(Target::Server)?, Clock::start());
        let credentials = &stage.credentials;
        let users = (0..=records).map(|number| create_user(credentials, number));
        Pump::open(process.address, PumpPlan::FILL, clock)?
            .run(users, |done| progress.say(&format!("list: {done} of {records} users")))?;
        let before = settled(&process, settle)?;
        let expires_at = Wall::read(clock)?.iso(clock.now_us() + LIFE_US);
        let writes = (0..records).map(|number| write(credentials, number, 0, &expires_at));
        // The first connections may have been idle for too long.
        let pumped = Pump::open(process.address, PumpPlan::FILL, clock)?
            .run(writes, |done| progress.say(&format!("list: {done} of {records} records")))?;
        let after = settled(&process, settle)?;
        let memory = format!(
            "{} KiB with users alone, {} KiB with records; written at {:.0} /s",
            before >> 10,
            after >> 10,
            pumped.per_second()
        );
        // The user behind those who have records.
        let mut client = HttpClient::open(process.address)?;
        let labels: Vec<String> = (0..LABELS_HELD).map(|label| format!("l{label}")).collect();
        let (path, body) = (format!("/v1/users/{}/labels", user_id(records)), json!({"labels": labels}));
        client.send(&request("PUT", &path, credentials, &body.to_string()))?;
        let session = sign_in(&mut client, credentials, records)?;
        #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
        let bytes_per_record = after.saturating_sub(before) as f64 / records as f64;
        let credentials = credentials.clone();
        Ok(Self { process, clock, credentials, session, records, expires_at, bytes_per_record, memory })
    }

    /// Lists of a kind, each after the answer to the one before, beside writes at a fixed rate.
    pub(super) fn spend(&self, spell: Spell, kind: Option<&Kind>) -> anyhow::Result<Spent> {
        let mut poller = Poller::new(64)?;
        let mut lister = match kind {
            Some(kind) => Some(self.lister(kind, &poller)?),
            None => None,
        };
        let mut writer = match spell.writes_per_second {
            0 => None,
            rate => Some(self.writer(rate, &poller)?),
        };
        let before = self.process.usage()?.cpu_us;
        let end = self.clock.now_us() + spell.long_us;
        loop {
            let now = self.clock.now_us();
            let under_way = [&lister, &writer].into_iter().flatten().any(|prober| !prober.is_done());
            if now >= end && !under_way {
                break;
            }
            ensure!(now < end + LIST_US, "requests were not answered within {} s", LIST_US / 1_000_000);
            let mut wake = if now < end { end } else { now + LIST_US };
            if now < end {
                for prober in [&mut lister, &mut writer].into_iter().flatten() {
                    wake = wake.min(prober.send_due(now)?);
                }
            }
            for ready in poller.wait(Some(wake.saturating_sub(self.clock.now_us())))? {
                let prober = if ready.token >= LISTER_TOKENS { &mut lister } else { &mut writer };
                if let Some(prober) = prober {
                    prober.on_readable(ready.token, self.clock.now_us())?;
                }
            }
        }
        let cpu_us = self.process.usage()?.cpu_us - before;
        let latency_us = lister.map_or_else(latencies, |lister| Ok(lister.latency_us))?;
        Ok(Spent { latency_us, cpu_us })
    }

    /// One connection; the first list is looked at.
    fn lister(&self, kind: &Kind, poller: &Poller) -> anyhow::Result<Prober> {
        let request = get_as(&kind.path(self.records), &self.credentials.project, &self.session);
        let answer = HttpClient::open(self.process.address)?.call(&request)?;
        let listed = answer["presences"].as_array().map_or(0, Vec::len);
        ensure!(listed > 0, "a list {} is empty", kind.name);
        let plan = ProberPlan { rate: Rate::FullSpeed, start_us: 0, connections: 1, tokens: LISTER_TOKENS };
        Prober::open(self.process.address, vec![request], plan, poller)
    }

    /// Every second time round, each record has another status.
    fn writer(&self, per_second: u64, poller: &Poller) -> anyhow::Result<Prober> {
        let written = WRITTEN.min(self.records);
        let requests = (0..2 * written).map(|turn| {
            let number = turn % written * (self.records / written);
            write(&self.credentials, number, 1 - turn / written, &self.expires_at)
        });
        let (rate, start_us) = (Rate::PerSecond(per_second), self.clock.now_us());
        let plan = ProberPlan { rate, start_us, connections: WRITER_CONNECTIONS, tokens: PROBER_TOKENS };
        Prober::open(self.process.address, requests.collect(), plan, poller)
    }
}

fn write(credentials: &Credentials, number: u64, shift: u64, expires_at: &str) -> Vec<u8> {
    let status = format!("status-{}", (number / LABELS + shift) % STATUSES);
    let permission = format!("read(\"label:l{}\")", number % LABELS);
    let expires_at = Some(expires_at.to_owned());
    write_record(credentials, number, &Written { status: &status, permission: &permission, expires_at })
}
