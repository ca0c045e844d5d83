//! Measurements, what they come to, and how they are told.

pub(crate) mod finding;
mod table;

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use self::finding::{Finding, Goal, Unit, told, told_part};
use crate::statistics::{distance, median, ratio};
use crate::target::Target;

/// One target under one load, once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measurement {
    pub(crate) target: Target,
    pub(crate) round: u64,
    /// From the first write to the last delivery.
    pub(crate) seconds: f64,
    /// Writes that were acknowledged.
    pub(crate) events: u64,
    pub(crate) events_per_second: f64,
    pub(crate) deliveries: u64,
    /// Events times subscribers, less the deliveries.
    pub(crate) missing: u64,
    /// Subscribers that the target has closed, since the beginning.
    pub(crate) closed: u64,
    pub(crate) deliveries_per_second: f64,
    /// User and system time of the target.
    pub(crate) cpu_us_per_delivery: f64,
    /// From the planned moment of the write.
    pub(crate) latency_p50_ms: f64,
    pub(crate) latency_p99_ms: f64,
    pub(crate) latency_max_ms: f64,
    /// Cores that the target used.
    pub(crate) target_busy: f64,
    /// Cores that the generator used; near one, it was the generator that was measured.
    pub(crate) generator_busy: f64,
}

impl Measurement {
    /// User and system time of the target, writes included.
    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    pub(crate) fn cpu_us_per_event(&self) -> f64 {
        self.cpu_us_per_delivery * self.deliveries.max(1) as f64 / self.events.max(1) as f64
    }
}

/// Resident memory of a target.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Memory {
    pub(crate) target: Target,
    pub(crate) connections: u64,
    pub(crate) resident_bytes_before: u64,
    pub(crate) resident_bytes_connected: u64,
    pub(crate) resident_bytes_end: u64,
}

impl Memory {
    /// What a connection adds.
    pub(crate) fn bytes_per_connection(&self) -> u64 {
        self.resident_bytes_connected.saturating_sub(self.resident_bytes_before) / self.connections.max(1)
    }
}

/// A column that medians and ratios are made of.
struct Figure {
    name: &'static str,
    of: fn(&Measurement) -> f64,
}

const FIGURES: [Figure; 5] = [
    Figure { name: "cpu_us_per_delivery", of: |one| one.cpu_us_per_delivery },
    Figure { name: "deliveries_per_second", of: |one| one.deliveries_per_second },
    Figure { name: "events_per_second", of: |one| one.events_per_second },
    Figure { name: "latency_p50_ms", of: |one| one.latency_p50_ms },
    Figure { name: "latency_p99_ms", of: |one| one.latency_p99_ms },
];

/// One figure over all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) figure: &'static str,
    /// Medians by target.
    pub(crate) server: Option<f64>,
    pub(crate) raw: Option<f64>,
    pub(crate) joined: Option<f64>,
    /// Ratios of the medians.
    pub(crate) server_to_raw: Option<f64>,
    pub(crate) server_to_joined: Option<f64>,
    /// How far the two turns of a reference within a round lie apart: the median over all rounds.
    pub(crate) raw_to_itself: Option<f64>,
    pub(crate) joined_to_itself: Option<f64>,
}

/// Everything that a run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report<Settings> {
    scenario: &'static str,
    version: &'static str,
    settings: Settings,
    measurements: Vec<Measurement>,
    summary: Vec<Summary>,
    memory: Vec<Memory>,
}

impl<Settings: Serialize> Report<Settings> {
    /// Sums up the measurements.
    pub(crate) fn new(
        scenario: &'static str,
        settings: Settings,
        measurements: Vec<Measurement>,
        memory: Vec<Memory>,
    ) -> Self {
        let summary = if measurements.is_empty() { Vec::new() } else { summarize(&measurements) };
        Self { scenario, version: env!("CARGO_PKG_VERSION"), settings, measurements, summary, memory }
    }
}

impl<Settings> Report<Settings> {
    /// The settings of the run.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One figure over all rounds.
    pub(crate) fn summary_of(&self, figure: &str) -> Option<&Summary> {
        self.summary.iter().find(|one| one.figure == figure)
    }

    /// Deliveries that did not arrive.
    pub(crate) fn missing(&self) -> u64 {
        self.measurements.iter().map(|one| one.missing).sum()
    }

    /// Subscribers that were closed by a target.
    pub(crate) fn closed(&self) -> u64 {
        self.measurements.iter().map(|one| one.closed).max().unwrap_or(0)
    }
}

impl<Settings> Report<Settings> {
    /// Server CPU per delivery as a multiple of joined; raw is told beside it.
    pub(crate) fn against_references(&self, figure: String, goal: Goal, beside: &str) -> anyhow::Result<Finding> {
        let cpu = self.summary_of("cpu_us_per_delivery").context("a run has measurements")?;
        let us = |side: Option<f64>| side.map_or_else(|| "-".into(), |us| told(us, Unit::Microseconds));
        let text = format!(
            "{} against {} of joined, which differs from itself by {}, and {} of raw; {beside}; {} missing, {} closed",
            us(cpu.server),
            us(cpu.joined),
            told_part(cpu.joined_to_itself),
            us(cpu.raw),
            self.missing(),
            self.closed(),
        );
        Ok(Finding::new(figure, cpu.server_to_joined.unwrap_or(f64::NAN), Unit::Times, goal, text))
    }
}

impl Summary {
    /// The median of a target that takes part in such a run.
    pub(crate) fn of(&self, target: Target) -> Option<f64> {
        match target {
            Target::Server => self.server,
            Target::Raw => self.raw,
            Target::Joined => self.joined,
            Target::Constant => None,
        }
    }

    /// The server as a multiple of a reference, the reference, and how far it differs from itself.
    pub(crate) fn against(&self, reference: Target) -> (Option<f64>, Option<f64>, Option<f64>) {
        match reference {
            Target::Raw => (self.server_to_raw, self.raw, self.raw_to_itself),
            Target::Joined => (self.server_to_joined, self.joined, self.joined_to_itself),
            Target::Server | Target::Constant => (None, self.server, None),
        }
    }
}

/// Prints the report as a table and writes it as JSON where that is asked for.
pub(crate) fn publish<Settings: Serialize>(
    title: &str,
    report: &Report<Settings>,
    json: Option<&Path>,
) -> anyhow::Result<()> {
    table::print(title, report, &mut std::io::stdout().lock())?;
    let Some(path) = json else { return Ok(()) };
    let text = serde_json::to_string_pretty(report)?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

fn summarize(measurements: &[Measurement]) -> Vec<Summary> {
    FIGURES.iter().map(|figure| summarize_figure(figure, measurements)).collect()
}

fn summarize_figure(figure: &Figure, measurements: &[Measurement]) -> Summary {
    let of = |target| measurements.iter().filter(move |one| one.target == target).map(figure.of);
    let [server, raw, joined] = [Target::Server, Target::Raw, Target::Joined].map(|target| median(of(target)));
    let to = |reference: Option<f64>| server.zip(reference).and_then(|(server, reference)| ratio(server, reference));
    let to_itself = |target| {
        let turns: Vec<f64> = of(target).collect();
        median(turns.chunks_exact(2).filter_map(|pair| distance(pair[0], pair[1])))
    };
    Summary {
        figure: figure.name,
        server,
        raw,
        joined,
        server_to_raw: to(raw),
        server_to_joined: to(joined),
        raw_to_itself: to_itself(Target::Raw),
        joined_to_itself: to_itself(Target::Joined),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Measurement, Memory, summarize};
    use crate::target::Target::{self, Joined, Raw, Server};

    pub(crate) fn measurement(target: Target, cpu_us_per_delivery: f64) -> Measurement {
        Measurement {
            target,
            round: 1,
            seconds: 4.0,
            events: 2_000,
            events_per_second: 500.0,
            deliveries: 2_000_000,
            missing: 0,
            closed: 0,
            deliveries_per_second: 500_000.0,
            cpu_us_per_delivery,
            latency_p50_ms: 1.0,
            latency_p99_ms: 2.0,
            latency_max_ms: 3.0,
            target_busy: 0.9,
            generator_busy: 0.4,
        }
    }

    #[test]
    fn the_server_is_told_as_a_multiple_of_each_reference() {
        let all =
            [(Raw, 4.0), (Joined, 1.0), (Server, 6.0), (Joined, 3.0), (Raw, 5.0)].map(|(t, cpu)| measurement(t, cpu));
        let cpu = &summarize(&all)[0];
        assert_eq!((cpu.server, cpu.raw, cpu.joined), (Some(6.0), Some(4.5), Some(2.0)));
        assert_eq!(cpu.server_to_joined, Some(3.0));
        assert_eq!(cpu.raw_to_itself, Some(0.25));
        assert_eq!(cpu.joined_to_itself, Some(2.0));
    }

    #[test]
    fn a_run_without_references_has_no_ratios() {
        let cpu = &summarize(&[measurement(Server, 6.0)])[0];
        assert_eq!((cpu.server, cpu.server_to_raw, cpu.raw_to_itself), (Some(6.0), None, None));
    }

    #[test]
    fn a_connection_costs_the_growth_divided_by_all() {
        let memory = Memory {
            target: Server,
            connections: 10,
            resident_bytes_before: 1_000,
            resident_bytes_connected: 41_000,
            resident_bytes_end: 0,
        };
        assert_eq!(memory.bytes_per_connection(), 4_000);
    }
}
