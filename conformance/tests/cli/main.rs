//! The command line against the real server, running and stopped.

mod check;
mod effects;
mod lists;
mod stopped;
mod support;
mod watch;
