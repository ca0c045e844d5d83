//! Many records: what each weighs, and what a list of 25 of them costs against one of a few.

use anyhow::Context;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::{Value, json};

use super::Scenario;
use super::idle::settled;
use crate::clock::Clock;
use crate::crowd::latencies;
use crate::http::{HttpClient, get_as, request};
use crate::population::{Written, create_user, presence_id, user_id, write_record};
use crate::progress::Progress;
use crate::pump::{Pump, PumpPlan};
use crate::report::finding::{Finding, Goal, Unit};
use crate::stage::{Stage, StageArgs};
use crate::statistics::{median, ratio};
use crate::target::{Process, Target};
use crate::wall::Wall;

/// Labels, one of which may read each record; the user who lists has those of the first half.
const LABELS: u64 = 12;
/// With `any`, `users`, `users/unverified`, `user:…` and `user:…/unverified`: about ten roles.
const LABELS_HELD: u64 = LABELS / 2;
/// Statuses, taken by records in turn.
const STATUSES: u64 = 4;
/// Longer than any run.
const LIFE_US: u64 = 7_200_000_000;
/// Requests of a list that scans are so slow that fewer must do.
const BUDGET_US: u64 = 2_000_000;

/// `herenow bench records`
#[derive(Debug, Args)]
pub struct RecordsArgs {
    /// Records of the large server
    #[arg(long, default_value_t = 1_000_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=10_000_000))]
    records: u64,
    /// Records of the small one
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000))]
    few: u64,
    /// Lists of each kind in each round, at most
    #[arg(long, default_value_t = 500, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    requests: u64,
    /// How often the servers take turns
    #[arg(long, default_value_t = 5, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100))]
    rounds: u64,
    /// Seconds that memory may take to settle
    #[arg(long, default_value_t = 15, value_parser = RangedU64ValueParser::<u32>::new().range(0..=60))]
    settle: u32,
    #[command(flatten)]
    stage: StageArgs,
}

/// A filled server, and somebody who lists what it has.
struct Filled {
    client: HttpClient,
    session: String,
    project: String,
    records: u64,
    bytes_per_record: f64,
    memory: String,
    // Lives as long as it is asked.
    _process: Process,
}

/// A kind of list.
struct Kind {
    name: &'static str,
    queries: fn(u64) -> Vec<Value>,
    total: bool,
    goal: Goal,
}

const KINDS: [Kind; 6] = [
    Kind { name: "by status, total=false", queries: by_status, total: false, goal: Goal::AtMost(1.5) },
    Kind { name: "by status, with total", queries: by_status, total: true, goal: Goal::Shown },
    Kind { name: "by userId, total=false", queries: by_user, total: false, goal: Goal::Shown },
    Kind { name: "by userId, with total", queries: by_user, total: true, goal: Goal::Shown },
    Kind { name: "unfiltered after a cursor, total=false", queries: by_cursor, total: false, goal: Goal::Shown },
    Kind { name: "unfiltered after a cursor, with total", queries: by_cursor, total: true, goal: Goal::Shown },
];

fn by_status(_: u64) -> Vec<Value> {
    vec![json!({"method": "equal", "attribute": "status", "values": ["status-2"]})]
}

fn by_user(records: u64) -> Vec<Value> {
    let users: Vec<String> = (0..25).map(|number| user_id(number * (records / 25))).collect();
    vec![json!({"method": "equal", "attribute": "userId", "values": users})]
}

fn by_cursor(records: u64) -> Vec<Value> {
    // A record that the user may read: its label is the first.
    vec![json!({"method": "cursorAfter", "values": [presence_id(records / 2 / LABELS * LABELS)]})]
}

impl Scenario for RecordsArgs {
    const NAME: &'static str = "records";

    fn stage(&self) -> &StageArgs {
        &self.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        // Each in a folder of its own.
        let other = Stage::prepare(&self.stage)?;
        let mut many = self.fill(stage, self.records, progress)?;
        let mut few = self.fill(&other, self.few, progress)?;
        let weight = Finding::new(
            format!("memory per record, {} of them, metadata of 100 bytes", self.records),
            many.bytes_per_record,
            Unit::Bytes,
            Goal::AtMost(600.0),
            many.memory.clone(),
        );
        let mut findings = vec![weight];
        for kind in &KINDS {
            let mut figures = [Vec::new(), Vec::new()];
            for round in 1..=self.rounds {
                progress.say(&format!("records: list {}, round {round} of {}", kind.name, self.rounds));
                figures[0].push(few.list_us(kind, self.requests)?);
                figures[1].push(many.list_us(kind, self.requests)?);
            }
            let [few_us, many_us] = figures.map(|all| median(all).unwrap_or(f64::NAN));
            let value = ratio(many_us, few_us).unwrap_or(f64::NAN);
            let beside = format!("{many_us:.0} µs against {few_us:.0} µs, medians");
            let figure = format!("list of 25 {}, among {} against among {}", kind.name, self.records, self.few);
            findings.push(Finding::new(figure, value, Unit::Times, kind.goal, beside));
        }
        Ok(findings)
    }
}

impl RecordsArgs {
    fn fill(&self, stage: &Stage, records: u64, progress: &Progress) -> anyhow::Result<Filled> {
        let (process, clock) = (stage.start(Target::Server)?, Clock::start());
        let credentials = &stage.credentials;
        let mut pump = Pump::open(process.address, PumpPlan::FILL, clock)?;
        let users = (0..=records).map(|number| create_user(credentials, number));
        pump.run(users, |done| progress.say(&format!("records: {done} of {records} users")))?;
        let before = settled(&process, self.settle)?;
        let expires_at = Wall::read(clock)?.iso(clock.now_us() + LIFE_US);
        let writes = (0..records).map(|number| {
            let status = format!("status-{}", number / LABELS % STATUSES);
            let permission = format!("read(\"label:l{}\")", number % LABELS);
            let expires_at = Some(expires_at.clone());
            write_record(credentials, number, &Written { status: &status, permission: &permission, expires_at })
        });
        // The first connections may have been idle for too long.
        let mut pump = Pump::open(process.address, PumpPlan::FILL, clock)?;
        let pumped = pump.run(writes, |done| progress.say(&format!("records: {done} of {records} records")))?;
        let after = settled(&process, self.settle)?;
        let mut client = HttpClient::open(process.address)?;
        let (session, user) = (sign_in(&mut client, stage, records)?, records);
        let memory = format!(
            "{} KiB with users alone, {} KiB with records; written at {:.0} /s; listed by user {user}",
            before >> 10,
            after >> 10,
            pumped.per_second()
        );
        #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
        let bytes_per_record = after.saturating_sub(before) as f64 / records as f64;
        let project = credentials.project.clone();
        Ok(Filled { client, session, project, records, bytes_per_record, memory, _process: process })
    }
}

/// Gives a user labels, and a session.
fn sign_in(client: &mut HttpClient, stage: &Stage, number: u64) -> anyhow::Result<String> {
    let user = user_id(number);
    let labels: Vec<String> = (0..LABELS_HELD).map(|label| format!("l{label}")).collect();
    let body = json!({"labels": labels}).to_string();
    client.send(&request("PUT", &format!("/v1/users/{user}/labels"), &stage.credentials, &body))?;
    let answer = client.call(&request("POST", &format!("/v1/users/{user}/sessions"), &stage.credentials, "{}"))?;
    answer["secret"].as_str().map(str::to_owned).context("a session has a secret")
}

impl Filled {
    /// The median of the time that a list takes, in microseconds.
    fn list_us(&mut self, kind: &Kind, requests: u64) -> anyhow::Result<f64> {
        let mut path = format!("/v1/presences?total={}", kind.total);
        let limit = json!({"method": "limit", "values": [25]});
        for query in (kind.queries)(self.records).into_iter().chain([limit]) {
            path.push_str("&queries[]=");
            path.push_str(&encoded(&query.to_string()));
        }
        let request = get_as(&path, &self.project, &self.session);
        let clock = Clock::start();
        let mut all = latencies()?;
        for _ in 0..requests {
            let begun = clock.now_us();
            if begun > BUDGET_US {
                break;
            }
            let answer = self.client.call(&request)?;
            all.saturating_record(clock.now_us() - begun);
            let listed = answer["presences"].as_array().map_or(0, Vec::len);
            anyhow::ensure!(listed > 0, "a list {} is empty", kind.name);
        }
        #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
        Ok(all.value_at_quantile(0.5) as f64)
    }
}

/// Everything but letters and digits, as a query string wants it.
fn encoded(text: &str) -> String {
    let byte =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_query_is_encoded_byte_by_byte() {
        assert_eq!(encoded(r#"{"a1":"ä"}"#), "%7B%22a1%22%3A%22%C3%A4%22%7D");
    }
}
