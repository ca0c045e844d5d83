//! A seeded simulation of users, tabs, broken lines, slow readers, full disks and dying servers over the real rules,
//! broker, hub and connection protocol. Deterministic: a seed is a whole story, and a failing one can be told again.
//!
//! Knows nothing of HTTP, TCP or SQLite: lines and the disk are fakes, and the clock moves by hand.

mod accounts;
mod clock;
mod disk;
mod executor;
mod model;
pub mod mutations;
mod oracle;
mod pipe;
mod random;
mod server;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use world::Trace;
use world::World;

/// How many steps a story has unless told otherwise.
pub const DEFAULT_STEPS: u64 = 400;

/// What happened in one or more stories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Changes that were committed.
    pub changes: u64,
    /// Frames that clients read and that were compared.
    pub frames: u64,
    /// Frames that were conflated away.
    pub conflated: u64,
    /// Subscriptions that got what they had missed.
    pub resumed: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Presences that came into or went out of sight when roles changed.
    pub shifts: u64,
    /// Crashes and restarts.
    pub crashes: u64,
    /// Sockets closed because they were behind.
    pub behind: u64,
    /// Pictures of clients that were compared with the list.
    pub mirrors: u64,
}

impl Tally {
    /// Adds what happened in another story.
    pub fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.frames += other.frames;
        self.conflated += other.conflated;
        self.resumed += other.resumed;
        self.snapshots += other.snapshots;
        self.shifts += other.shifts;
        self.crashes += other.crashes;
        self.behind += other.behind;
        self.mirrors += other.mirrors;
    }
}

/// A broken rule.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "seed {seed}: {difference}\nto see it again: cargo run -p herenow-sim -- --seed {seed} --steps {steps} --trace"
)]
pub struct Broken {
    /// Which story.
    pub seed: u64,
    /// How long it is.
    pub steps: u64,
    /// What is not as it should be.
    pub difference: String,
}

/// Runs the story of `seed`.
///
/// # Errors
/// [`Broken`] at the first rule that does not hold, also where something panics.
pub fn run(seed: u64, steps: u64, trace: Trace) -> Result<Tally, Broken> {
    let story = || World::new(seed, trace).run(steps);
    let outcome = catch_unwind(AssertUnwindSafe(story)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    });
    let counts = outcome.map_err(|difference| Broken { seed, steps, difference })?;
    Ok(Tally {
        changes: counts.changes,
        frames: counts.frames,
        conflated: counts.conflated,
        resumed: counts.resumed,
        snapshots: counts.snapshots,
        shifts: counts.shifts,
        crashes: counts.crashes,
        behind: counts.behind,
        mirrors: counts.mirrors,
    })
}
