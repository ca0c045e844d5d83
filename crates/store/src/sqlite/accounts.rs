//! [`Accounts`] on SQLite: carries each call to the thread that runs its SQL, which stands in a file for
//! each table.

use std::path::Path;

use async_trait::async_trait;
use herenow_core::{
    KeyId, MembershipId, PlatformId, ProjectId, SessionId, TeamId, Timestamp, UserId, WebhookId,
    account::{Key, Membership, Platform, Project, Session, Team, Token, User, Webhook},
    query::PageError,
};

use super::{keys, memberships, migrations, platforms, pool::Pool, projects, sessions, teams, tokens, users, webhooks};
use crate::{Accounts, Edit, Found, KnownUsers, ListedUser, Search, StoreError, TeamRule, UserEdit, accounts::Kept};

/// Accounts in an SQLite database. What was answered survives a power cut.
pub struct SqliteAccounts {
    pool: Pool,
}

impl SqliteAccounts {
    /// Opens a file, makes it where it is not there, and brings it to the version that this program knows.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where a newer program wrote it, [`StoreError::Backend`] where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { pool: Pool::open(path, migrations::ACCOUNTS)? })
    }

    /// Makes a database in memory, which ends with this value.
    ///
    /// # Errors
    /// [`StoreError::Backend`] where SQLite fails.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self { pool: Pool::in_memory(migrations::ACCOUNTS)? })
    }
}

#[async_trait]
impl Accounts for SqliteAccounts {
    async fn projects(&self) -> Kept<Vec<Project>> {
        self.pool.read(projects::list).await
    }

    async fn project(&self, id: &ProjectId) -> Kept<Option<Project>> {
        let id = id.clone();
        self.pool.read(move |connection| projects::find(connection, &id)).await
    }

    async fn create_project(&self, project: &Project) -> Kept {
        let project = project.clone();
        self.pool.write(move |connection| projects::create(connection, &project)).await
    }

    async fn update_project(&self, project: &Project) -> Kept {
        let project = project.clone();
        self.pool.write(move |connection| projects::update(connection, &project)).await
    }

    async fn change_project(&self, id: &ProjectId, edit: Edit<Project>) -> Kept<Project> {
        let id = id.clone();
        self.pool.write(move |connection| projects::change(connection, &id, &edit)).await
    }

    async fn delete_project(&self, id: &ProjectId) -> Kept {
        let id = id.clone();
        self.pool.write(move |connection| projects::delete(connection, &id)).await
    }

    async fn keys(&self, project: &ProjectId) -> Kept<Vec<Key>> {
        let project = project.clone();
        self.pool.read(move |connection| keys::list(connection, &project)).await
    }

    async fn key_by_hash(&self, project: &ProjectId, secret_hash: &str) -> Kept<Option<Key>> {
        let (project, secret_hash) = (project.clone(), secret_hash.to_owned());
        self.pool.read(move |connection| keys::find_by_hash(connection, &project, &secret_hash)).await
    }

    async fn create_key(&self, project: &ProjectId, key: &Key) -> Kept {
        let (project, key) = (project.clone(), key.clone());
        self.pool.write(move |connection| keys::create(connection, &project, &key)).await
    }

    async fn update_key(&self, project: &ProjectId, key: &Key) -> Kept {
        let (project, key) = (project.clone(), key.clone());
        self.pool.write(move |connection| keys::update(connection, &project, &key)).await
    }

    async fn change_key(&self, project: &ProjectId, id: &KeyId, edit: Edit<Key>) -> Kept<Key> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| keys::change(connection, &project, &id, &edit)).await
    }

    async fn delete_key(&self, project: &ProjectId, id: &KeyId) -> Kept {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| keys::delete(connection, &project, &id)).await
    }

    async fn platforms(&self, project: &ProjectId) -> Kept<Vec<Platform>> {
        let project = project.clone();
        self.pool.read(move |connection| platforms::list(connection, &project)).await
    }

    async fn create_platform(&self, project: &ProjectId, platform: &Platform) -> Kept {
        let (project, platform) = (project.clone(), platform.clone());
        self.pool.write(move |connection| platforms::create(connection, &project, &platform)).await
    }

    async fn update_platform(&self, project: &ProjectId, platform: &Platform) -> Kept {
        let (project, platform) = (project.clone(), platform.clone());
        self.pool.write(move |connection| platforms::update(connection, &project, &platform)).await
    }

    async fn delete_platform(&self, project: &ProjectId, id: &PlatformId) -> Kept {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| platforms::delete(connection, &project, &id)).await
    }

    async fn webhooks(&self, project: &ProjectId) -> Kept<Vec<Webhook>> {
        let project = project.clone();
        self.pool.read(move |connection| webhooks::list(connection, &project)).await
    }

    async fn create_webhook(&self, project: &ProjectId, webhook: &Webhook) -> Kept {
        let (project, webhook) = (project.clone(), webhook.clone());
        self.pool.write(move |connection| webhooks::create(connection, &project, &webhook)).await
    }

    async fn update_webhook(&self, project: &ProjectId, webhook: &Webhook) -> Kept {
        let (project, webhook) = (project.clone(), webhook.clone());
        self.pool.write(move |connection| webhooks::update(connection, &project, &webhook)).await
    }

    async fn delete_webhook(&self, project: &ProjectId, id: &WebhookId) -> Kept {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| webhooks::delete(connection, &project, &id)).await
    }

    async fn users(&self, project: &ProjectId) -> Kept<Vec<ListedUser>> {
        let project = project.clone();
        self.pool.read(move |connection| users::list(connection, &project)).await
    }

    async fn search_users(&self, project: &ProjectId, search: &Search) -> Kept<Result<Found<ListedUser>, PageError>> {
        let (project, search) = (project.clone(), search.clone());
        self.pool.read(move |connection| users::search(connection, &project, &search)).await
    }

    async fn count_users(&self, project: &ProjectId) -> Kept<usize> {
        let project = project.clone();
        self.pool.read(move |connection| users::count(connection, &project)).await
    }

    async fn user(&self, project: &ProjectId, id: &UserId) -> Kept<Option<User>> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.read(move |connection| users::find(connection, &project, &id)).await
    }

    async fn unwelcome_users(&self, project: &ProjectId, users: Vec<UserId>) -> Kept<Vec<UserId>> {
        let project = project.clone();
        self.pool.read(move |connection| users::unwelcome(connection, &project, &users)).await
    }

    async fn user_by_email(&self, project: &ProjectId, email: &str) -> Kept<Option<User>> {
        let (project, email) = (project.clone(), email.to_owned());
        self.pool.read(move |connection| users::find_by_email(connection, &project, &email)).await
    }

    async fn user_by_phone(&self, project: &ProjectId, phone: &str) -> Kept<Option<User>> {
        let (project, phone) = (project.clone(), phone.to_owned());
        self.pool.read(move |connection| users::find_by_phone(connection, &project, &phone)).await
    }

    async fn create_user(&self, project: &ProjectId, user: &User) -> Kept {
        let (project, user) = (project.clone(), user.clone());
        self.pool.write(move |connection| users::create(connection, &project, &user)).await
    }

    async fn update_user(&self, project: &ProjectId, user: &User) -> Kept {
        let (project, user) = (project.clone(), user.clone());
        self.pool.write(move |connection| users::update(connection, &project, &user)).await
    }

    async fn change_user(&self, project: &ProjectId, id: &UserId, edit: UserEdit) -> Kept<User> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| users::change(connection, &project, &id, &edit)).await
    }

    async fn change_member(&self, project: &ProjectId, id: &UserId, edit: UserEdit, rule: TeamRule) -> Kept<User> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| users::change_member(connection, &project, &id, &edit, &rule)).await
    }

    async fn delete_user(&self, project: &ProjectId, id: &UserId, rule: Option<TeamRule>) -> Kept {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| users::delete(connection, &project, &id, rule.as_ref())).await
    }

    async fn sessions(&self, project: &ProjectId, user: &UserId) -> Kept<Vec<Session>> {
        let (project, user) = (project.clone(), user.clone());
        self.pool.read(move |connection| sessions::list(connection, &project, &user)).await
    }

    async fn session_by_hash(&self, project: &ProjectId, user: &UserId, secret_hash: &str) -> Kept<Option<Session>> {
        let (project, user, secret_hash) = (project.clone(), user.clone(), secret_hash.to_owned());
        self.pool.read(move |connection| sessions::find_by_hash(connection, &project, &user, &secret_hash)).await
    }

    async fn create_session(
        &self,
        project: &ProjectId,
        session: &Session,
        limit: Option<usize>,
    ) -> Kept<Vec<SessionId>> {
        let (project, session) = (project.clone(), session.clone());
        self.pool.write(move |connection| sessions::create(connection, &project, &session, limit)).await
    }

    async fn update_session(&self, project: &ProjectId, session: &Session) -> Kept {
        let (project, session) = (project.clone(), session.clone());
        self.pool.write(move |connection| sessions::update(connection, &project, &session)).await
    }

    async fn delete_session(&self, project: &ProjectId, user: &UserId, id: &SessionId) -> Kept {
        let (project, user, id) = (project.clone(), user.clone(), id.clone());
        self.pool.write(move |connection| sessions::delete(connection, &project, &user, &id)).await
    }

    async fn delete_sessions(
        &self,
        project: &ProjectId,
        user: &UserId,
        keep: Option<&SessionId>,
    ) -> Kept<Vec<SessionId>> {
        let (project, user, keep) = (project.clone(), user.clone(), keep.cloned());
        self.pool.write(move |connection| sessions::delete_others(connection, &project, &user, keep.as_ref())).await
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Kept<Vec<(ProjectId, UserId, SessionId)>> {
        self.pool
            .write(move |connection| {
                tokens::sweep(connection, now)?;
                sessions::sweep(connection, now)
            })
            .await
    }

    async fn create_token(&self, project: &ProjectId, token: &Token) -> Kept {
        let (project, token) = (project.clone(), token.clone());
        self.pool.write(move |connection| tokens::create(connection, &project, &token)).await
    }

    async fn take_token(
        &self,
        project: &ProjectId,
        user: &UserId,
        secret_hash: &str,
        now: Timestamp,
    ) -> Kept<Option<Token>> {
        let (project, user, secret_hash) = (project.clone(), user.clone(), secret_hash.to_owned());
        self.pool.write(move |connection| tokens::take(connection, &project, &user, &secret_hash, now)).await
    }

    async fn teams(&self, project: &ProjectId) -> Kept<Vec<(i64, Team)>> {
        let project = project.clone();
        self.pool.read(move |connection| teams::list(connection, &project)).await
    }

    async fn search_teams(
        &self,
        project: &ProjectId,
        of: Option<&UserId>,
        search: &Search,
    ) -> Kept<Result<Found<(i64, Team)>, PageError>> {
        let (project, of, search) = (project.clone(), of.cloned(), search.clone());
        self.pool.read(move |connection| teams::search(connection, &project, of.as_ref(), &search)).await
    }

    async fn team(&self, project: &ProjectId, id: &TeamId) -> Kept<Option<Team>> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.read(move |connection| teams::find(connection, &project, &id)).await
    }

    async fn create_team(&self, project: &ProjectId, team: &Team, first: Option<&Membership>) -> Kept {
        let (project, team, first) = (project.clone(), team.clone(), first.cloned());
        self.pool.write(move |connection| teams::create(connection, &project, &team, first.as_ref())).await
    }

    async fn update_team(&self, project: &ProjectId, team: &Team) -> Kept {
        let (project, team) = (project.clone(), team.clone());
        self.pool.write(move |connection| teams::update(connection, &project, &team)).await
    }

    async fn delete_team(&self, project: &ProjectId, id: &TeamId) -> Kept<Vec<Membership>> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| teams::delete(connection, &project, &id)).await
    }

    async fn memberships_of_team(&self, project: &ProjectId, team: &TeamId) -> Kept<Vec<(i64, Membership)>> {
        let (project, team) = (project.clone(), team.clone());
        self.pool.read(move |connection| memberships::list_of_team(connection, &project, &team)).await
    }

    async fn search_memberships(
        &self,
        project: &ProjectId,
        team: &TeamId,
        known: &KnownUsers,
        search: &Search,
    ) -> Kept<Result<Found<(i64, Membership)>, PageError>> {
        let (project, team, known, search) = (project.clone(), team.clone(), known.clone(), search.clone());
        self.pool.read(move |connection| memberships::search(connection, &project, &team, &known, &search)).await
    }

    async fn memberships_of_user(&self, project: &ProjectId, user: &UserId) -> Kept<Vec<Membership>> {
        let (project, user) = (project.clone(), user.clone());
        self.pool.read(move |connection| memberships::list_of_user(connection, &project, &user)).await
    }

    async fn membership(&self, project: &ProjectId, id: &MembershipId) -> Kept<Option<Membership>> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.read(move |connection| memberships::find(connection, &project, &id)).await
    }

    async fn create_membership(&self, project: &ProjectId, membership: &Membership) -> Kept {
        let (project, membership) = (project.clone(), membership.clone());
        self.pool.write(move |connection| memberships::create(connection, &project, &membership)).await
    }

    async fn update_membership(&self, project: &ProjectId, membership: &Membership) -> Kept {
        let (project, membership) = (project.clone(), membership.clone());
        self.pool.write(move |connection| memberships::update(connection, &project, &membership)).await
    }

    async fn change_membership(
        &self,
        project: &ProjectId,
        id: &MembershipId,
        edit: Edit<Membership>,
        rule: Option<TeamRule>,
    ) -> Kept<Membership> {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| memberships::change(connection, &project, &id, &edit, rule.as_ref())).await
    }

    async fn delete_membership(&self, project: &ProjectId, id: &MembershipId, rule: Option<TeamRule>) -> Kept {
        let (project, id) = (project.clone(), id.clone());
        self.pool.write(move |connection| memberships::delete(connection, &project, &id, rule.as_ref())).await
    }
}
