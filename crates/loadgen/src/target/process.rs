//! A child process from its ready line to its end.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use super::Target;
use crate::affinity::Cores;
use crate::poller::timespec;
use crate::procfs::Usage;

const READY_TIMEOUT: Duration = Duration::from_secs(20);
const STOP_TIMEOUT_US: u64 = 12_000_000;
const READY_LINE: &str = "herenow: listening on http://";
/// Lines of its log that are shown of a process that did not start.
const LOG_LINES_SHOWN: usize = 20;

/// A target that answers; dropping it stops it.
pub(crate) struct Process {
    /// What it is.
    pub(crate) target: Target,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Process {
    /// Starts a target on the server's core and waits for its ready line.
    pub(crate) fn start(target: Target, mut command: Command, cores: Cores, log: &Path) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?);
        let name = target.name();
        let child = cores.spawn_on_server_core(|| command.spawn().with_context(|| format!("cannot start {name}")))?;
        // From here on the child has an owner that ends it.
        let mut process = Self { target, address: SocketAddr::from(([127, 0, 0, 1], 0)), child };
        let stdout = process.child.stdout.take().context("the output of the child is piped")?;
        process.address =
            ready_address(stdout).with_context(|| format!("{name} did not start; its log ends:\n{}", log_end(log)))?;
        Ok(process)
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(&self.child)
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        let pid = Pid::from_child(&self.child);
        let handle = pidfd_open(pid, PidfdFlags::empty())?;
        kill_process(pid, Signal::TERM)?;
        poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&timespec(STOP_TIMEOUT_US)))?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A reference has nothing to lose; a server that does not stop in time is killed as well.
        if self.target == Target::Server {
            let _ = self.stop();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the ready line, and keeps reading behind it so that the child never blocks on output.
fn ready_address(stdout: ChildStdout) -> anyhow::Result<SocketAddr> {
    let (found, ready) = mpsc::channel();
    std::thread::Builder::new().name("child output".into()).spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(address) = parse_ready_line(&line) {
                // After a timeout nobody listens any more, and nothing is lost by that.
                let _ = found.send(address);
            }
        }
    })?;
    ready.recv_timeout(READY_TIMEOUT).map_err(|_| anyhow!("no line begins with {READY_LINE:?}"))
}

fn parse_ready_line(line: &str) -> Option<SocketAddr> {
    line.strip_prefix(READY_LINE)?.trim_end().trim_end_matches('/').parse().ok()
}

fn log_end(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::parse_ready_line;

    #[test]
    fn the_ready_line_names_the_address() {
        let address = parse_ready_line("herenow: listening on http://127.0.0.1:4711");
        assert_eq!(address.map(|address| address.port()), Some(4711));
        assert_eq!(parse_ready_line("herenow: demo at http://127.0.0.1:4711/demo"), None);
    }
}
