//! What the system knows of this process, read when it is asked for: two small files of `/proc`, whatever is open.

use rustix::param::{clock_ticks_per_second, page_size};

/// What the system knows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Process {
    /// Processor time so far, in seconds.
    pub(super) cpu_seconds: f64,
    /// Memory, in bytes.
    pub(super) resident_bytes: f64,
    /// When it started, in seconds since 1970.
    pub(super) started_seconds: f64,
    /// Most open files.
    pub(super) max_files: f64,
}

impl Process {
    /// Asks the system; zeros where it does not say.
    pub(super) fn look() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let system = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        Self { max_files: max_files(), ..parse(&stat, &system).unwrap_or_default() }
    }
}

fn max_files() -> f64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(f64::INFINITY, |limit| number(&limit.to_string()))
}

fn parse(stat: &str, system: &str) -> Option<Process> {
    // The name in parentheses may hold anything; what follows begins with the third field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |place: usize| fields.get(place - 3).map(|text| number(text));
    let ticks = number(&clock_ticks_per_second().to_string());
    let booted = system.lines().find_map(|line| line.strip_prefix("btime ")).map(number)?;
    Some(Process {
        cpu_seconds: (field(14)? + field(15)?) / ticks,
        resident_bytes: field(24)? * number(&page_size().to_string()),
        started_seconds: booted + field(22)? / ticks,
        max_files: 0.0,
    })
}

fn number(text: &str) -> f64 {
    text.trim().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_a_name_that_tries_to_hide_them() {
        let ticks = clock_ticks_per_second();
        let stat =
            format!("7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 {} {} 0 0 20 0 4 0 {} 900 3 1", ticks, ticks * 2, ticks * 5);
        let found = parse(&stat, "cpu 1\nbtime 1000\n").expect("it is understood");
        assert!((found.cpu_seconds - 3.0).abs() < 1e-9, "{found:?}");
        assert!((found.started_seconds - 1005.0).abs() < 1e-9, "{found:?}");
        assert!((found.resident_bytes - 3.0 * number(&page_size().to_string())).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_system_says_something_of_this_process() {
        let process = Process::look();
        assert!(
            process.resident_bytes > 0.0 && process.started_seconds > 0.0 && process.max_files > 0.0,
            "{process:?}"
        );
    }
}
