//! A record with its holders: who keeps it alive, and whose state shows.
//!
//! Source: semantics 1, 5 and 6.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{ConnectionId, Permissions, Presence, SessionId, State, Timestamp};

/// How far ahead the expiry of a socket's presence is set.
pub const SOCKET_EXPIRY: Duration = Duration::from_secs(30 * 86_400);
/// An open socket's expiry is pushed on when less than this is left of it.
const RENEW_BELOW: Duration = Duration::from_secs(15 * 86_400);

/// Who keeps a record alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HolderKey {
    /// The lease that a write over HTTP takes; one per record.
    Rest,
    /// An open socket.
    Socket(ConnectionId),
}

/// Whether time alone ends a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifetime {
    /// It ends at its state's `expires_at`.
    Fixed,
    /// It lives as long as its socket; `expires_at` is pushed on silently.
    WhileOpen,
    /// Its socket was lost: it ends at this time, or at `expires_at` if that comes first.
    Grace(Timestamp),
}

/// One holder of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Which.
    pub key: HolderKey,
    /// The session that authenticated the socket, if one did.
    pub session: Option<SessionId>,
    /// What it last wrote.
    pub state: State,
    /// The sequence number of its last write.
    pub written: u64,
    /// When it ends by itself.
    pub lifetime: Lifetime,
}

impl Holder {
    /// When it ends if nothing is heard of it.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        match self.lifetime {
            Lifetime::Fixed => self.state.expires_at,
            Lifetime::WhileOpen => Timestamp::MAX,
            Lifetime::Grace(until) => until.min(self.state.expires_at),
        }
    }

    /// When somebody has to look at it: its end, or the time to push an open socket's expiry on.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        match self.lifetime {
            Lifetime::WhileOpen => {
                let ahead = i64::try_from(RENEW_BELOW.as_millis()).expect("15 days in milliseconds fit");
                Timestamp::from_millis(self.state.expires_at.millis().saturating_sub(ahead))
            }
            Lifetime::Fixed | Lifetime::Grace(_) => self.ends_at(),
        }
    }

    /// Whether it is a socket that was lost and may still come back.
    #[must_use]
    pub fn in_grace(&self) -> bool {
        matches!(self.lifetime, Lifetime::Grace(_))
    }
}

/// The holders of a record; nearly always one.
pub type Holders = SmallVec<[Holder; 1]>;

/// A live record: what it shows and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What everybody sees: the state of the holder with the newest write.
    pub presence: Arc<Presence>,
    /// Who holds it; at least one.
    pub holders: Holders,
}

impl Record {
    /// When somebody has to look at it first.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.holders.iter().map(Holder::due_at).min().unwrap_or(Timestamp::MAX)
    }

    /// The holder with the newest write.
    pub(super) fn shown(holders: &Holders) -> Option<&Holder> {
        holders.iter().max_by_key(|holder| holder.written)
    }

    /// The place of the holder that shows.
    pub(super) fn shown_index(&self) -> usize {
        let newest = self.holders.iter().enumerate().max_by_key(|(_, holder)| holder.written);
        newest.map(|(index, _)| index).expect("a record has at least one holder")
    }

    /// The same record with one permission list on every holder.
    pub(super) fn grant_all(holders: &mut Holders, permissions: &Permissions) {
        for holder in holders {
            holder.state.permissions = permissions.clone();
        }
    }
}
