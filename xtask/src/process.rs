//! Runs other programs: with their output shown, read line by line, with deadlines. Knows no program by name.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// Runs a command with its output shown; an error names the command and `fix`.
pub(crate) fn run(command: &mut Command, fix: &str) -> Result<()> {
    let shown = describe(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed ({status}): {fix}");
    Ok(())
}

/// Runs a command and shows what it printed only if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let shown = describe(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    bail!("`{shown}` failed ({}):\n{}", output.status, String::from_utf8_lossy(&text).trim())
}

/// A program that runs beside this one. It is killed when this is dropped before its end was seen.
pub(crate) struct Running {
    pid: Pid,
    lines: Receiver<String>,
    exit: Receiver<std::io::Result<ExitStatus>>,
    ended: Cell<bool>,
}

/// What came next on a program's standard output.
pub(crate) enum Next {
    Line(String),
    End,
}

impl Running {
    /// Starts a command; its standard output is read here, line by line.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let shown = describe(command);
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.with_context(|| format!("cannot start `{shown}`"))?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the child has no usable id")?;
        let stdout = child.stdout.take().context("the child's output is piped")?;
        let (line_sender, lines) = channel();
        let (exit_sender, exit) = channel();
        std::thread::spawn(move || forward_lines(BufReader::new(stdout), &line_sender));
        std::thread::spawn(move || forward_exit(child, &exit_sender));
        Ok(Self { pid, lines, exit, ended: Cell::new(false) })
    }

    /// The next line of its output; silence for longer than `limit` is an error.
    pub(crate) fn next_line(&self, limit: Duration) -> Result<Next> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(Next::Line(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(Next::End),
            Err(RecvTimeoutError::Timeout) => bail!("it printed nothing for {} s", limit.as_secs()),
        }
    }

    /// Waits until the program ends; taking longer than `limit` is an error.
    pub(crate) fn wait(&self, limit: Duration) -> Result<ExitStatus> {
        let seen = self.exit.recv_timeout(limit);
        let status = seen.with_context(|| format!("it did not end within {} s", limit.as_secs()))?;
        self.ended.set(true);
        status.context("cannot wait for the program")
    }

    /// Asks the program to stop, as an operator would.
    pub(crate) fn terminate(&self) -> Result<()> {
        kill_process(self.pid, Signal::TERM).context("cannot send SIGTERM: it has ended already")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended.get() && self.exit.try_recv().is_err() {
            // An error means that it has ended in this moment, which is what is wanted.
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn forward_lines(output: impl BufRead, lines: &Sender<String>) {
    for line in output.lines().map_while(std::io::Result::ok) {
        if lines.send(line).is_err() {
            return;
        }
    }
}

fn forward_exit(mut child: Child, exit: &Sender<std::io::Result<ExitStatus>>) {
    // Nobody may be left to hear it: then the end was not asked for.
    let _ = exit.send(child.wait());
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}
