//! A record with its holders: who keeps it alive, and whose state shows.
//!
//! Source: semantics 1, 5 and 6.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize, Serializer};
use smallvec::SmallVec;

use crate::{ConnectionId, Presence, PresenceId, SessionId, State, Timestamp, UserId};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
        ends_at(self.lifetime, self.state.expires_at)
    }

    /// When somebody has to look at it: its end, or the time to push an open socket's expiry on.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        due_at(self.lifetime, self.state.expires_at)
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
///
/// The state of the holder that shows is kept once, in what it shows: a record with one holder, as nearly all are,
/// needs no more than these few words beside its presence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Kept")]
pub struct Record {
    /// What everybody sees: the state of the holder with the newest write.
    pub presence: Arc<Presence>,
    showing: Showing,
    others: Option<Box<Others>>,
}

/// The holder that shows, but for its state.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Showing {
    key: HolderKey,
    /// Boxed, since leases have none: they are the many.
    session: Option<Box<SessionId>>,
    written: u64,
    lifetime: Lifetime,
}

/// The holders that do not show.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Others(Vec<Holder>);

/// A record as it is kept on disk.
#[derive(Deserialize)]
struct Kept {
    presence: Presence,
    holders: Vec<KeptHolder>,
}

#[derive(Deserialize)]
struct KeptHolder {
    key: HolderKey,
    session: Option<SessionId>,
    /// None: the one that shows.
    state: Option<State>,
    written: u64,
    lifetime: Lifetime,
}

/// As [`Kept`], from what is in memory.
#[derive(Serialize)]
struct Keeping<'a> {
    presence: &'a Presence,
    holders: KeepingHolders<'a>,
}

struct KeepingHolders<'a>(&'a Record);

/// As [`KeptHolder`].
#[derive(Serialize)]
struct KeepingHolder<'a> {
    key: HolderKey,
    session: Option<&'a SessionId>,
    state: Option<&'a State>,
    written: u64,
    lifetime: Lifetime,
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        Keeping { presence: &self.presence, holders: KeepingHolders(self) }.serialize(output)
    }
}

impl Serialize for KeepingHolders<'_> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let Showing { key, session, written, lifetime } = &self.0.showing;
        let shown = KeepingHolder {
            key: *key,
            session: session.as_deref(),
            state: None,
            written: *written,
            lifetime: *lifetime,
        };
        let others = self.0.others().iter().map(|Holder { key, session, state, written, lifetime }| KeepingHolder {
            key: *key,
            session: session.as_ref(),
            state: Some(state),
            written: *written,
            lifetime: *lifetime,
        });
        output.collect_seq(std::iter::once(shown).chain(others))
    }
}

impl From<Kept> for Record {
    fn from(Kept { presence, holders }: Kept) -> Self {
        let shown = |state: Option<State>| state.unwrap_or_else(|| presence.state.clone());
        let held = |KeptHolder { key, session, state, written, lifetime }| Holder {
            key,
            session,
            state: shown(state),
            written,
            lifetime,
        };
        let mut holders: Holders = holders.into_iter().map(held).collect();
        if holders.is_empty() {
            // What nobody holds is due at once.
            let (key, state) = (HolderKey::Rest, presence.state.clone());
            let lifetime = Lifetime::Grace(Timestamp::default());
            holders.push(Holder { key, session: None, state, written: 0, lifetime });
        }
        Self::new(presence, holders)
    }
}

impl Record {
    /// A record that is held by `holders` and shows the state of the newest of them.
    ///
    /// # Panics
    /// Where there is no holder.
    #[must_use]
    pub fn new(presence: Presence, holders: Holders) -> Self {
        Self::held(holders, |state| Presence { state, ..presence })
    }

    /// A record that begins.
    pub(super) fn beginning(id: &PresenceId, user: &UserId, now: Timestamp, creation: u64, holders: Holders) -> Self {
        let (id, user) = (id.clone(), user.clone());
        Self::held(holders, |state| Presence { id, user, created_at: now, updated_at: now, creation, state })
    }

    /// A record that goes on.
    pub(super) fn following(before: &Presence, user: &UserId, updated_at: Timestamp, holders: Holders) -> Self {
        let (id, user) = (before.id.clone(), user.clone());
        let Presence { created_at, creation, .. } = *before;
        Self::held(holders, |state| Presence { id, user, created_at, updated_at, creation, state })
    }

    fn held(mut holders: Holders, presence: impl FnOnce(State) -> Presence) -> Self {
        let shown = Self::newest(&holders).expect("a record has at least one holder");
        let Holder { key, session, state, written, lifetime } = holders.remove(shown);
        let others = (!holders.is_empty()).then(|| Box::new(Others(holders.into_vec())));
        let showing = Showing { key, session: session.map(Box::new), written, lifetime };
        Self { presence: Arc::new(presence(state)), showing, others }
    }

    /// The key of the holder, where there is only one.
    pub(super) fn only_holder(&self) -> Option<HolderKey> {
        self.others.is_none().then_some(self.showing.key)
    }

    /// Who holds it, the one that shows first; at least one.
    #[must_use]
    pub fn holders(&self) -> Holders {
        let Showing { key, session, written, lifetime } = self.showing.clone();
        let session = session.map(|session| *session);
        let shown = Holder { key, session, state: self.presence.state.clone(), written, lifetime };
        std::iter::once(shown).chain(self.others().iter().cloned()).collect()
    }

    /// Whether this is one of the holders.
    #[must_use]
    pub fn is_held_by(&self, key: HolderKey) -> bool {
        self.showing.key == key || self.others().iter().any(|holder| holder.key == key)
    }

    /// The holders that do not show.
    pub(crate) fn others(&self) -> &[Holder] {
        self.others.as_ref().map_or(&[], |others| &others.0)
    }

    /// The sockets that hold it.
    pub(crate) fn sockets(&self) -> impl Iterator<Item = ConnectionId> {
        let keys = std::iter::once(self.showing.key).chain(self.others().iter().map(|holder| holder.key));
        keys.filter_map(|key| if let HolderKey::Socket(connection) = key { Some(connection) } else { None })
    }

    /// When somebody has to look at it first: no later than what it shows expires.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        let shown = due_at(self.showing.lifetime, self.presence.state.expires_at);
        self.others().iter().map(Holder::due_at).fold(shown, Timestamp::min)
    }

    /// The place of the holder with the newest write.
    pub(super) fn newest(holders: &Holders) -> Option<usize> {
        let newest = holders.iter().enumerate().max_by_key(|(_, holder)| holder.written);
        newest.map(|(index, _)| index)
    }
}

fn ends_at(lifetime: Lifetime, expires_at: Timestamp) -> Timestamp {
    match lifetime {
        Lifetime::Fixed => expires_at,
        Lifetime::WhileOpen => Timestamp::MAX,
        Lifetime::Grace(until) => until.min(expires_at),
    }
}

fn due_at(lifetime: Lifetime, expires_at: Timestamp) -> Timestamp {
    match lifetime {
        Lifetime::WhileOpen => {
            let ahead = i64::try_from(RENEW_BELOW.as_millis()).expect("15 days in milliseconds fit");
            Timestamp::from_millis(expires_at.millis().saturating_sub(ahead))
        }
        Lifetime::Fixed | Lifetime::Grace(_) => ends_at(lifetime, expires_at),
    }
}
