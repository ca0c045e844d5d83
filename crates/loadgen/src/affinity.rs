//! Which core the generator runs on, and which one the process that it measures.

use std::fmt;
use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The two cores of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// Generator and measured process do not disturb each other.
    Apart {
        /// The generator's core.
        generator: usize,
        /// The core of the server, and of the references.
        server: usize,
    },
    /// The machine gives this process one core only; figures include the generator's own work.
    Shared,
}

impl Cores {
    /// Takes the first and the last core that this process may use.
    ///
    /// Once for all scenarios of a process: after the first, the generator is pinned to one core.
    pub(crate) fn choose() -> anyhow::Result<Self> {
        static CHOSEN: OnceLock<Cores> = OnceLock::new();
        if let Some(chosen) = CHOSEN.get() {
            return Ok(*chosen);
        }
        let allowed = sched_getaffinity(None)?;
        let cores = Self::among((0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)));
        Ok(*CHOSEN.get_or_init(|| cores))
    }

    fn among(mut allowed: impl Iterator<Item = usize>) -> Self {
        match (allowed.next(), allowed.last()) {
            (Some(generator), Some(server)) => Self::Apart { generator, server },
            _ => Self::Shared,
        }
    }

    /// Pins the calling thread to the generator's core.
    pub(crate) fn pin_generator(self) -> anyhow::Result<()> {
        match self {
            Self::Apart { generator, .. } => pin(generator),
            Self::Shared => Ok(()),
        }
    }

    /// Runs `spawn` on the server's core, so that the child inherits it with its first instruction.
    ///
    /// Pinning a running process by its id would come too late: a runtime counts its cores at the
    /// start, and threads that it makes meanwhile would escape.
    pub(crate) fn spawn_on_server_core<T>(self, spawn: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let Self::Apart { server, .. } = self else { return spawn() };
        pin(server)?;
        let spawned = spawn();
        self.pin_generator()?;
        spawned
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apart { generator, server } => {
                write!(formatter, "generator on core {generator}, servers on core {server}")
            }
            Self::Shared => write!(formatter, "one core for generator and servers: read the figures with care"),
        }
    }
}

fn pin(core: usize) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(test)]
mod tests {
    use super::Cores;

    #[test]
    fn generator_and_server_get_the_first_and_the_last_allowed_core() {
        assert_eq!(Cores::among([2, 3, 7].into_iter()), Cores::Apart { generator: 2, server: 7 });
    }

    #[test]
    fn a_single_core_is_shared() {
        assert_eq!(Cores::among([5].into_iter()), Cores::Shared);
    }
}
