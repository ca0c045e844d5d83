//! Many roles: users spread over teams, presences that one team each may read.
//!
//! The references send the same bytes to the same sockets: a team is a room there.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use super::Scenario;
use super::driven::Driven;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Seat, first_event, room_row};
use crate::http::{Credentials, HttpClient, request};
use crate::population::{create_user, sign_in, user_id};
use crate::progress::Progress;
use crate::pump::{Pump, PumpPlan};
use crate::report::Report;
use crate::report::finding::{Finding, Goal};
use crate::stage::{Stage, StageArgs};
use crate::target::Target;
use crate::writer::{Audience, Writer, WriterPlan};

/// Keep-alive connections of the writer.
const WRITERS: usize = 32;

/// `herenow bench roles`
#[derive(Debug, Args)]
pub struct RolesArgs {
    /// Users, each with a session and a socket
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=20_000))]
    users: u64,
    /// Teams, with one presence each
    #[arg(long, default_value_t = 200, value_parser = RangedU64ValueParser::<u64>::new().range(1..=10_000))]
    teams: u64,
    /// Teams that each user is a member of
    #[arg(long, default_value_t = 10, value_parser = RangedU64ValueParser::<u64>::new().range(1..=50))]
    each: u64,
    /// Events a second
    #[arg(long, default_value_t = 500, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    rate: u64,
    #[command(flatten)]
    turns: TurnArgs,
}

impl Scenario for RolesArgs {
    const NAME: &'static str = "roles";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        ensure!(self.each <= self.teams, "a user is a member of a team once");
        let memberships = self.users * self.each;
        ensure!(memberships.is_multiple_of(self.teams), "teams must be of one size: {memberships} memberships");
        let hearers = memberships / self.teams;
        allow_connections(usize::try_from(self.users)? * 3)?;
        let clock = Clock::start();
        let mut driven = Vec::new();
        for target in [Target::Server, Target::Raw, Target::Joined] {
            let mut one = self.seated(stage, target, clock, progress)?;
            one.heard_by(hearers);
            driven.push(one);
        }
        let measured = self.turns.measure(&mut driven, self.turns.load(self.rate), progress)?;
        let measurements = measured.into_iter().map(|(_, one)| one).collect();
        let report = Report::new(Self::NAME, (), measurements, Vec::new());
        let figure = format!(
            "server CPU per delivery, {} users in {} of {} teams, {} events/s which one team hears",
            self.users, self.each, self.teams, self.rate
        );
        let beside = format!("{hearers} hear each event");
        Ok(vec![report.against_references(figure, Goal::Shown, &beside)?])
    }
}

impl RolesArgs {
    fn plan(&self) -> anyhow::Result<WriterPlan> {
        Ok(WriterPlan { presences: usize::try_from(self.teams)?, connections: WRITERS })
    }

    /// A target with all its subscribers; the references send what the server was heard to send.
    fn seated(&self, stage: &Stage, target: Target, clock: Clock, progress: &Progress) -> anyhow::Result<Driven> {
        progress.say(&format!("roles: starting {}", target.name()));
        let (process, credentials) = (stage.start(target)?, &stage.credentials);
        let seats = if target == Target::Server {
            self.populate(process.address, credentials, clock, progress)?
        } else {
            self.rooms()?
        };
        let audience = |number: usize| Audience {
            permission: format!("read(\"team:{}\")", team_id(number as u64)),
            room: u32::try_from(number).ok(),
        };
        let mut writer = Writer::prepare_for(process.address, credentials, self.plan()?, audience)?;
        if target == Target::Server {
            // The first user is a member of the first team. Under the id of a subscription that was lost the server
            // would send what was missed: this one has another.
            let session = seats.first().context("there are users")?.session.clone();
            let seat = Seat { session, row: Seat::guest()?.row };
            let payload =
                first_event(process.address, &credentials.project, &seat, || writer.write_once(process.address))?;
            stage.keep_event(&payload)?;
        }
        let mut driven = Driven::new(process, clock, writer, self.plan()?)?;
        let mut seats = seats.into_iter();
        driven.connect(self.users, &credentials.project, |_| seats.next().context("everybody has a seat"))?;
        Ok(driven)
    }

    /// The teams of a user.
    fn teams_of(&self, user: u64) -> impl Iterator<Item = u64> {
        let (first, teams) = (user * self.each, self.teams);
        (first..first + self.each).map(move |number| number % teams)
    }

    fn rooms(&self) -> anyhow::Result<Vec<Seat>> {
        let seat = |user| {
            let rooms: Vec<u32> = self.teams_of(user).map(u32::try_from).collect::<Result<_, _>>()?;
            Ok(Seat { session: None, row: room_row(&rooms)? })
        };
        (0..self.users).map(seat).collect()
    }

    /// Makes teams, users, memberships and sessions.
    fn populate(
        &self,
        address: SocketAddr,
        credentials: &Credentials,
        clock: Clock,
        progress: &Progress,
    ) -> anyhow::Result<Vec<Seat>> {
        let mut pump = Pump::open(address, PumpPlan::FILL, clock)?;
        pump.run((0..self.teams).map(|number| create_team(credentials, number)), |_| {})?;
        pump.run((0..self.users).map(|number| create_user(credentials, number)), |_| {})?;
        progress.say("roles: memberships");
        let memberships = (0..self.users).flat_map(|user| self.teams_of(user).map(move |team| (user, team)));
        pump.run(memberships.map(|(user, team)| add_member(credentials, user, team)), |_| {})?;
        progress.say("roles: sessions");
        let mut client = HttpClient::open(address)?;
        let seat = |user| Ok(Seat { session: Some(sign_in(&mut client, credentials, user)?), row: Seat::guest()?.row });
        (0..self.users).map(seat).collect()
    }
}

fn team_id(number: u64) -> String {
    format!("team-{number:015}")
}

fn create_team(credentials: &Credentials, number: u64) -> Vec<u8> {
    let body = json!({"teamId": team_id(number), "name": "A team"});
    request("POST", "/v1/teams", credentials, &body.to_string())
}

fn add_member(credentials: &Credentials, user: u64, team: u64) -> Vec<u8> {
    let body = json!({"userId": user_id(user), "roles": ["member"]});
    request("POST", &format!("/v1/teams/{}/memberships", team_id(team)), credentials, &body.to_string())
}
