//! A run of presences for one client: a snapshot, or what came into and went out of sight. Encoded only as
//! the client takes them, so that a long one costs a pointer each while it waits.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::{Presence, Timestamp};
use herenow_wire::realtime::{EventFrame, EventKind, PresenceAction, snapshot_end};

use crate::{Position, outbox::Reach, transport::Transport};

/// One presence of a page.
#[derive(Debug, Clone)]
pub struct PageItem {
    /// The state.
    pub presence: Arc<Presence>,
    /// What it is announced as.
    pub action: PresenceAction,
    /// To which subscriptions.
    pub reach: Arc<Reach>,
}

/// Whether nothing of a moment is left to be told after something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    /// Its position is one to come back with.
    TheMoment,
    /// More follows.
    Nothing,
}

/// A run of presences, all of one moment.
#[derive(Debug)]
pub struct Page {
    /// What is still to be sent.
    pub items: VecDeque<PageItem>,
    /// Whether they are a snapshot.
    pub kind: EventKind,
    /// The moment.
    pub at: Timestamp,
    /// The run of its number.
    pub epoch: Arc<str>,
    /// Its number.
    pub seq: u64,
    /// How many a snapshot has: its end is announced.
    pub total: usize,
    /// The subscription whose snapshot ends with this page.
    pub ends: Option<Arc<str>>,
    /// What its end completes.
    pub completes: Completes,
}

impl Page {
    /// Frames the next presences up to about `limit` bytes; whether any are left, or the end is.
    pub(crate) fn fill(&mut self, scratch: &mut Vec<u8>, limit: usize, transport: &dyn Transport) -> bool {
        while scratch.len() < limit {
            let Some(item) = self.items.pop_front() else {
                if let Some(subscription) = self.ends.take() {
                    let text = snapshot_end(self.total, self.at, &self.epoch, self.seq, &subscription);
                    let position = (self.completes == Completes::TheMoment)
                        .then(|| Position { epoch: self.epoch.clone(), seq: self.seq });
                    transport.frame_text(scratch, &[text.as_bytes()], position.as_ref());
                }
                return false;
            };
            let frame = EventFrame::presence(&item.presence, item.action, self.at, &self.epoch, self.seq, self.kind);
            let parts = [frame.head.as_bytes(), item.reach.quoted.as_bytes(), EventFrame::TAIL.as_bytes()];
            transport.frame_text(scratch, &parts, None);
        }
        true
    }
}
