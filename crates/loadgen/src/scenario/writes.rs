//! Write throughput: over HTTP beside the same HTTP server answering a constant, and over sockets.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::crowd::{Crowd, Handshake, Tally};
use crate::frames::client_text;
use crate::http::HttpClient;
use crate::poller::Poller;
use crate::population::{Written, create_user, sign_in, write_record};
use crate::progress::Progress;
use crate::pump::{Pump, PumpPlan};
use crate::report::finding::{Finding, Goal, Unit, told_part};
use crate::stage::{Stage, StageArgs};
use crate::statistics::{distance, median, ratio};
use crate::target::{Process, Target};

/// Users whose presences are written in turn.
const USERS: u64 = 1_000;
/// Writers that wait for each answer.
const PLAN: PumpPlan = PumpPlan { connections: 64, depth: 1 };
/// Requests between two looks at the clock.
const PORTION: u64 = 2_000;
const WARM_UP_US: u64 = 300_000;
const QUIET_US: u64 = 5_000_000;

/// `herenow bench writes`
#[derive(Debug, Args)]
pub struct WritesArgs {
    /// Sockets that write, each waiting for its answer
    #[arg(long, default_value_t = 64, value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000))]
    sockets: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

impl Scenario for WritesArgs {
    const NAME: &'static str = "writes";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        let clock = Clock::start();
        let (server, constant) = (stage.start(Target::Server)?, stage.start(Target::Constant)?);
        let mut pump = Pump::open(server.address, PLAN, clock)?;
        pump.run((0..USERS).map(|number| create_user(&stage.credentials, number)), |_| {})?;
        let mut reference = Pump::open(constant.address, PLAN, clock)?;
        let mut sockets = Sockets::open(stage, &server, self.sockets, clock)?;
        let long = self.turns.long_us();
        for pump in [&mut pump, &mut reference] {
            upserts_per_second(pump, stage, clock, WARM_UP_US)?;
        }
        let (mut http, mut constants, mut framed, mut itself) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for round in 1..=self.turns.rounds {
            progress.say(&format!("writes: round {round} of {}", self.turns.rounds));
            let first = upserts_per_second(&mut reference, stage, clock, long)?;
            http.push(upserts_per_second(&mut pump, stage, clock, long)?);
            let second = upserts_per_second(&mut reference, stage, clock, long)?;
            constants.extend([first, second]);
            itself.extend(distance(first, second));
            framed.push(sockets.writes_per_second(long)?);
        }
        let of = |all: Vec<f64>| median(all).unwrap_or(f64::NAN);
        let (http, constants, framed) = (of(http), of(constants), of(framed));
        let beside = format!(
            "{http:.0} /s against {constants:.0} /s, which differs from itself by {}; kept as `process`, {} connections",
            told_part(median(itself)),
            PLAN.connections
        );
        let figure = "upserts over HTTP per second, against a constant answer";
        Ok(vec![
            Finding::new(figure, ratio(http, constants).unwrap_or(f64::NAN), Unit::Times, Goal::AtLeast(0.5), beside),
            Finding::new(
                "upserts over sockets per second",
                framed,
                Unit::PerSecond,
                Goal::Shown,
                format!("{} sockets, each waiting for its answer", self.sockets),
            ),
        ])
    }
}

/// The rate at which portions of upserts are answered within the time.
#[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
fn upserts_per_second(pump: &mut Pump, stage: &Stage, clock: Clock, long_us: u64) -> anyhow::Result<f64> {
    let start = clock.now_us();
    let mut answered = 0;
    while clock.now_us() < start + long_us {
        let requests = (answered..answered + PORTION).map(|number| {
            let status = format!("status {number}");
            let written = Written { status: &status, permission: "read(\"any\")", expires_at: None };
            write_record(&stage.credentials, number % USERS, &written)
        });
        answered += pump.run(requests, |_| {})?.answered;
    }
    Ok(answered as f64 * 1e6 / (clock.now_us() - start) as f64)
}

/// Signed-in sockets that write.
struct Sockets {
    crowd: Crowd,
    poller: Poller,
    clock: Clock,
}

impl Sockets {
    fn open(stage: &Stage, server: &Process, count: u64, clock: Clock) -> anyhow::Result<Self> {
        let (mut crowd, poller) = (Crowd::new(), Poller::new(256)?);
        let mut client = HttpClient::open(server.address)?;
        for number in 0..count {
            // Others than those who are written over HTTP.
            let number = USERS + number;
            client.send(&create_user(&stage.credentials, number))?;
            let session = sign_in(&mut client, &stage.credentials, number)?;
            let handshake = Handshake::open_as(server.address, 0, &stage.credentials.project, &session)?;
            crowd.take(handshake, &poller)?;
        }
        Ok(Self { crowd, poller, clock })
    }

    /// Every socket writes again as soon as it was answered.
    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn writes_per_second(&mut self, long_us: u64) -> anyhow::Result<f64> {
        let frame = |number: u64| {
            let data = json!({"status": format!("status {number}"), "permissions": ["read(\"any\")"]});
            client_text(&json!({"type": "presence", "data": data}).to_string())
        };
        let start = self.clock.now_us();
        for number in 0..self.crowd.len() {
            self.crowd.write(number, &frame(0))?;
        }
        let (mut written, mut tally) = (self.crowd.len() as u64, Tally::new()?);
        while tally.deliveries < written {
            let ready = self.poller.wait(Some(QUIET_US))?.to_vec();
            anyhow::ensure!(!ready.is_empty(), "{} of {written} writes were answered", tally.deliveries);
            for one in ready {
                let before = tally.deliveries;
                let number = usize::try_from(one.token)?;
                self.crowd.read(number, self.clock, &mut tally)?;
                if tally.deliveries > before && self.clock.now_us() < start + long_us {
                    self.crowd.write(number, &frame(written))?;
                    written += 1;
                }
            }
        }
        Ok(written as f64 * 1e6 / (self.clock.now_us() - start).max(1) as f64)
    }
}
