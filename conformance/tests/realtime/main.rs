//! Realtime against the real binary: subscriptions, events, holders and their ends, limits, frames, restarts and
//! snapshots.

mod compression;
mod events;
mod frames;
mod grace;
mod holders;
mod identity;
mod limits;
mod opening;
mod restart;
mod snapshot;
mod subscriptions;
mod words;
