//! Users, their roles and sessions, as the account database keeps them: at once and for good.

use std::collections::{BTreeMap, BTreeSet};

use herenow_core::{Role, Roles, SessionId, UserId, Viewer};

/// What is known of one user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    /// Labels and teams, as roles.
    pub(crate) extra_roles: BTreeSet<String>,
    pub(crate) blocked: bool,
    pub(crate) sessions: BTreeSet<SessionId>,
}

/// All users of the project.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) users: BTreeMap<UserId, Account>,
    /// Whose every session is or was.
    owners: BTreeMap<SessionId, UserId>,
    next_user: u64,
    next_session: u64,
}

impl Accounts {
    pub(crate) fn add_user(&mut self) -> UserId {
        let id = UserId::parse(&format!("u{}", self.next_user)).expect("an id");
        self.next_user += 1;
        self.users.insert(id.clone(), Account::default());
        id
    }

    /// A new session; none where there is no such user, or not one who may sign in.
    pub(crate) fn add_session(&mut self, user: &UserId) -> Option<SessionId> {
        let account = self.users.get_mut(user).filter(|account| !account.blocked)?;
        let id = SessionId::parse(&format!("s{}", self.next_session)).expect("an id");
        self.next_session += 1;
        account.sessions.insert(id.clone());
        self.owners.insert(id.clone(), user.clone());
        Some(id)
    }

    /// Who signed in with this session.
    pub(crate) fn user_of(&self, session: &SessionId) -> Option<UserId> {
        let own = self.users.iter().find(|(_, account)| account.sessions.contains(session));
        own.map(|(user, _)| user.clone())
    }

    /// Whose session it is or was: what a client goes on believing.
    pub(crate) fn owner(&self, session: &SessionId) -> Option<&UserId> {
        self.owners.get(session)
    }

    /// Whether the user is there and not blocked.
    pub(crate) fn is_welcome(&self, user: &UserId) -> bool {
        self.users.get(user).is_some_and(|account| !account.blocked)
    }

    /// The user with all their roles; none where there is no such user.
    pub(crate) fn viewer(&self, user: &UserId) -> Option<Viewer> {
        let account = self.users.get(user)?;
        let usual = ["any", "users", "users/unverified"].into_iter().map(str::to_owned);
        let own = [format!("user:{user}"), format!("user:{user}/unverified")];
        let texts = usual.chain(own).chain(account.extra_roles.iter().cloned());
        let roles: Roles = texts.map(|text| Role::parse(&text).expect("a role")).collect();
        Some(Viewer::User { id: user.clone(), roles })
    }
}
