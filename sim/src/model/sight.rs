//! What people see of a record, and who may.

use herenow_core::{Presence, PresenceId, State, UserId, Viewer};
use serde_json::Value;

use super::Being;

/// Everything public of a record but its times of creation and change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) status: String,
    pub(crate) source: String,
    pub(crate) expires_at: String,
    pub(crate) metadata: String,
    pub(crate) permissions: Vec<String>,
}

impl Seen {
    pub(crate) fn of(id: &PresenceId, being: &Being) -> Self {
        Self::new(id, &being.user, &being.shown().state)
    }

    pub(crate) fn presence(presence: &Presence) -> Self {
        Self::new(&presence.id, &presence.user, &presence.state)
    }

    fn new(id: &PresenceId, user: &UserId, state: &State) -> Self {
        Self {
            id: id.to_string(),
            user: user.to_string(),
            status: state.status.to_string(),
            source: state.source.as_str().to_owned(),
            expires_at: state.expires_at.to_string(),
            metadata: state.metadata.as_str().to_owned(),
            permissions: state.permissions.iter().map(|granted| granted.to_string()).collect(),
        }
    }

    /// As an event carries it.
    pub(crate) fn payload(payload: &Value) -> Option<Self> {
        let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
        let permissions = payload.get("$permissions")?.as_array()?;
        Some(Self {
            id: text("$id")?,
            user: text("userId")?,
            status: text("status")?,
            source: text("source")?,
            expires_at: text("expiresAt")?,
            metadata: payload.get("metadata")?.to_string(),
            permissions: permissions.iter().filter_map(|entry| entry.as_str().map(str::to_owned)).collect(),
        })
    }

    /// Without what changes in silence: the expiry of an open socket's presence is pushed on and nobody is told.
    pub(crate) fn told(mut self) -> Self {
        if self.source == "realtime" {
            self.expires_at.clear();
        }
        self
    }
}

/// Whether `viewer` may read what is seen: its owner, the privileged, and who holds a role that may.
pub(crate) fn reads(viewer: &Viewer, seen: &Seen) -> bool {
    may(viewer, "read", &seen.user, &seen.permissions)
}

/// Whether the owner's rule or a permission lets `viewer` do `action`.
pub(super) fn may(viewer: &Viewer, action: &str, owner: &str, permissions: &[String]) -> bool {
    let roles: Vec<&str> = match viewer {
        Viewer::Privileged => return true,
        Viewer::User { id, .. } if id.as_str() == owner => return true,
        Viewer::User { roles, .. } | Viewer::Guest { roles } => roles.iter().map(|role| role.as_str()).collect(),
    };
    permissions.iter().any(|entry| roles.iter().any(|role| *entry == format!("{action}(\"{role}\")")))
}
