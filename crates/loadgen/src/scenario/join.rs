//! Join storm: signed-in users connect and subscribe, then all come online at once.
//!
//! Every upsert is heard by everybody. The joined reference takes as many events over as many sockets.

use std::net::SocketAddr;

use anyhow::ensure;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Crowd, Handshake, Tally, subscribe_row};
use crate::frames::client_text;
use crate::http::HttpClient;
use crate::poller::Poller;
use crate::population::{create_user, sign_in};
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit, told_part};
use crate::stage::{Stage, StageArgs};
use crate::stamp;
use crate::statistics::{distance, median, ratio};
use crate::target::Target;

/// Nothing came for so long: what is missing is not coming any more.
const QUIET_US: u64 = 10_000_000;
/// What waits in the kernel for a socket that the generator has not read yet, at most.
const RECEIVE_BUFFER_BYTES: usize = 512 << 10;
/// No storm takes longer.
const LONGEST_US: u64 = 100_000_000;

/// `herenow bench join`
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// Users, each with a session and a socket
    #[arg(long, default_value_t = 5_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=20_000))]
    users: u64,
    /// How often each has its turn, the reference on both sides of the server
    #[arg(long, default_value_t = 1, value_parser = RangedU64ValueParser::<u64>::new().range(1..=20))]
    rounds: u64,
    #[command(flatten)]
    stage: StageArgs,
}

/// One storm.
struct Storm {
    connect_us: u64,
    deliver_us: u64,
    deliveries: u64,
    closed: usize,
}

impl Scenario for JoinArgs {
    const NAME: &'static str = "join";

    fn stage(&self) -> &StageArgs {
        &self.stage
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        allow_connections(usize::try_from(self.users)?)?;
        let (mut server, mut joined, mut itself) = (Vec::new(), Vec::new(), Vec::new());
        let (mut connect, mut closed, mut heard, mut rows) = (Vec::new(), 0, 0, 0);
        for round in 1..=self.rounds {
            let mut halves = Vec::new();
            for target in [Target::Joined, Target::Server, Target::Joined] {
                progress.say(&format!("join: round {round} of {}: {}", self.rounds, target.name()));
                let storm = self.storm(stage, target, progress)?;
                let seconds = storm.deliver_us as f64 / 1e6;
                if target == Target::Server {
                    server.push(seconds);
                    connect.push(storm.connect_us as f64 / 1e6);
                    closed += storm.closed;
                    heard += storm.deliveries;
                    rows += self.users * self.users;
                } else {
                    halves.push(seconds);
                }
            }
            itself.extend(distance(halves[0], halves[1]));
            joined.extend(halves);
        }
        let of = |all: Vec<f64>| median(all).unwrap_or(f64::NAN);
        let (server, joined) = (of(server), of(joined));
        let whole = heard >= rows && closed == 0;
        let value = if whole { ratio(server, joined).unwrap_or(f64::NAN) } else { f64::NAN };
        let beside = format!(
            "{server:.2} s against {joined:.2} s of joined, which differs from itself by {}; {heard} of {rows} \
             delivered, {closed} closed; connected and subscribed in {:.2} s",
            told_part(median(itself)),
            of(connect)
        );
        let figure = format!("{} users who all come online, time until all have heard of all", self.users);
        Ok(vec![Finding::new(figure, value, Unit::Times, Goal::AtMost(1.5), beside)])
    }
}

impl JoinArgs {
    fn storm(&self, stage: &Stage, target: Target, progress: &Progress) -> anyhow::Result<Storm> {
        let fresh = Stage::prepare(&self.stage)?;
        let stage = if target == Target::Server { &fresh } else { stage };
        let (process, clock) = (stage.start(target)?, Clock::start());
        let sessions =
            if target == Target::Server { self.sessions(stage, process.address, progress)? } else { Vec::new() };
        let (mut crowd, mut poller) = (Crowd::counting(RECEIVE_BUFFER_BYTES), Poller::new(256)?);
        let begun = clock.now_us();
        for number in 0..usize::try_from(self.users)? {
            let session = sessions.get(number).map_or("none", String::as_str);
            let mut handshake = Handshake::open_as(process.address, number, &stage.credentials.project, session)?;
            handshake.subscribe(&subscribe_row(&["presences"])?)?;
            crowd.take(handshake, &poller)?;
        }
        let connect_us = clock.now_us() - begun;
        let data = json!({"status": stamp::blank(), "permissions": ["read(\"any\")"]});
        let frame = client_text(&json!({"type": "presence", "data": data}).to_string());
        let (mut tally, start) = (Tally::new()?, clock.now_us());
        for number in 0..crowd.len() {
            crowd.write(number, &frame)?;
        }
        // Every write is answered on its own socket, beside the events.
        let expected = self.users * self.users + self.users;
        while tally.deliveries < expected && clock.now_us() < start + LONGEST_US {
            let ready = poller.wait(Some(QUIET_US))?.to_vec();
            if ready.is_empty() {
                break;
            }
            for one in ready {
                crowd.read(usize::try_from(one.token)?, clock, &mut tally)?;
            }
        }
        let deliveries = tally.deliveries.saturating_sub(self.users);
        ensure!(deliveries > 0, "{} delivered nothing", target.name());
        Ok(Storm { connect_us, deliver_us: tally.last_delivery_us - start, deliveries, closed: crowd.closed() })
    }

    fn sessions(&self, stage: &Stage, address: SocketAddr, progress: &Progress) -> anyhow::Result<Vec<String>> {
        let mut client = HttpClient::open(address)?;
        let session = |number| {
            if number % 256 == 0 {
                progress.say(&format!("join: {number} of {} sessions", self.users));
            }
            client.send(&create_user(&stage.credentials, number))?;
            sign_in(&mut client, &stage.credentials, number)
        };
        (0..self.users).map(session).collect()
    }
}
