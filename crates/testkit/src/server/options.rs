//! What a test may ask of its server.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use super::binary::{binary, isolated};
use crate::random_bytes;

/// Options of one server; what is not said is as a test mostly wants it.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    pub(super) key: String,
    pub(super) data: Option<PathBuf>,
    pub(super) settings: String,
    pub(super) project_settings: String,
    pub(super) tables: String,
    rate_limits: RateLimits,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    launcher: Vec<String>,
    binary: Option<PathBuf>,
}

/// Whether requests and messages are counted against limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// As in production.
    On,
    /// Nothing is counted, so that a test may be quick.
    Off,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            key: format!("standard_{}", hex::encode(random_bytes::<128>())),
            data: None,
            settings: String::new(),
            project_settings: String::new(),
            tables: String::new(),
            rate_limits: RateLimits::Off,
            arguments: Vec::new(),
            environment: Vec::new(),
            launcher: Vec::new(),
            binary: None,
        }
    }
}

impl ServerOptions {
    /// One project with one key, a fresh data folder, no rate limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds top-level settings in TOML, such as `disconnect_grace = "1s"`.
    #[must_use]
    pub fn settings(mut self, toml: &str) -> Self {
        push_text(&mut self.settings, toml);
        self
    }

    /// Adds settings of the declared project in TOML, such as `strict_grants = true`.
    #[must_use]
    pub fn project_settings(mut self, toml: &str) -> Self {
        push_text(&mut self.project_settings, toml);
        self
    }

    /// Adds tables in TOML at the end of the file, such as `[limits]` or another `[[projects]]`.
    #[must_use]
    pub fn tables(mut self, toml: &str) -> Self {
        push_text(&mut self.tables, toml);
        self
    }

    /// Sets the rate limits; off unless asked for.
    #[must_use]
    pub fn rate_limits(mut self, rate_limits: RateLimits) -> Self {
        self.rate_limits = rate_limits;
        self
    }

    /// Sets the secret of the project's key, to share it between the nodes of a cluster.
    #[must_use]
    pub fn key(mut self, secret: &str) -> Self {
        self.key = secret.to_owned();
        self
    }

    /// Uses this data folder, which then stays when the server goes.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Adds an argument behind those of `serve`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Sets an environment variable; `HERENOW_*` is never inherited from the test.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a program in front, such as `["prlimit", "--nofile=256"]`; it must become the server by `exec`.
    #[must_use]
    pub fn launcher(mut self, words: &[&str]) -> Self {
        self.launcher = words.iter().map(ToString::to_string).collect();
        self
    }

    /// Runs this binary instead of the one under test.
    #[must_use]
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    /// The command that starts the server in `folder`; `listen` overrides the port in the file.
    pub(super) fn command(&self, folder: &Path, config: &Path, listen: Option<SocketAddr>) -> Result<Command> {
        let binary = self.binary.clone().map_or_else(binary, Ok)?;
        let mut command = match self.launcher.split_first() {
            None => isolated(&binary, folder),
            Some((program, words)) => {
                let mut command = isolated(program, folder);
                command.args(words).arg(&binary);
                command
            }
        };
        command.arg("serve").arg("--config").arg(config);
        if let Some(address) = listen {
            command.arg("--listen").arg(address.to_string());
        }
        if self.rate_limits == RateLimits::Off {
            command.arg("--no-rate-limits");
        }
        command.args(&self.arguments).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }
}

fn push_text(text: &mut String, addition: &str) {
    text.push_str(addition);
    text.push('\n');
}
