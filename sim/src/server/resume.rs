//! Up to which number a client has certainly got everything: where a replay has to begin after its connection is lost.
//!
//! What was written is not what arrived. A line whose bytes are not acknowledged for 20 s is given up by the kernel, so
//! what was written longer ago than that, and a margin, has arrived. Whatever is younger is sent again.

use std::{collections::BTreeMap, time::Duration};

use herenow_core::Timestamp;

use crate::pipe::USER_TIMEOUT;

/// How late a lost line may be noticed beyond the kernel's own limit.
const MARGIN: Duration = Duration::from_secs(10);

/// Where one subscription began on this connection.
#[derive(Debug, Clone, Copy)]
struct Begun {
    /// What its client knew by then; none where that cannot be said.
    from: Option<u64>,
    /// From which look on its beginning has been put into the outbox.
    look: u64,
}

/// Everything up to `position` has been written, or has arrived, with what had been put into the outbox by then.
#[derive(Debug, Clone, Copy)]
struct Noted {
    look: u64,
    position: u64,
}

/// What a connection's client has certainly got.
#[derive(Debug, Default)]
pub(super) struct Resume {
    look: u64,
    arrived: Option<Noted>,
    written: Option<(Timestamp, Noted)>,
    begun: BTreeMap<String, Begun>,
}

impl Resume {
    /// Everything up to `position` has been written, and nothing waits.
    pub(super) fn written(&mut self, position: u64, now: Timestamp) {
        self.pass(now);
        self.look += 1;
        if self.written.is_none() {
            self.written = Some((now, Noted { look: self.look, position }));
        }
    }

    /// What was written long enough ago has arrived.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if let Some((_, noted)) = self.written.take_if(|(at, _)| at.plus(USER_TIMEOUT + MARGIN) <= now) {
            self.arrived = Some(noted);
        }
    }

    /// A subscription is about to begin whose client knows everything up to `from`.
    pub(super) fn begin(&mut self, subscription: &str, from: Option<u64>) {
        self.begun.insert(subscription.to_owned(), Begun { from, look: u64::MAX });
    }

    /// What it begins with is in the outbox.
    pub(super) fn begun(&mut self, subscription: &str) {
        let look = self.look + 1;
        if let Some(begun) = self.begun.get_mut(subscription) {
            begun.look = look;
        }
    }

    pub(super) fn end(&mut self, subscription: &str) {
        self.begun.remove(subscription);
    }

    /// The connection is about to be somebody else's: what its client knew is of no use any more.
    pub(super) fn become_another(&mut self) {
        for begun in self.begun.values_mut() {
            *begun = Begun { from: None, look: u64::MAX };
        }
    }

    /// What has come into sight and gone with that is in the outbox.
    pub(super) fn became_another(&mut self) {
        let look = self.look + 1;
        for begun in self.begun.values_mut() {
            begun.look = look;
        }
    }

    /// Where a replay for `subscription` has to begin.
    pub(super) fn position(&self, subscription: &str) -> Option<u64> {
        let begun = self.begun.get(subscription)?;
        let arrived = self.arrived.filter(|noted| noted.look >= begun.look);
        arrived.map(|noted| noted.position).or(begun.from)
    }

    pub(super) fn subscriptions(&self) -> Vec<String> {
        self.begun.keys().cloned().collect()
    }
}
