//! The reference: the least that a process must do to send the same bytes to the same sockets.
//!
//! It speaks the protocol just far enough that the generator cannot tell it from a server: every
//! PUT is an event, every subscriber hears all events, or those of its rooms. One thread, one epoll, no rules.

mod connection;
mod rooms;
mod turn;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::stamp::STAMP_BYTES;
use crate::template::Template;
use turn::Broadcaster;

/// What was written, and who hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Event {
    stamp: [u8; STAMP_BYTES],
    /// None: everybody.
    room: Option<u32>,
}

/// How events reach the sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// One send per event and socket.
    Raw,
    /// The events of one turn of the loop in one send per socket.
    Joined,
}

/// `herenow bench broadcaster`: started by the scenarios alone.
#[derive(Debug, Args)]
pub struct BroadcasterArgs {
    #[arg(long)]
    mode: Mode,
    /// File with the payload of a captured event
    #[arg(long)]
    template: PathBuf,
}

/// Serves until it is killed; it does not outlive the process that started it.
pub(crate) fn run(args: &BroadcasterArgs) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let template = Template::read(&args.template)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "herenow: listening on http://{address}")?;
    stdout.flush()?;
    serve(listener, args.mode, template)
}

/// Serves without end; the listener holds what came before.
pub(crate) fn serve(listener: TcpListener, mode: Mode, template: Template) -> anyhow::Result<()> {
    let mut broadcaster = Broadcaster::new(listener, mode, template)?;
    loop {
        broadcaster.turn()?;
    }
}
