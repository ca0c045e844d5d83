//! What the kernel says that a process has used.

use std::process::Child;

use anyhow::Context;

/// Processor time and memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    /// User and system time of all threads.
    pub(crate) cpu_us: u64,
    /// Resident memory.
    pub(crate) resident_bytes: u64,
}

impl Usage {
    /// Of a child that still runs.
    pub(crate) fn of(child: &Child) -> anyhow::Result<Self> {
        read(&format!("/proc/{}/stat", child.id()))
    }

    /// Of this process.
    pub(crate) fn of_generator() -> anyhow::Result<Self> {
        read("/proc/self/stat")
    }
}

fn read(path: &str) -> anyhow::Result<Usage> {
    let stat = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}: has the process ended?"))?;
    let units = Units {
        ticks_per_second: rustix::param::clock_ticks_per_second(),
        page_bytes: u64::try_from(rustix::param::page_size())?,
    };
    parse(&stat, units).with_context(|| format!("{path} is not in the known form"))
}

#[derive(Debug, Clone, Copy)]
struct Units {
    ticks_per_second: u64,
    page_bytes: u64,
}

/// Reads utime, stime and rss: fields 14, 15 and 24 of `proc_pid_stat(5)`. The name in field 2 may
/// hold spaces and brackets, so fields are counted from behind its last bracket.
fn parse(stat: &str, units: Units) -> Option<Usage> {
    let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks = field(14)? + field(15)?;
    Some(Usage { cpu_us: ticks * 1_000_000 / units.ticks_per_second, resident_bytes: field(24)? * units.page_bytes })
}

#[cfg(test)]
mod tests {
    use super::{Units, Usage, parse};

    const UNITS: Units = Units { ticks_per_second: 100, page_bytes: 4096 };

    #[test]
    fn processor_time_and_memory_are_read_whatever_the_name() {
        let stat =
            "4242 (a) b (c) S 1 2 3 0 -1 4194304 9 8 7 6 150 25 0 0 20 0 4 0 12345 99999999 777 18446744073709551615 1";
        assert_eq!(parse(stat, UNITS), Some(Usage { cpu_us: 1_750_000, resident_bytes: 777 * 4096 }));
    }

    #[test]
    fn a_cut_line_is_refused() {
        assert_eq!(parse("4242 (name) S 1 2 3", UNITS), None);
        assert_eq!(parse("", UNITS), None);
    }
}
