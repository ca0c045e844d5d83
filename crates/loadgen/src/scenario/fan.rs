//! Fan-out: every subscriber hears every event.
//!
//! All targets are up and subscribed to at once, and take turns: raw, joined, server, joined, raw.

use anyhow::Context;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use super::Scenario;
use super::driven::Driven;
use super::turns::TurnArgs;
use crate::clock::Clock;
use crate::connect::allow_connections;
use crate::crowd::{Seat, first_event};
use crate::engine::Load;
use crate::pace::Rate;
use crate::progress::Progress;
use crate::report::finding::{Finding, Goal, Unit, told, told_part};
use crate::report::{self, Memory, Report};
use crate::stage::{Stage, StageArgs};
use crate::target::{Process, Target};
use crate::template::Template;
use crate::writer::{Writer, WriterPlan};

/// `herenow bench fan`
#[derive(Debug, Args)]
pub struct FanArgs {
    /// Sockets that hear every event
    #[arg(long, default_value_t = 1_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    subscribers: u64,
    /// Events a second; 0 is full speed
    #[arg(long, default_value_t = 500)]
    rate: u64,
    /// Instead of a rate: per cent of the server's own events a second at full speed
    #[arg(long, value_name = "PERCENT", conflicts_with = "rate", value_parser = RangedU64ValueParser::<u64>::new().range(1..=100))]
    load: Option<u64>,
    /// What is measured
    #[arg(long, value_delimiter = ',', default_values = ["server", "raw", "joined"])]
    targets: Vec<Target>,
    /// Keep-alive connections of the writer; each carries one request at a time
    #[arg(long, default_value_t = 32, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    writers: usize,
    /// Events that may be written and not yet delivered, at full speed
    #[arg(long, default_value_t = 64, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000))]
    window: u64,
    /// Presences that take turns in being written
    #[arg(long, default_value_t = 256, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    presences: usize,
    #[command(flatten)]
    turns: TurnArgs,
}

/// The settings of a run, as its report repeats them.
#[derive(Debug, Serialize)]
pub(super) struct Settings {
    subscribers: u64,
    events_per_second: u64,
    seconds: u64,
    rounds: u64,
    writers: usize,
    window: u64,
    presences: usize,
    frame_bytes: usize,
    cores: String,
}

/// Runs the scenario and prints its report.
pub(crate) fn run(args: &FanArgs) -> anyhow::Result<()> {
    let stage = Stage::prepare(&args.turns.stage)?;
    let report = {
        let progress = Progress::new();
        args.report(&stage, &progress, args.rate(&stage, &progress)?)?
    };
    let settings = report.settings();
    let title = format!(
        "fan: {} subscribers, {}, {} s a measurement, {} rounds, frames of {} bytes\n{}",
        settings.subscribers,
        pace(settings.events_per_second),
        settings.seconds,
        settings.rounds,
        settings.frame_bytes,
        settings.cores
    );
    report::publish(&title, &report, args.turns.stage.json.as_deref())
}

impl FanArgs {
    /// Measures all targets at so many events a second; 0 is full speed.
    pub(super) fn report(&self, stage: &Stage, progress: &Progress, rate: u64) -> anyhow::Result<Report<Settings>> {
        let args = self;
        allow_connections(usize::try_from(args.subscribers)? * args.targets.len())?;
        let clock = Clock::start();
        let mut driven = start_all(args, stage, clock, progress)?;
        let measured = args.turns.measure(&mut driven, args.load(rate), progress)?;
        let measurements = measured.into_iter().map(|(_, one)| one).collect();
        let memory = driven.iter().map(Driven::memory).collect::<anyhow::Result<Vec<Memory>>>()?;
        Ok(Report::new("fan", args.settings(stage, rate)?, measurements, memory))
    }
}

impl Scenario for FanArgs {
    const NAME: &'static str = "fan";

    fn stage(&self) -> &StageArgs {
        &self.turns.stage
    }

    /// The figure that the rate is about: CPU where it is fixed, deliveries at full speed.
    fn findings(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<Vec<Finding>> {
        let rate = self.rate(stage, progress)?;
        let report = self.report(stage, progress, rate)?;
        let about = match rate {
            _ if self.load.is_some() => {
                About { figure: "cpu_us_per_delivery", reference: Target::Joined, goal: Goal::Shown }
            }
            0 => About { figure: "deliveries_per_second", reference: Target::Joined, goal: Goal::AtLeast(0.85) },
            rate if rate < GATHERS_FROM => {
                About { figure: "cpu_us_per_delivery", reference: Target::Raw, goal: Goal::AtMost(1.25) }
            }
            _ => About { figure: "cpu_us_per_delivery", reference: Target::Joined, goal: Goal::AtMost(1.4) },
        };
        let one = report.summary_of(about.figure).context("a run has measurements")?;
        let (value, reference, itself) = one.against(about.reference);
        let (what, unit) = match rate {
            0 => ("deliveries per second", Unit::PerSecond),
            _ => ("server CPU per delivery", Unit::Microseconds),
        };
        let part = self.load.map_or_else(String::new, |percent| format!(" ({percent} % of the server's full speed)"));
        let side = |side: Option<f64>| side.map_or_else(|| "-".into(), |side| told(side, unit));
        let beside = format!(
            "{} against {} of {}, which differs from itself by {}; {} missing, {} closed",
            side(one.server),
            side(reference),
            about.reference.name(),
            told_part(itself),
            report.missing(),
            report.closed(),
        );
        let figure = format!("{what}, {} subscribers, {}{part}", self.subscribers, pace(rate));
        Ok(vec![Finding::new(figure, value.unwrap_or(f64::NAN), Unit::Times, about.goal, beside)])
    }
}

/// From so many events a second on, several are there at once.
const GATHERS_FROM: u64 = 100;

/// What a finding is about.
struct About {
    figure: &'static str,
    reference: Target,
    goal: Goal,
}

impl FanArgs {
    /// A run of other scenarios, with the defaults for everything else.
    pub(super) fn of(subscribers: u64, seconds: u64, rounds: u64, targets: &[Target]) -> Self {
        let (targets, turns) = (targets.to_vec(), TurnArgs::of(seconds, rounds));
        Self { subscribers, rate: 0, load: None, targets, writers: 32, window: 64, presences: 256, turns }
    }

    /// How many events a second a target can at full speed, seen once.
    pub(super) fn full_speed(
        stage: &Stage,
        progress: &Progress,
        target: Target,
        (subscribers, seconds): (u64, u64),
    ) -> anyhow::Result<f64> {
        let report = Self::of(subscribers, seconds, 1, &[target]).report(stage, progress, 0)?;
        let events = report.summary_of("events_per_second").context("a run has measurements")?;
        events.of(target).context("the target was measured")
    }

    /// The rate as it is asked for, or what the part of the full speed comes to.
    fn rate(&self, stage: &Stage, progress: &Progress) -> anyhow::Result<u64> {
        let Some(percent) = self.load else { return Ok(self.rate) };
        let most = Self::full_speed(stage, progress, Target::Server, (self.subscribers, self.turns.seconds))?;
        Ok(part(most, percent))
    }

    fn load(&self, rate: u64) -> Load {
        Load { rate: Rate::from_argument(rate), duration_us: self.turns.long_us(), window: self.window }
    }

    fn plan(&self) -> WriterPlan {
        WriterPlan { presences: self.presences, connections: self.writers }
    }

    fn settings(&self, stage: &Stage, rate: u64) -> anyhow::Result<Settings> {
        Ok(Settings {
            subscribers: self.subscribers,
            events_per_second: rate,
            seconds: self.turns.seconds,
            rounds: self.turns.rounds,
            writers: self.writers,
            window: self.window,
            presences: self.presences,
            frame_bytes: Template::read(stage.template())?.frame_bytes(),
            cores: stage.cores.to_string(),
        })
    }
}

/// So many per cent, and one at least.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "events a second are small and not negative"
)]
pub(super) fn part(events_per_second: f64, percent: u64) -> u64 {
    (events_per_second * percent as f64 / 100.0).max(1.0) as u64
}

fn pace(rate: u64) -> String {
    if rate == 0 { "full speed".to_owned() } else { format!("{rate} events/s") }
}

/// The server goes first: the references send the event that it was heard to send.
fn start_all(args: &FanArgs, stage: &Stage, clock: Clock, progress: &Progress) -> anyhow::Result<Vec<Driven>> {
    let mut driven = Vec::new();
    for target in [Target::Server, Target::Raw, Target::Joined] {
        if !args.targets.contains(&target) {
            continue;
        }
        progress.say(&format!("starting {}: {} subscribers", target.name(), args.subscribers));
        let process = stage.start(target)?;
        let mut writer = Writer::prepare(process.address, &stage.credentials, args.plan())?;
        if target == Target::Server {
            keep_event(stage, &process, &mut writer)?;
        }
        let mut one = Driven::new(process, clock, writer, args.plan())?;
        one.connect(args.subscribers, &stage.credentials.project, |_| Seat::guest())?;
        driven.push(one);
    }
    Ok(driven)
}

fn keep_event(stage: &Stage, process: &Process, writer: &mut Writer) -> anyhow::Result<()> {
    let payload = first_event(process.address, &stage.credentials.project, &Seat::guest()?, || {
        writer.write_once(process.address)
    })?;
    stage.keep_event(&payload)
}
