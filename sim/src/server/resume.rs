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
    /// Once everything up to this number has arrived, the beginning has too.
    through: u64,
}

/// What a connection's client has certainly got.
#[derive(Debug)]
pub(super) struct Resume {
    arrived: u64,
    written: Option<(Timestamp, u64)>,
    begun: BTreeMap<String, Begun>,
}

impl Resume {
    pub(super) fn new(position: u64) -> Self {
        Self { arrived: position, written: None, begun: BTreeMap::new() }
    }

    /// Everything up to `position` has been written.
    pub(super) fn written(&mut self, position: u64, now: Timestamp) {
        self.pass(now);
        if self.written.is_none() {
            self.written = Some((now, position));
        }
    }

    /// What was written long enough ago has arrived.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if let Some((at, position)) = self.written
            && at.plus(USER_TIMEOUT + MARGIN) <= now
        {
            self.arrived = self.arrived.max(position);
            self.written = None;
        }
    }

    /// A subscription begins whose client knows everything up to `from`; it is `through` before which it begins.
    pub(super) fn begin(&mut self, subscription: &str, from: Option<u64>, through: u64) {
        self.begun.insert(subscription.to_owned(), Begun { from, through });
    }

    pub(super) fn end(&mut self, subscription: &str) {
        self.begun.remove(subscription);
    }

    /// The connection becomes somebody else's: what its client knew is of no use any more.
    pub(super) fn become_another(&mut self, through: u64) {
        for begun in self.begun.values_mut() {
            *begun = Begun { from: None, through };
        }
    }

    /// Where a replay for `subscription` has to begin.
    pub(super) fn position(&self, subscription: &str) -> Option<u64> {
        let begun = self.begun.get(subscription)?;
        if self.arrived >= begun.through { Some(self.arrived) } else { begun.from }
    }

    pub(super) fn subscriptions(&self) -> Vec<String> {
        self.begun.keys().cloned().collect()
    }
}
