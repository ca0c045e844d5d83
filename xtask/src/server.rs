//! Starts the real binary for one SDK lane and stops it as an operator would. Knows the documented contract only.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::process::{Next, Running};

/// The project that the lanes use, and the key that belongs to it.
pub(crate) const PROJECT: &str = "test";

const READY: &str = "herenow: listening on ";
const START_LIMIT: Duration = Duration::from_secs(30);
/// The contract says 10 s; the rest is for a busy machine.
const STOP_LIMIT: Duration = Duration::from_secs(20);
const LOG_LINES: usize = 40;

/// A running server with data of its own, gone when this is dropped.
pub(crate) struct Server {
    running: Running,
    folder: TempDir,
    /// The API's address as SDKs are given it: `http://127.0.0.1:PORT/v1`.
    pub(crate) endpoint: String,
}

impl Server {
    /// Starts the binary on a free port and waits for its ready line.
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let config = folder.path().join("herenow.toml");
        std::fs::write(&config, configuration(&folder.path().join("data"))).context("cannot write a configuration")?;
        let log = File::create(folder.path().join("log")).context("cannot make a log file")?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--config").arg(&config).current_dir(folder.path()).stderr(log);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HERENOW_")) {
            command.env_remove(name);
        }
        let running = Running::start(&mut command)?;
        let address = match running.next_line(START_LIMIT).context("the server did not get ready")? {
            Next::Line(line) => line.strip_prefix(READY).map(str::to_owned),
            Next::End => None,
        };
        match address {
            Some(address) => Ok(Self { running, folder, endpoint: format!("{}/v1", address.trim()) }),
            None => bail!("the server's first line is not `{READY}http://…`; its log:\n{}", log_of(folder.path())),
        }
    }

    /// Sends SIGTERM and holds the server to its word: it exits 0.
    pub(crate) fn stop(&self) -> Result<()> {
        self.running.terminate()?;
        let status = self.running.wait(STOP_LIMIT).context("the server got SIGTERM")?;
        ensure!(status.success(), "the server got SIGTERM and ended with {status}");
        Ok(())
    }

    /// The last lines that the server logged.
    pub(crate) fn log(&self) -> String {
        log_of(self.folder.path())
    }
}

/// The secret of the lanes' key, made up and of the documented form.
pub(crate) fn key() -> String {
    format!("standard_{}", "0123456789abcdef".repeat(16))
}

fn configuration(data: &Path) -> String {
    format!(
        r#"listen = "127.0.0.1:0"
data = {data:?}

[[projects]]
id = "{PROJECT}"
name = "Conformance"
allowed_origins = ["localhost"]

  [[projects.keys]]
  name = "lanes"
  secret = "{key}"
  scopes = [
    "presences.read", "presences.write", "users.read", "users.write",
    "sessions.read", "sessions.write", "teams.read", "teams.write",
  ]

# The page /demo runs in this one.
[[projects]]
id = "demo"
name = "Demo"
allowed_origins = ["localhost"]
"#,
        key = key(),
    )
}

fn log_of(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}
