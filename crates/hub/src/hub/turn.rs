//! Events of one turn that reach the same receivers, handed out together: each receiver is looked up, and its outbox
//! locked, once for all of them. With thousands of receivers that is most of what an event costs beside its sending.

use std::sync::Arc;

use herenow_core::ProjectId;
use smallvec::SmallVec;

use super::{Connection, State};
use crate::{
    Position,
    index::{Audience, SetId},
    outbox::{ENTRY_BYTES, Pushed, Reach, Run, SharedEvent},
};

/// About what the ids take that are put into a frame.
const IDS_BYTES: usize = 64;
/// At most so many are held back.
const MAX_EVENTS: usize = 1_024;

/// Those of one connection's subscriptions that an event reaches.
pub(super) struct Reached {
    pub(super) connection: u32,
    pub(super) numbers: SmallVec<[u32; 2]>,
}

/// What is held back until something else must go out, or the turn ends.
#[derive(Default)]
pub(super) struct Turn {
    /// Where all who are in these sets, and nobody else, are the receivers. Whoever changes a set settles before.
    sets: Option<SmallVec<[SetId; 4]>>,
    receivers: Vec<Reached>,
    events: Vec<Arc<SharedEvent>>,
    /// Whose receivers they are.
    project: Option<ProjectId>,
    /// Up to where everything of that project is in the outboxes, once this is.
    told: Option<Position>,
}

impl Turn {
    /// Whether this audience, all of it, is who gets what is held back.
    pub(super) fn is_for(&self, audience: &Audience<'_>) -> bool {
        !self.events.is_empty() && self.sets.as_ref().is_some_and(|sets| sets.iter().copied().eq(audience.ids()))
    }
}

impl State {
    /// Holds an event back for the receivers of the one before.
    pub(super) fn join(&mut self, event: SharedEvent) {
        self.events += 1;
        self.deliveries += self.turn.receivers.len() as u64;
        self.gathered_bytes += event.frame.head.len() + ENTRY_BYTES + IDS_BYTES;
        self.turn.events.push(Arc::new(event));
        if self.turn.events.len() == MAX_EVENTS {
            self.settle();
        }
    }

    /// Holds an event back for these receivers, who are all that are in `sets`, where there are such.
    pub(super) fn begin(
        &mut self,
        project: &ProjectId,
        event: SharedEvent,
        sets: Option<SmallVec<[SetId; 4]>>,
        receivers: Vec<Reached>,
    ) {
        self.settle();
        self.turn = Turn { sets, receivers, events: Vec::new(), project: Some(project.clone()), told: None };
        self.join(event);
    }

    /// Notes that everything up to this number is in the outboxes, or will be with what is held back.
    pub(super) fn has_told(&mut self, project: &ProjectId, epoch: &Arc<str>, seq: u64) {
        if self.turn.project.as_ref() == Some(project) {
            Position::advance(&mut self.turn.told, epoch, seq);
        } else if let Some(index) = self.projects.get_mut(project) {
            index.has_told(epoch, seq);
        }
    }

    /// Puts what is held back into the outboxes. Whoever changes who hears what, or puts anything else into an outbox by
    /// the hub, does this before.
    pub(super) fn settle(&mut self) {
        let Turn { receivers, events, project, told, .. } = std::mem::take(&mut self.turn);
        if events.is_empty() {
            return;
        }
        let run = Arc::new(Run::new(events));
        for Reached { connection, numbers } in receivers {
            let connection = &self.connections[connection as usize];
            if connection.outbox.push_run(&run, &connection.reach(&numbers)) == Pushed::First {
                self.dirty.push(connection.outbox.clone());
            }
        }
        if let (Some(project), Some(told)) = (project, told) {
            self.has_told(&project, &told.epoch, told.seq);
        }
    }
}

impl Connection {
    /// The ids of these subscriptions as a frame names them; most events reach one.
    pub(super) fn reach(&self, numbers: &[u32]) -> Arc<Reach> {
        if let [number] = numbers
            && let Some(subscription) = self.subscription(*number)
        {
            return subscription.reach.clone();
        }
        let ids = numbers.iter().filter_map(|number| self.subscription(*number)).map(|subscription| &*subscription.id);
        let quoted = herenow_wire::realtime::quoted_ids(ids);
        Arc::new(Reach { subscriptions: numbers.iter().copied().collect(), quoted })
    }
}
