//! Subscriptions of connections that were lost a moment ago: a client sends their ids again after a reconnect, and then
//! first gets what it missed.

use std::{collections::BTreeMap, time::Duration};

use herenow_core::{Timestamp, UserId};

/// How long a lost subscription is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);

/// What was lost: by subscription, whose it was, when, and up to which number it had certainly arrived.
#[derive(Default)]
pub(super) struct Lost(BTreeMap<String, (Option<UserId>, Timestamp, u64)>);

impl Lost {
    pub(super) fn remember(&mut self, user: Option<&UserId>, subscription: &str, position: u64, now: Timestamp) {
        self.0.insert(subscription.to_owned(), (user.cloned(), now, position));
    }

    /// Where the same user's lost subscription of this id stood; only once. Whoever begins it, it is not lost any more.
    pub(super) fn take(&mut self, user: Option<&UserId>, subscription: &str, now: Timestamp) -> Option<u64> {
        let (owner, at, position) = self.0.remove(subscription)?;
        (owner.as_ref() == user && at.plus(REMEMBERED) > now).then_some(position)
    }
}
