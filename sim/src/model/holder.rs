//! One record and those who hold it.

use std::time::Duration;

use herenow_core::{SessionId, State, Timestamp, UserId, tracker::HolderKey};

/// How far ahead a socket's expiry lies when it is written or pushed on.
pub(super) const SOCKET_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// It is pushed on when half of that is left.
const HALF_LIFE_MS: i64 = 15 * 24 * 3600 * 1000;

/// One who keeps a record alive.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hold {
    pub(crate) key: HolderKey,
    pub(crate) session: Option<SessionId>,
    pub(crate) state: State,
    /// Whether an open socket pushes its expiry on.
    pub(crate) renews: bool,
    /// Until when a lost socket may come back.
    pub(crate) grace: Option<Timestamp>,
    /// The number of its last write.
    pub(crate) written: u64,
}

impl Hold {
    pub(super) fn ends_at(&self) -> Timestamp {
        match (self.renews, self.grace) {
            (true, _) => Timestamp::MAX,
            (false, Some(grace)) => grace.min(self.state.expires_at),
            (false, None) => self.state.expires_at,
        }
    }

    fn due_at(&self) -> Timestamp {
        if self.renews { Timestamp::from_millis(self.state.expires_at.millis() - HALF_LIFE_MS) } else { self.ends_at() }
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Being {
    pub(crate) user: UserId,
    pub(crate) created_at: Timestamp,
    pub(crate) creation: u64,
    pub(crate) holds: Vec<Hold>,
}

impl Being {
    /// The holder with the newest write.
    pub(crate) fn shown(&self) -> &Hold {
        self.holds.iter().max_by_key(|hold| hold.written).expect("a record has a holder")
    }

    pub(crate) fn due_at(&self) -> Timestamp {
        self.holds.iter().map(Hold::due_at).min().expect("a record has a holder")
    }

    /// The record once what is due at `now` has happened; none where nothing is left.
    pub(super) fn settled(&self, now: Timestamp) -> Option<Self> {
        let mut left = self.clone();
        left.holds.retain(|hold| hold.ends_at() > now);
        for hold in left.holds.iter_mut().filter(|hold| hold.due_at() <= now) {
            hold.state.expires_at = now.plus(SOCKET_LIFE);
        }
        (!left.holds.is_empty()).then_some(left)
    }
}
