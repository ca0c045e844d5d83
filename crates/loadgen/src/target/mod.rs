//! What is measured: the server and the references, each a child process on its own core.

mod process;
mod server;

use std::path::Path;
use std::process::Command;

use clap::ValueEnum;
use serde::Serialize;

use crate::http::Credentials;
pub(crate) use process::Process;

/// A kind of process that the generator can drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// Herenow itself
    Server,
    /// Reference: one send per event and socket
    Raw,
    /// Reference: the events of one turn of the loop in one send per socket
    Joined,
    /// Reference: the same HTTP server answering a constant
    #[value(skip)]
    Constant,
}

impl Target {
    /// As it is called on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Raw => "raw",
            Self::Joined => "joined",
            Self::Constant => "constant",
        }
    }
}

/// What the targets of one run are started with.
#[derive(Debug)]
pub(crate) struct Blueprint<'run> {
    /// The `herenow` binary under test.
    pub(crate) server_binary: &'run Path,
    /// A folder that ends with the run.
    pub(crate) folder: &'run Path,
    /// The project and key that the server is told to know.
    pub(crate) credentials: &'run Credentials,
}

impl Blueprint<'_> {
    /// The command that starts a target; a reference needs the file with the captured event.
    pub(crate) fn command(&self, target: Target, template: &Path) -> anyhow::Result<Command> {
        let mode = match target {
            Target::Server => return server::command(self),
            Target::Constant => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["bench", "constant"]);
                return Ok(command);
            }
            Target::Raw => "raw",
            Target::Joined => "joined",
        };
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "broadcaster", "--mode", mode, "--template"]).arg(template);
        Ok(command)
    }
}
