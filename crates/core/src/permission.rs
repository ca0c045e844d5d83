//! Permissions: who may read, update and delete a record, and who may grant it.
//!
//! Source: auth-and-permissions, sections 6 and 7; semantics 10 and 11.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Role, UserId, Viewer};

/// At most so many permission strings in one list.
pub const MAX_PERMISSIONS: usize = 100;

/// What a permission allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// End the record. First, since lists are sorted by their text.
    Delete,
    /// See the record.
    Read,
    /// Change the record.
    Update,
    /// Shorthand for update and delete; kept as such only in the default list.
    Write,
}

impl Action {
    /// The word in a permission string.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Read => "read",
            Self::Update => "update",
            Self::Write => "write",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Delete, Self::Read, Self::Update, Self::Write].into_iter().find(|action| action.as_str() == text)
    }
}

/// One permission, such as `read("users")`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// What it allows.
    pub action: Action,
    /// To whom.
    pub role: Role,
}

/// Why a list of permissions was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPermissions {
    /// One entry is not of the form `action("role")`.
    #[error(
        "Permissions must be one of: (read, update, delete, write), each with a known role, such as read(\"users\"): {0}"
    )]
    Malformed(String),
    /// More than [`MAX_PERMISSIONS`] entries.
    #[error("You can only provide up to {MAX_PERMISSIONS} permissions.")]
    TooMany,
}

impl Permission {
    /// Parses `action("role")` with the quirks of the original: exactly one `("`, every `")` removed.
    ///
    /// # Errors
    /// [`InvalidPermissions::Malformed`] with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidPermissions> {
        let malformed = || InvalidPermissions::Malformed(text.chars().take(100).collect());
        let mut parts = text.split("(\"");
        let (Some(action), Some(role), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        if !role.contains("\")") {
            return Err(malformed());
        }
        let action = Action::parse(action).ok_or_else(malformed)?;
        let role = Role::parse(&role.replace("\")", "")).ok_or_else(malformed)?;
        Ok(Self { action, role })
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(\"{}\")", self.action.as_str(), self.role)
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The permissions of one record: sorted as their texts are, each once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions(Arc<[Permission]>);

impl Permissions {
    /// The list that a record gets when none is given: everything to `user`, the literal `write` included.
    #[must_use]
    pub fn default_for(user: &UserId) -> Self {
        let role = Role::user(user);
        let actions = [Action::Delete, Action::Read, Action::Update, Action::Write];
        Self(actions.into_iter().map(|action| Permission { action, role: role.clone() }).collect())
    }

    /// Parses and aggregates a client's list: `write` becomes update and delete, duplicates go, and it is sorted.
    ///
    /// # Errors
    /// [`InvalidPermissions`] where the list is too long or an entry malformed.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidPermissions> {
        let mut list = Vec::new();
        for (index, text) in texts.into_iter().enumerate() {
            if index == MAX_PERMISSIONS {
                return Err(InvalidPermissions::TooMany);
            }
            let permission = Permission::parse(text)?;
            if permission.action == Action::Write {
                list.push(Permission { action: Action::Update, role: permission.role.clone() });
                list.push(Permission { action: Action::Delete, role: permission.role });
            } else {
                list.push(permission);
            }
        }
        list.sort_unstable();
        list.dedup();
        Ok(Self(list.into()))
    }

    /// The permissions, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, Permission> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The roles that may do `action`.
    pub fn roles(&self, action: Action) -> impl Iterator<Item = &Role> {
        self.0.iter().filter(move |permission| permission.action == action).map(|permission| &permission.role)
    }

    /// Whether `viewer` holds one of the roles that may do `action`.
    #[must_use]
    pub fn allow(&self, action: Action, viewer: &Viewer) -> bool {
        self.roles(action).any(|role| viewer.roles().hold(role))
    }

    /// The first entry that `viewer` may not hand out, if any: under loose rules only update and delete
    /// need the role to be held, under strict ones read does too.
    #[must_use]
    pub fn not_grantable(&self, viewer: &Viewer, grants: Grants) -> Option<&Permission> {
        if viewer.is_privileged() {
            return None;
        }
        self.0.iter().find(|permission| {
            let free = permission.action == Action::Read && grants == Grants::ReadToAnyone;
            !free && !viewer.roles().hold(&permission.role)
        })
    }
}

/// What a client may grant in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Grants {
    /// Read to any well-formed role, the rest to roles that it holds: what the guide promises.
    #[default]
    ReadToAnyone,
    /// Everything only to roles that it holds, as the original server rules (`strict_grants`).
    Strict,
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// Reads a list as it was kept: `write` stays `write`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(input)?;
        let list: Result<Vec<_>, _> = texts.iter().map(|text| Permission::parse(text)).collect();
        Ok(Self(list.map_err(serde::de::Error::custom)?.into()))
    }
}
