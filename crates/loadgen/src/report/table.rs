//! The report for a terminal.

use std::io::Write;

use serde::Serialize;

use super::{Measurement, Memory, Report, Summary};

/// A generator this busy may be what limits the target.
const GENERATOR_BUSY_WARNING: f64 = 0.9;

/// Writes title, measurements, summary, memory and warnings.
pub(super) fn print<Settings: Serialize>(
    title: &str,
    report: &Report<Settings>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    writeln!(out, "{title}")?;
    if !report.measurements.is_empty() {
        print_measurements(&report.measurements, out)?;
        print_summary(&report.summary, out)?;
    }
    print_memory(&report.memory, out)?;
    for warning in warnings(&report.measurements) {
        writeln!(out, "\nwarning: {warning}")?;
    }
    Ok(())
}

fn print_measurements(measurements: &[Measurement], out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "\nround target  events/s  deliveries  deliveries/s  missing  CPU µs each  p50 ms    p99 ms    max ms  busy: target generator"
    )?;
    for one in measurements {
        writeln!(
            out,
            "{:>5} {:<7} {:>8.1} {:>11} {:>13.0} {:>8} {:>12.2} {:>7.2} {:>9.2} {:>9.2} {:>12.0}% {:>8.0}%",
            one.round,
            one.target.name(),
            one.events_per_second,
            one.deliveries,
            one.deliveries_per_second,
            one.missing,
            one.cpu_us_per_delivery,
            one.latency_p50_ms,
            one.latency_p99_ms,
            one.latency_max_ms,
            one.target_busy * 100.0,
            one.generator_busy * 100.0,
        )?;
    }
    Ok(())
}

fn print_summary(summary: &[Summary], out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "\nmedians                     server         raw      joined  server/raw  server/joined  raw/itself  joined/itself"
    )?;
    for one in summary {
        writeln!(
            out,
            "{:<22} {:>11} {:>11} {:>11} {:>11} {:>14} {:>11} {:>14}",
            one.figure,
            number(one.server),
            number(one.raw),
            number(one.joined),
            number(one.server_to_raw),
            number(one.server_to_joined),
            percent(one.raw_to_itself),
            percent(one.joined_to_itself),
        )?;
    }
    Ok(())
}

fn print_memory(memory: &[Memory], out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "\nmemory (resident)  connections  before KiB  connected KiB  at the end KiB  bytes a connection")?;
    for one in memory {
        writeln!(
            out,
            "{:<18} {:>11} {:>11} {:>14} {:>15} {:>19}",
            one.target.name(),
            one.connections,
            one.resident_bytes_before >> 10,
            one.resident_bytes_connected >> 10,
            one.resident_bytes_end >> 10,
            one.bytes_per_connection(),
        )?;
    }
    Ok(())
}

fn warnings(measurements: &[Measurement]) -> Vec<String> {
    let mut warnings = Vec::new();
    if measurements.iter().any(|one| one.generator_busy > GENERATOR_BUSY_WARNING) {
        warnings
            .push("the generator's core was full in some rounds: they show its limit as much as the target's".into());
    }
    let missing: u64 = measurements.iter().map(|one| one.missing).sum();
    let closed = measurements.iter().map(|one| one.closed).max().unwrap_or(0);
    if missing > 0 || closed > 0 {
        warnings.push(format!("{missing} deliveries did not arrive, {closed} subscribers were closed by a target"));
    }
    warnings
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "-".into(),
        |value| if value.abs() < 1_000.0 { format!("{value:.2}") } else { format!("{value:.0}") },
    )
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{:.1} %", value * 100.0))
}

#[cfg(test)]
mod tests {
    use super::warnings;
    use crate::report::tests::measurement;
    use crate::target::Target;

    #[test]
    fn a_lost_delivery_is_told() {
        let mut one = measurement(Target::Server, 1.0);
        assert!(warnings(std::slice::from_ref(&one)).is_empty());
        one.missing = 3;
        assert!(warnings(&[one])[0].starts_with("3 deliveries"));
    }

    #[test]
    fn a_generator_at_its_limit_is_told() {
        let mut one = measurement(Target::Server, 1.0);
        one.generator_busy = 0.95;
        assert_eq!(warnings(&[one]).len(), 1);
    }
}
