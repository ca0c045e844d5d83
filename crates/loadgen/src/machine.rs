//! The machine that a table comes from, as the kernel describes it.

use std::fs;
use std::thread::available_parallelism;

/// In one line: processor, cores, memory, kernel.
pub(crate) fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cores = available_parallelism().map_or(1, usize::from);
    described(&read("/proc/cpuinfo"), &read("/proc/meminfo"), &read("/proc/sys/kernel/osrelease"), cores)
}

/// `cores` are those that this process may use; the files say how many there are.
fn described(processors: &str, memory: &str, kernel: &str, cores: usize) -> String {
    let known = |found: Option<&str>| found.unwrap_or("unknown").to_owned();
    let model = known(field(processors, "model name").or_else(|| field(processors, "Model")));
    let all = processors.lines().filter(|line| line.starts_with("processor")).count().max(cores);
    let usable = if all == cores { String::new() } else { format!(", {cores} of them usable") };
    let kib = field(memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let memory = kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MiB", kib >> 10));
    // What follows the number is the name of who built it.
    let kernel = known(kernel.trim().split('-').next().filter(|kernel| !kernel.is_empty()));
    format!("{model}, {all} cores{usable}, {memory} of memory, Linux {kernel}, loopback")
}

fn field<'text>(text: &'text str, name: &str) -> Option<&'text str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn a_machine_is_told_in_a_line() {
        let processors =
            "processor\t: 0\nmodel name\t: A Processor @ 2 GHz\n\nprocessor\t: 1\nmodel name\t: A Processor";
        let told = described(processors, "MemTotal:        8388608 kB\nMemFree: 1 kB", "6.1.0-amd64\n", 2);
        assert_eq!(told, "A Processor @ 2 GHz, 2 cores, 8192 MiB of memory, Linux 6.1.0, loopback");
    }

    #[test]
    fn what_the_kernel_does_not_say_is_unknown() {
        assert_eq!(described("", "", "", 1), "unknown, 1 cores, unknown of memory, Linux unknown, loopback");
    }
}
