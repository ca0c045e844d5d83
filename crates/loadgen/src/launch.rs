//! Starts a program so that it does not outlive the benchmark, however that ends.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;
use rustix::process::{Signal, set_parent_process_death_signal};

/// `herenow bench launch`: a step between the benchmark and the server that it starts.
#[derive(Debug, Args)]
pub struct LaunchArgs {
    program: PathBuf,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// The command that becomes this program; its arguments are to be added.
pub(crate) fn command(program: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", "launch"]).arg(program);
    Ok(command)
}

/// Asks for the signal, which outlasts the exec, and becomes the program.
pub(crate) fn run(args: &LaunchArgs) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let failure = Command::new(&args.program).args(&args.arguments).exec();
    Err(failure).with_context(|| format!("cannot start {}", args.program.display()))
}
