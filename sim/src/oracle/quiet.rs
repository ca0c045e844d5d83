//! What must hold when nothing is under way.

use herenow_core::{ConnectionId, Timestamp, Viewer};

use super::{Oracle, State};
use crate::model::{Seen, reads};

impl Oracle {
    /// Everything has been said to this connection, and its client has read it: what it believes is what it may list.
    pub(crate) fn quiet(&mut self, id: ConnectionId, now: Timestamp) {
        let Some(ear) = self.ears.get(&id).filter(|ear| ear.listens && !ear.deaf) else { return };
        if let Some(item) = ear.expected.front() {
            return self.fail(format!("{id:?} of tab {} was never sent {item:?}", ear.tab));
        }
        let all = self.model.list(now);
        let mut own: Vec<Seen> =
            all.into_iter().map(|(_, seen)| seen).filter(|seen| reads(&ear.viewer, seen)).collect();
        own.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let own: Vec<Seen> = own.into_iter().map(Seen::told).collect();
        for subscription in ear.subscriptions.iter().filter(|heard| heard.is_whole()) {
            let Some(mirror) = self.mirrors.get(ear.tab, &subscription.id) else { continue };
            if mirror.state != State::Whole {
                continue;
            }
            self.counts.mirrors += 1;
            let believed = mirror.told();
            if believed != own {
                let (tab, subscription) = (ear.tab, &subscription.id);
                let text = format!("{subscription} of tab {tab} believes {believed:#?}, and could list {own:#?}");
                return self.fail(text);
            }
        }
    }

    /// Who the hub takes a connection for.
    pub(crate) fn viewer(&self, id: ConnectionId) -> Option<&Viewer> {
        self.ears.get(&id).map(|ear| &ear.viewer)
    }
}
