//! A real `herenow serve` on a free loopback port with a data folder of its own. It knows the command line and the
//! configuration file, as an operator does.

mod binary;
mod clients;
mod config;
mod options;
mod output;
mod process;

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

pub use binary::{binary, run};
pub use config::{DEFAULT_SCOPES, PROJECT};
pub use options::{RateLimits, ServerOptions};
pub use rustix::process::Signal;

use output::Output;
use process::Process;

/// The contract gives a stopping server 10 s; the rest is for a busy machine.
const STOP_DEADLINE: Duration = Duration::from_secs(20);
/// A killed process ends as soon as the kernel gets to it.
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// A server process; dropping it kills the process and removes its folder.
#[derive(Debug)]
pub struct Server {
    options: ServerOptions,
    process: Process,
    address: SocketAddr,
    data: PathBuf,
    output: Output,
    // Last, so that the process is gone before its folder goes.
    folder: TempDir,
}

impl Server {
    /// Starts a server and waits until it listens.
    ///
    /// # Errors
    /// When the binary is not found, or ends or stays silent for 30 s instead of listening; the error carries what
    /// it said.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("herenow-test-").tempdir().context("a folder for the server")?;
        let data = options.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let output = Output::default();
        let (process, address) = launch(&options, folder.path(), &data, None, &output).await?;
        Ok(Self { options, process, address, data, output, folder })
    }

    /// The server's origin, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What an SDK is given as its endpoint: the origin and `/v1`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// The WebSocket endpoint for the declared project.
    #[must_use]
    pub fn realtime_url(&self) -> String {
        format!("ws://{}/v1/realtime?project={PROJECT}", self.address)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The declared project's id.
    #[must_use]
    pub fn project(&self) -> &'static str {
        PROJECT
    }

    /// The secret of the declared project's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.options.key
    }

    /// The data folder; it outlives a restart and goes with this value, unless the options named it.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// The id of the running, or last, process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What the server has written to standard output since the first start.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.output.stdout()
    }

    /// What the server has written to standard error since the first start: its log.
    #[must_use]
    pub fn logs(&self) -> String {
        self.output.stderr()
    }

    /// Sends a signal without waiting for what it does.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.signal(signal)
    }

    /// Waits until the process has ended by itself or by a signal sent before.
    ///
    /// # Errors
    /// When it still runs after `within`.
    pub async fn wait_exit(&mut self, within: Duration) -> Result<ExitStatus> {
        let status = self.process.wait_exit(within).await;
        status.with_context(|| format!("its log:\n{}", self.logs()))
    }

    /// Asks the server to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it has ended before, or still runs after 20 s.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.wait_exit(STOP_DEADLINE).await
    }

    /// Ends the server at once (SIGKILL), as a crash would.
    ///
    /// # Errors
    /// When it has ended before.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.wait_exit(KILL_DEADLINE).await.map(drop)
    }

    /// Changes the options for the next [`restart`](Self::restart); the data folder stays.
    pub fn reconfigure(&mut self, change: impl FnOnce(ServerOptions) -> ServerOptions) {
        self.options = change(self.options.clone());
    }

    /// Starts again on the same data folder, on the same port unless somebody else has it by now. A server that
    /// still runs is stopped first.
    ///
    /// # Errors
    /// When the running server does not stop cleanly, or the new one does not start.
    pub async fn restart(&mut self) -> Result<()> {
        if self.process.is_running() {
            let status = self.stop().await?;
            ensure!(status.success(), "a stopped server exits 0, not {status}; its log:\n{}", self.logs());
        }
        let port_is_free = TcpListener::bind(self.address).is_ok();
        let listen = port_is_free.then_some(self.address);
        (self.process, self.address) =
            launch(&self.options, self.folder.path(), &self.data, listen, &self.output).await?;
        Ok(())
    }
}

async fn launch(
    options: &ServerOptions,
    folder: &Path,
    data: &Path,
    listen: Option<SocketAddr>,
    output: &Output,
) -> Result<(Process, SocketAddr)> {
    let config = folder.join("herenow.toml");
    std::fs::write(&config, config::text(options, data)).context("the configuration cannot be written")?;
    let command = options.command(folder, &config, listen)?;
    Process::start(command, output).await
}

#[cfg(test)]
mod tests;
