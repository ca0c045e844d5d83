//! A run of presences for one client: a snapshot, or what came into and went out of sight. Encoded only as
//! the client takes them, so that a long one costs a pointer each while it waits.

use std::{collections::VecDeque, sync::Arc};

use herenow_core::{Presence, Timestamp};
use herenow_wire::realtime::{EventFrame, EventKind, PresenceAction, snapshot_end};

use crate::{outbox::Reach, transport::Transport};

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
}

impl Page {
    /// Frames the next presences up to about `limit` bytes; whether any are left, or the end is.
    pub(crate) fn fill(&mut self, scratch: &mut Vec<u8>, limit: usize, transport: &dyn Transport) -> bool {
        while scratch.len() < limit {
            let Some(item) = self.items.pop_front() else {
                if let Some(subscription) = self.ends.take() {
                    let text = snapshot_end(self.total, self.at, &self.epoch, self.seq, &subscription);
                    transport.frame_text(scratch, &[text.as_bytes()]);
                }
                return false;
            };
            let frame = EventFrame::presence(&item.presence, item.action, self.at, &self.epoch, self.seq, self.kind);
            let parts = [frame.head.as_bytes(), item.reach.quoted.as_bytes(), EventFrame::TAIL.as_bytes()];
            transport.frame_text(scratch, &parts);
        }
        true
    }
}
