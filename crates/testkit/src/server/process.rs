//! One process from its start to its end. Nothing here knows what the process serves.

use std::{
    net::SocketAddr,
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::{sync::watch, time::timeout};

use super::output::{Found, Output, ended};

/// The line that says that the server accepts connections; the address follows.
const LISTENING: &str = "herenow: listening on http://";
/// From the start of the process to that line.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// A child process whose output is gathered; dropping it kills the process.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pid: Pid,
    status: Option<ExitStatus>,
    /// Closed once the process has ended; it is a zombie until `child` is waited for.
    exited: watch::Receiver<()>,
    stdout: Found,
    stderr: Found,
}

impl Process {
    /// Starts the command and waits for the address that it listens on.
    pub(super) async fn start(mut command: Command, output: &Output) -> Result<(Self, SocketAddr)> {
        let mut child = command.spawn().with_context(|| format!("{command:?} cannot be started"))?;
        let pid = Pid::from_child(&child);
        let stdout = child.stdout.take().context("standard output is piped")?;
        let stderr = child.stderr.take().context("standard error is piped")?;
        let mut process = Self {
            exited: watch_exit(pid)?,
            stdout: output.follow_stdout(stdout, LISTENING)?,
            stderr: output.follow_stderr(stderr)?,
            status: None,
            child,
            pid,
        };
        match process.listening().await {
            Ok(address) => Ok((process, address)),
            Err(error) => {
                ended(&mut process.stderr).await;
                Err(error.context(format!("the server did not start; it said:\n{}", output.stderr())))
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    #[cfg(test)]
    pub(super) fn id(&self) -> Pid {
        self.pid
    }

    pub(super) fn is_running(&self) -> bool {
        self.status.is_none() && self.exited.has_changed().is_ok()
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        // Until it has been waited for, no other process can have its number.
        ensure!(self.status.is_none(), "the process has ended");
        kill_process(self.pid, signal).with_context(|| format!("{signal:?} cannot be sent"))
    }

    pub(super) async fn wait_exit(&mut self, within: Duration) -> Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        let end = async { while self.exited.changed().await.is_ok() {} };
        timeout(within, end).await.with_context(|| format!("the process still runs after {within:?}"))?;
        let status = self.child.wait().context("the process was started here")?;
        self.status = Some(status);
        ended(&mut self.stdout).await;
        ended(&mut self.stderr).await;
        Ok(status)
    }

    async fn listening(&mut self) -> Result<SocketAddr> {
        let found = timeout(START_DEADLINE, self.stdout.wait_for(Option::is_some)).await;
        let found = found.map(|line| line.ok().and_then(|line| line.clone()));
        let Some(line) = found.with_context(|| format!("it does not listen after {START_DEADLINE:?}"))? else {
            let status = self.wait_exit(START_DEADLINE).await?;
            bail!("it ended with {status}");
        };
        let address = line.trim_start_matches(LISTENING);
        address.parse().with_context(|| format!("no address: {line}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status.is_none() {
            // Where it has ended already, both calls only collect it.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A thread that waits for the end without collecting the process, so that its number stays taken.
fn watch_exit(pid: Pid) -> Result<watch::Receiver<()>> {
    let (report, exited) = watch::channel(());
    let wait = move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), options).is_err_and(|error| error == Errno::INTR) {}
        drop(report);
    };
    thread::Builder::new().name("herenow-exit".to_owned()).spawn(wait).context("a thread for the server's end")?;
    Ok(exited)
}
