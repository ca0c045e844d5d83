//! The presence record as the world sees it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Action, Metadata, Permissions, PresenceId, Timestamp, UserId, Viewer};

/// Longest status, in code points.
pub const MAX_STATUS_CHARS: usize = 255;

/// What a status is: free text of 1 to 255 code points, of which a short one needs no memory of its own.
pub type Status = SmolStr;

/// Where a state was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// `PUT /v1/presences/:id`.
    Rest,
    /// A GraphQL mutation.
    Graphql,
    /// A `presence` frame on a socket.
    Realtime,
}

impl Source {
    /// The word in the model.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Graphql => "graphql",
            Self::Realtime => "realtime",
        }
    }
}

/// What one holder last wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What the user is doing.
    pub status: Status,
    /// A JSON object.
    pub metadata: Metadata,
    /// Who may read, update and delete.
    pub permissions: Permissions,
    /// When the holder ends if nothing renews it.
    pub expires_at: Timestamp,
    /// Where it was written.
    pub source: Source,
}

/// A record at one moment: what lists, answers and events carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The id of the record's first write.
    pub id: PresenceId,
    /// Whose presence it is.
    pub user: UserId,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When it last changed to the eye; grows strictly.
    pub updated_at: Timestamp,
    /// The sequence number of the change that made it: orders lists, and tells it from a later record of the same id.
    pub creation: u64,
    /// The state of the holder that shows.
    pub state: State,
}

impl Presence {
    /// Whether `viewer` may do `action`: the owner and the privileged always, others as the permissions say.
    ///
    /// Source: semantics 10.
    #[must_use]
    pub fn allows(&self, action: Action, viewer: &Viewer) -> bool {
        viewer.is_privileged() || viewer.user() == Some(&self.user) || self.state.permissions.allow(action, viewer)
    }

    /// Whether anything that a client can see differs, `$updatedAt` aside.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        self.id != other.id || self.user != other.user || self.state != other.state
    }
}
