//! The hub: every entry of every project's order goes in, frames for those who hear it come out.
//!
//! Source: architecture, "Hub"; decisions, Structure.

mod connections;
mod deliver;
#[cfg(test)]
mod tests;
mod turn;

use std::{collections::HashMap, sync::Arc};

use herenow_core::{
    ConnectionId, ProjectId, Viewer,
    order::{Entry, Ticket},
};
use herenow_wire::realtime::SubscribeRow;
use parking_lot::{Mutex, MutexGuard};
use slab::Slab;

use self::turn::Turn;
use crate::{
    Position,
    index::Index,
    meter::Meter,
    outbox::{Flushed, Outbox, Scratch},
    subscription::{Interner, Subscription},
};

/// What a connection wants done when its mark comes by in the project's order.
#[derive(Debug)]
pub enum Wish {
    /// These subscriptions begin; rows without an id have got one.
    Subscribe {
        /// The rows.
        rows: Vec<SubscribeRow>,
        /// What is answered; none: the ordinary answer to `subscribe`.
        reply: Option<String>,
    },
    /// The connection is somebody else's, or its user's roles have changed.
    Become {
        /// Who it is from now on.
        viewer: Viewer,
        /// The answer that goes out first, if one was asked for.
        reply: Option<String>,
    },
}

/// One connection that may listen.
struct Connection {
    project: ProjectId,
    viewer: Viewer,
    outbox: Arc<Outbox>,
    /// Ascending by number.
    subscriptions: Vec<Subscription>,
    next_number: u32,
    /// The last event that reached it, and its place among those that this event reaches.
    last_look: u64,
    place: u32,
}

#[derive(Default)]
struct State {
    connections: Slab<Connection>,
    keys: HashMap<ConnectionId, usize>,
    projects: HashMap<ProjectId, Index>,
    interner: Interner,
    wishes: HashMap<Ticket, (ConnectionId, Wish)>,
    /// Connections whose outbox has to be flushed.
    dirty: Vec<Arc<Outbox>>,
    /// Events that are held back for a moment.
    turn: Turn,
    /// The bytes of the changes and notices since the last flush, in one outbox.
    gathered_bytes: usize,
    /// Numbers the events that were matched.
    look: u64,
    deliveries: u64,
    events: u64,
    /// Subscriptions of all connections.
    subscriptions: usize,
    /// Who listens in each project that anybody is connected to.
    tallies: HashMap<ProjectId, Tally>,
}

/// Who listens in one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Connections that may listen.
    pub connections: usize,
    /// Their subscriptions.
    pub subscriptions: usize,
}

/// Who listens to what in all projects.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    meter: Arc<Meter>,
}

/// Counts for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HubCounts {
    /// Connections that may listen.
    pub connections: usize,
    /// Their subscriptions.
    pub subscriptions: usize,
    /// Entries in the indexes.
    pub seats: usize,
    /// Events that somebody heard, so far.
    pub events: u64,
    /// Frames that they became, so far.
    pub deliveries: u64,
    /// Marks that have not come by yet.
    pub wishes: usize,
}

impl Hub {
    /// Takes one entry of a project's order; what it causes waits in the outboxes until [`Hub::flush`]. Answers with
    /// about the bytes that the changes and notices since the last flush take in the outbox of who hears them all.
    pub fn deliver(&self, entry: &Entry) -> usize {
        let mut state = self.state.lock();
        match entry {
            Entry::Change { project, epoch, change } => state.change(project, epoch, change),
            Entry::Mark { project, epoch, mark } => {
                state.mark(epoch, mark);
                state.has_told(project, epoch, mark.seq);
            }
            Entry::Notice { project, at, notice } => state.notice(project, *at, notice),
        }
        state.gathered_bytes
    }

    /// Writes what waits to all connections that anything was put in for.
    pub fn flush(&self, scratch: &mut Scratch) {
        let dirty = {
            let mut state = self.settled();
            state.gathered_bytes = 0;
            std::mem::take(&mut state.dirty)
        };
        for outbox in &dirty {
            let _: Flushed = outbox.flush(scratch);
        }
        scratch.forget();
        let mut state = self.state.lock();
        if state.dirty.is_empty() {
            // Give the buffer back for the next turn.
            let mut dirty = dirty;
            dirty.clear();
            state.dirty = dirty;
        }
    }

    /// Up to where everything of a project is in the outboxes; none where nothing has come by since somebody listens.
    #[must_use]
    pub fn told(&self, project: &ProjectId) -> Option<Position> {
        self.state.lock().projects.get(project)?.told().cloned()
    }

    /// What there is, once nothing is held back.
    fn settled(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.settle();
        state
    }

    /// How much there is.
    #[must_use]
    pub fn counts(&self) -> HubCounts {
        let state = self.state.lock();
        HubCounts {
            connections: state.connections.len(),
            subscriptions: state.subscriptions,
            seats: state.projects.values().map(Index::len).sum(),
            events: state.events,
            deliveries: state.deliveries,
            wishes: state.wishes.len(),
        }
    }

    /// Who listens in this project.
    #[must_use]
    pub fn tally(&self, project: &ProjectId) -> Tally {
        self.state.lock().tallies.get(project).copied().unwrap_or_default()
    }

    /// What the outboxes that [`Outbox::measured_by`] it hold and send together.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// Whether nobody has left anything behind.
    #[cfg(test)]
    fn is_blank(&self) -> bool {
        let state = self.state.lock();
        state.connections.is_empty()
            && state.subscriptions == 0
            && state.tallies.is_empty()
            && state.keys.is_empty()
            && state.projects.is_empty()
            && state.wishes.is_empty()
    }

    /// How many queries are remembered.
    #[cfg(test)]
    fn known_queries(&self) -> usize {
        self.state.lock().interner.len()
    }
}
