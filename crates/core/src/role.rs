//! Roles: whom a permission names, and which of them somebody holds.
//!
//! Source: auth-and-permissions, sections 5 ("Roles held by a caller") and 6 ("Permission strings").

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use crate::{
    TeamId, UserId,
    account::{Membership, User},
    id::{MAX_ID_CHARS, MAX_TEAM_ROLE_CHARS, is_label, is_uid},
};

/// One role in its canonical text, such as `any`, `users/verified` or `team:t1/owner`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Role(SmolStr);

/// The parts of a role as written: name, identifier and dimension, empty where absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleParts<'a> {
    /// `any`, `guests`, `users`, `user`, `team`, `member` or `label`.
    pub name: &'a str,
    /// The id behind the colon.
    pub identifier: &'a str,
    /// The part behind the slash.
    pub dimension: &'a str,
}

impl Role {
    /// Everybody.
    #[must_use]
    pub fn any() -> Self {
        Self(SmolStr::new_static("any"))
    }

    /// Everybody who has not signed in.
    #[must_use]
    pub fn guests() -> Self {
        Self(SmolStr::new_static("guests"))
    }

    /// Everybody who has signed in.
    #[must_use]
    pub fn users() -> Self {
        Self(SmolStr::new_static("users"))
    }

    /// One user.
    #[must_use]
    pub fn user(id: &UserId) -> Self {
        Self(format_smolstr!("user:{id}"))
    }

    /// Every confirmed member of one team.
    #[must_use]
    pub fn team(id: &TeamId) -> Self {
        Self(format_smolstr!("team:{id}"))
    }

    /// Takes a text that is a role by construction, such as those the server makes itself.
    fn made(text: String) -> Self {
        Self(text.into())
    }

    /// Parses the part of a permission string between the quotes; `None` where it names no role.
    ///
    /// Quirks kept from the original: what follows a second colon is dropped, an empty identifier of
    /// `any`, `guests` or `users` is tolerated, the identifier `0` counts as empty.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let RoleParts { name, identifier, dimension } = split(text)?;
        let identifier = if identifier == "0" { "" } else { identifier };
        let verification = dimension.is_empty() || matches!(dimension, "verified" | "unverified");
        let valid = match name {
            "any" | "guests" => identifier.is_empty() && dimension.is_empty(),
            "users" => identifier.is_empty() && verification,
            "user" => is_uid(identifier, MAX_ID_CHARS) && verification,
            "team" => {
                is_uid(identifier, MAX_ID_CHARS) && (dimension.is_empty() || is_uid(dimension, MAX_TEAM_ROLE_CHARS))
            }
            "member" => is_uid(identifier, MAX_ID_CHARS) && dimension.is_empty(),
            "label" => is_label(identifier) && dimension.is_empty(),
            _ => false,
        };
        let colon = if identifier.is_empty() { "" } else { ":" };
        let slash = if dimension.is_empty() { "" } else { "/" };
        valid.then(|| Self::made(format!("{name}{colon}{identifier}{slash}{dimension}")))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts of this role.
    #[must_use]
    pub fn parts(&self) -> RoleParts<'_> {
        split(&self.0).expect("a role is canonical text, which splits")
    }
}

fn split(text: &str) -> Option<RoleParts<'_>> {
    let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let segment = rest.map_or(name, |rest| rest.split(':').next().unwrap_or(rest));
    let (segment, dimension) = match segment.split_once('/') {
        Some((_, dimension)) if dimension.is_empty() || dimension.contains('/') => return None,
        Some(parts) => parts,
        None => (segment, ""),
    };
    Some(match rest {
        Some(_) => RoleParts { name, identifier: segment, dimension },
        None => RoleParts { name: segment, identifier: "", dimension },
    })
}

impl Borrow<str> for Role {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The roles that somebody holds, sorted, each once.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct Roles(Arc<[Role]>);

impl Roles {
    /// The roles of somebody who has not signed in.
    #[must_use]
    pub fn guest() -> Self {
        [Role::any(), Role::guests()].into_iter().collect()
    }

    /// The roles of a user with these memberships; those not yet confirmed give none.
    #[must_use]
    pub fn user(user: &User, memberships: &[Membership]) -> Self {
        let verification = if user.email_verification || user.phone_verification { "verified" } else { "unverified" };
        let mut roles = vec![
            Role::any(),
            Role::users(),
            Role::user(&user.id),
            Role::made(format!("user:{}/{verification}", user.id)),
            Role::made(format!("users/{verification}")),
        ];
        for membership in memberships.iter().filter(|membership| membership.confirm) {
            roles.push(Role::made(format!("team:{}", membership.team)));
            roles.push(Role::made(format!("member:{}", membership.id)));
            roles.extend(membership.roles.iter().map(|role| Role::made(format!("team:{}/{role}", membership.team))));
        }
        roles.extend(user.labels.iter().map(|label| Role::made(format!("label:{label}"))));
        roles.into_iter().collect()
    }

    /// Whether `role` is among them.
    #[must_use]
    pub fn hold(&self, role: &Role) -> bool {
        self.0.binary_search(role).is_ok()
    }

    /// The roles, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, Role> {
        self.0.iter()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let mut roles: Vec<Role> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        Self(roles.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_parses_is_canonical() {
        for (text, canonical) in [
            ("any:", "any"),
            ("users:/verified", "users/verified"),
            ("user:abc:def", "user:abc"),
            ("team:t1/owner", "team:t1/owner"),
        ] {
            let role = Role::parse(text).expect(text);
            assert_eq!(role.as_str(), canonical);
            assert_eq!(Role::parse(canonical), Some(role));
        }
    }
}
