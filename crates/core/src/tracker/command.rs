//! What can be asked of a tracker, what it answers, and why it refuses.

use std::{sync::Arc, time::Duration};

use super::record::{HolderKey, Record};
use crate::{
    ConnectionId, Metadata, Permissions, Presence, PresenceId, SessionId, Source, Status, Timestamp, UserId, Viewer,
    permission::Grants,
};

/// A write of a user's presence, by the user or on their behalf.
#[derive(Debug, Clone)]
pub struct Upsert {
    /// The id that a new record gets; ignored where the user has one.
    pub id: PresenceId,
    /// Whose presence.
    pub user: UserId,
    /// Who holds it from now on.
    pub holder: HolderKey,
    /// The session behind a socket.
    pub session: Option<SessionId>,
    /// The new status.
    pub status: Status,
    /// The new metadata. None: empty for the lease, unchanged for a socket.
    pub metadata: Option<Metadata>,
    /// The new permissions. None: the default list.
    pub permissions: Option<Permissions>,
    /// When the lease ends. None: after `default_expiry`; sockets have none.
    pub expires_at: Option<Timestamp>,
    /// How long a lease lives that names no end.
    pub default_expiry: Duration,
    /// Where it was written.
    pub source: Source,
}

/// A change of some fields of a record.
#[derive(Debug, Clone)]
pub struct Update {
    /// Which record.
    pub id: PresenceId,
    /// Who asks.
    pub viewer: Viewer,
    /// What they may grant.
    pub grants: Grants,
    /// Moves the record to this user.
    pub user: Option<UserId>,
    /// The new status.
    pub status: Option<Status>,
    /// The new metadata.
    pub metadata: Option<Metadata>,
    /// The new permissions, of every holder.
    pub permissions: Option<Permissions>,
    /// The new end of the holder that shows.
    pub expires_at: Option<Timestamp>,
}

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketEnd {
    /// Its holder ends with it.
    Now,
    /// It was lost: its holder lives on until then, to be taken over.
    Grace(Timestamp),
}

/// What can be asked of a tracker. Each changes one record at the most.
#[derive(Debug, Clone)]
pub enum Command {
    /// Write a presence.
    Upsert(Upsert),
    /// Change fields of a record.
    Update(Update),
    /// End a record, with all its holders.
    Delete {
        /// Which.
        id: PresenceId,
        /// Who asks.
        viewer: Viewer,
    },
    /// A socket ended, or stopped being its user's.
    EndSocket {
        /// Which.
        connection: ConnectionId,
        /// How.
        end: SocketEnd,
    },
    /// A session ended: so do the holders of its sockets, those in grace too.
    EndSession {
        /// Whose session.
        user: UserId,
        /// Which.
        session: SessionId,
    },
    /// A user was deleted or blocked.
    EndUser {
        /// Who.
        user: UserId,
    },
    /// Time passed: end what is due of this record.
    EndDue {
        /// Which.
        id: PresenceId,
    },
}

/// What the listeners of a change are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// A write.
    Upsert,
    /// A change of fields, or another holder's state.
    Update,
    /// The end.
    Delete,
}

/// One step in a project's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// The record before.
    pub before: Option<Arc<Record>>,
    /// The record after; none: gone.
    pub after: Option<Arc<Record>>,
    /// What listeners are told; none where nothing that can be seen has changed.
    pub announcement: Option<Announcement>,
}

impl Change {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &PresenceId {
        &self.subject().id
    }

    /// What is to be seen after the change, or was last seen before a delete.
    #[must_use]
    pub fn subject(&self) -> &Arc<Presence> {
        let record = self.after.as_ref().or(self.before.as_ref());
        &record.expect("a change has a record before or after").presence
    }
}

/// What a tracker answers to a command.
#[derive(Debug, Clone)]
pub enum Decision {
    /// This is to be folded.
    Change(Change),
    /// Nothing changes; the record stands as it is.
    Unchanged(Arc<Presence>),
    /// There is nothing that the command would end.
    Nothing,
}

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such record, or none that the caller may read.
    #[error("no presence with this id")]
    NotFound,
    /// The caller may read the record but not do this to it.
    #[error("the caller may not do this to the presence")]
    Unauthorized,
    /// The caller handed out a permission to a role that it does not hold; the text names it.
    #[error("the caller may not grant {0}")]
    NotGrantable(String),
    /// The id is another user's live record, or the user to move to has a record.
    #[error("a presence exists already")]
    Exists,
}
