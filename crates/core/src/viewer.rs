//! Who looks at records or changes them.

use crate::{Role, Roles, UserId};

/// Somebody with the roles that they hold, for as long as one request or one socket's identity lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// An API key or an operator in admin mode: no record is closed to them.
    Privileged,
    /// A user who has signed in.
    User {
        /// Who.
        id: UserId,
        /// What they hold, their own role included.
        roles: Roles,
    },
    /// Somebody who has not signed in.
    Guest {
        /// `any` and `guests`.
        roles: Roles,
    },
}

impl Viewer {
    /// Somebody who has not signed in.
    #[must_use]
    pub fn guest() -> Self {
        static ROLES: std::sync::LazyLock<Roles> = std::sync::LazyLock::new(Roles::guest);
        Self::Guest { roles: ROLES.clone() }
    }

    /// A user of whom nothing but the id is known, with the roles that every unverified user holds.
    #[must_use]
    pub fn plain_user(id: UserId) -> Self {
        let roles = [Role::any(), Role::users(), Role::user(&id)].into_iter().collect();
        Self::User { id, roles }
    }

    /// The user, where somebody has signed in.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User { id, .. } => Some(id),
            Self::Privileged | Self::Guest { .. } => None,
        }
    }

    /// Whether no record is closed to them.
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        matches!(self, Self::Privileged)
    }

    /// The roles held; none for the privileged, who need none.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        static NONE: std::sync::LazyLock<Roles> = std::sync::LazyLock::new(Roles::default);
        match self {
            Self::Privileged => &NONE,
            Self::User { roles, .. } | Self::Guest { roles } => roles,
        }
    }
}
