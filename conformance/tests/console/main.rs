//! Operators, projects and what belongs to them, through the public API alone, against the real binary.

mod support;

mod access;
mod admin_mode;
mod bootstrap;
mod changes;
mod declared;
mod effects;
mod insight;
mod keys;
mod operators;
mod origins;
mod pings;
mod platforms;
mod policies;
mod projects;
mod secrets;
mod sockets;
mod webhooks;
