//! One project of the embedded broker: its tracker and recent history, behind one lock.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use herenow_core::{
    Action, Presence, PresenceId, ProjectId, Timestamp, Tracker, Viewer,
    order::{Ask, Sight},
};
use parking_lot::{Mutex, MutexGuard};

use super::history::History;
use crate::Refusal;

pub(super) struct Project {
    pub(super) id: ProjectId,
    pub(super) epoch: Arc<str>,
    pub(super) state: Mutex<State>,
    forgotten: AtomicBool,
}

pub(super) struct State {
    pub(super) tracker: Tracker,
    pub(super) history: History,
}

impl Project {
    pub(super) fn new(id: ProjectId, epoch: Arc<str>, tracker: Tracker) -> Self {
        let history = History::new(tracker.seq());
        Self { id, epoch, state: Mutex::new(State { tracker, history }), forgotten: AtomicBool::new(false) }
    }

    /// Takes the lock to change something or to take a place in the order: who came too late for that is refused.
    pub(super) fn enter(&self) -> Result<MutexGuard<'_, State>, Refusal> {
        let state = self.state.lock();
        if self.is_forgotten() { Err(Refusal::UnknownProject) } else { Ok(state) }
    }

    /// From now on nothing changes; what is still on its way to the store is not kept.
    pub(super) fn forget(&self) {
        let _state = self.state.lock();
        self.forgotten.store(true, Ordering::Release);
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.forgotten.load(Ordering::Acquire)
    }
}

impl State {
    pub(super) fn sight(&self, epoch: &str, ask: Ask, now: Timestamp) -> Sight {
        match ask {
            Ask::Place => Sight::Nothing,
            Ask::Snapshot(viewer) => Sight::All(self.tracker.readable(&viewer, now).collect()),
            Ask::Missed { epoch: known, seq, otherwise } => match self.history.since(seq).filter(|_| known == epoch) {
                Some(changes) => Sight::Missed(changes),
                None => self.sight(epoch, *otherwise, now),
            },
            Ask::Each(asks) => Sight::Each(asks.into_iter().map(|ask| self.sight(epoch, ask, now)).collect()),
            Ask::Shift { before, after } => self.shift(&before, &after, now),
        }
    }

    fn shift(&self, before: &Viewer, after: &Viewer, now: Timestamp) -> Sight {
        let sees = |presence: &Presence, viewer| presence.allows(Action::Read, viewer);
        // What is due and has not ended yet is still before the asker's eyes: its delete, or the state of the next
        // holder, may no longer reach it. So what was told counts, not what will show.
        let told = self.tracker.records().map(|record| &record.presence);
        let known: Vec<_> = told.filter(|presence| sees(presence, before)).collect();
        let ids: HashSet<&PresenceId> = known.iter().map(|presence| &presence.id).collect();
        let came = self.tracker.readable(after, now).filter(|presence| !ids.contains(&presence.id)).collect();
        let mut went: Vec<_> = known.into_iter().filter(|presence| !sees(presence, after)).cloned().collect();
        went.sort_unstable_by_key(|presence| presence.creation);
        Sight::Shift { came, went }
    }
}
