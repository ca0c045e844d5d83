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
    const ALL: [Self; 4] = [Self::Delete, Self::Read, Self::Update, Self::Write];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

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
        Self::ALL.into_iter().find(|action| action.as_str() == text)
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

/// One permission of a list that somebody else owns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Granted<'a> {
    /// What it allows.
    pub action: Action,
    /// To whom.
    pub role: &'a Role,
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
        Granted { action: self.action, role: &self.role }.fmt(f)
    }
}

impl fmt::Display for Granted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(\"{}\")", self.action.as_str(), self.role)
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The permissions of one record: each once, in the order of their texts.
///
/// Kept as the roles with what each may do: most lists name one role, some of them several times.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct Permissions(Arc<[Grant]>);

/// A role and all that it may do.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
struct Grant {
    role: Role,
    /// One bit for each [`Action`].
    actions: u8,
}

impl Permissions {
    /// The list that a record gets when none is given: everything to `user`, the literal `write` included.
    #[must_use]
    pub fn default_for(user: &UserId) -> Self {
        let actions = Action::ALL.into_iter().map(Action::bit).sum();
        Self(Arc::new([Grant { role: Role::user(user), actions }]))
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
            let Permission { action, role } = Permission::parse(text)?;
            let both = Action::Update.bit() | Action::Delete.bit();
            list.push(Grant { role, actions: if action == Action::Write { both } else { action.bit() } });
        }
        Ok(Self::of(list))
    }

    fn of(mut grants: Vec<Grant>) -> Self {
        grants.sort_unstable_by(|left, right| left.role.cmp(&right.role));
        grants.dedup_by(|next, kept| {
            let same = next.role == kept.role;
            kept.actions |= if same { next.actions } else { 0 };
            same
        });
        Self(grants.into())
    }

    /// The permissions, sorted: what is allowed, and to whom.
    pub fn iter(&self) -> impl Iterator<Item = Granted<'_>> {
        Action::ALL.into_iter().flat_map(|action| self.roles(action).map(move |role| Granted { action, role }))
    }

    /// Whether both are one value in memory, which is more than to be equal.
    #[must_use]
    pub fn is_same_value(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The roles that may do `action`, sorted.
    pub fn roles(&self, action: Action) -> impl Iterator<Item = &Role> {
        self.0.iter().filter(move |grant| grant.actions & action.bit() != 0).map(|grant| &grant.role)
    }

    /// Whether `viewer` holds one of the roles that may do `action`.
    #[must_use]
    pub fn allow(&self, action: Action, viewer: &Viewer) -> bool {
        self.roles(action).any(|role| viewer.roles().hold(role))
    }

    /// The first entry that `viewer` may not hand out, if any: under loose rules only update and delete
    /// need the role to be held, under strict ones read does too.
    #[must_use]
    pub fn not_grantable(&self, viewer: &Viewer, grants: Grants) -> Option<Permission> {
        if viewer.is_privileged() {
            return None;
        }
        let refused = self.iter().find(|granted| {
            let free = granted.action == Action::Read && grants == Grants::ReadToAnyone;
            !free && !viewer.roles().hold(granted.role)
        });
        refused.map(|Granted { action, role }| Permission { action, role: role.clone() })
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

/// As texts for people, as roles with bits for machines.
impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if !output.is_human_readable() {
            return self.0.serialize(output);
        }
        output.collect_seq(self.iter().map(|granted| granted.to_string()))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    /// Reads a list as it was kept: `write` stays `write`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        if !input.is_human_readable() {
            return Vec::deserialize(input).map(Self::of);
        }
        let texts = Vec::<String>::deserialize(input)?;
        let grant = |text: &String| {
            let Permission { action, role } = Permission::parse(text)?;
            Ok::<_, InvalidPermissions>(Grant { role, actions: action.bit() })
        };
        let list: Result<Vec<_>, _> = texts.iter().map(grant).collect();
        Ok(Self::of(list.map_err(serde::de::Error::custom)?))
    }
}
