//! The order of a project: what goes from a broker to a hub, one entry after the other.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Presence, ProjectId, Role, Timestamp, Viewer, tracker::Change};

/// Ties a mark to what the asker wants done when it comes by.
pub type Ticket = u64;

/// What a mark shall carry.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Only its place in the order.
    Place,
    /// All that `viewer` can read.
    Snapshot(Viewer),
    /// What was missed since `seq` of the run `epoch`.
    Missed {
        /// The run that the asker knows.
        epoch: String,
        /// The last number that the asker knows.
        seq: u64,
        /// What it gets where that is no longer known.
        otherwise: Box<Ask>,
    },
    /// What comes into sight and goes out of sight where somebody's roles change.
    Shift {
        /// Who they were.
        before: Viewer,
        /// Who they are.
        after: Viewer,
    },
    /// Several, at one moment.
    Each(Vec<Ask>),
}

/// What a mark carries.
#[derive(Debug, Clone)]
pub enum Sight {
    /// Nothing.
    Nothing,
    /// Everything readable, in the order of creation.
    All(Vec<Arc<Presence>>),
    /// The changes since the asker's last number, in their order.
    Missed(Vec<Arc<Change>>),
    /// What comes into sight, and what goes.
    Shift {
        /// Readable now and not before.
        came: Vec<Arc<Presence>>,
        /// Readable before and no more.
        went: Vec<Arc<Presence>>,
    },
    /// One for each that was asked.
    Each(Vec<Sight>),
}

/// An entry that changes nothing.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Who asked.
    pub ticket: Ticket,
    /// The number of the last change before it.
    pub seq: u64,
    /// When it was put.
    pub at: Timestamp,
    /// What it carries.
    pub sight: Sight,
}

/// News that is no change of a presence: something happened to a user, a session, a team or a membership.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The names of the event.
    pub events: Vec<String>,
    /// The channels that it is published on.
    pub channels: Vec<String>,
    /// Who may hear it: whoever holds one of these.
    pub roles: Vec<Role>,
    /// What it carries; never a secret.
    pub payload: Map<String, Value>,
}

/// One entry of a project's order.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Something changed.
    Change {
        /// Where.
        project: ProjectId,
        /// The run of its number.
        epoch: Arc<str>,
        /// What.
        change: Arc<Change>,
    },
    /// A mark comes by.
    Mark {
        /// Where.
        project: ProjectId,
        /// The run of its number.
        epoch: Arc<str>,
        /// What it carries.
        mark: Mark,
    },
    /// News that takes no number, at its place between the changes.
    Notice {
        /// Where.
        project: ProjectId,
        /// When it was put.
        at: Timestamp,
        /// What it says.
        notice: Arc<Notice>,
    },
}
