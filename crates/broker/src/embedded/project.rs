//! One project of the embedded broker: its tracker and recent history, behind one lock.

use std::sync::Arc;

use herenow_core::{
    Action, Presence, ProjectId, Timestamp, Tracker,
    order::{Ask, Sight},
};
use parking_lot::Mutex;

use super::history::History;

pub(super) struct Project {
    pub(super) id: ProjectId,
    pub(super) epoch: Arc<str>,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    pub(super) tracker: Tracker,
    pub(super) history: History,
}

impl Project {
    pub(super) fn new(id: ProjectId, epoch: Arc<str>, tracker: Tracker) -> Self {
        let history = History::new(tracker.seq());
        Self { id, epoch, state: Mutex::new(State { tracker, history }) }
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
            Ask::Shift { before, after } => {
                let sees = |presence: &Arc<Presence>, viewer| presence.allows(Action::Read, viewer);
                let came = self.tracker.readable(&after, now).filter(|presence| !sees(presence, &before)).collect();
                let went = self.tracker.readable(&before, now).filter(|presence| !sees(presence, &after)).collect();
                Sight::Shift { came, went }
            }
        }
    }
}
