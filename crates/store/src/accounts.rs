//! Accounts: projects, keys, users, sessions, tokens, teams, memberships.

use async_trait::async_trait;
use herenow_core::{
    KeyId, MembershipId, PlatformId, ProjectId, SessionId, TeamId, Timestamp, UserId, WebhookId,
    account::{Key, Membership, Platform, Project, Session, Team, Token, User, Webhook},
    query::PageError,
};

use crate::{Found, KnownUsers, Search, StoreError};

/// A user in a list, with its place in the order of creation.
#[derive(Clone, Debug)]
pub struct ListedUser {
    /// Place in the order of creation.
    pub sequence: i64,
    /// The user.
    pub user: User,
}

/// A change of a thing. It may be asked twice, each time of the thing as it is kept.
pub type Edit<T> = Box<dyn Fn(&mut T) + Send + Sync>;
/// A change of a user.
pub type UserEdit = Edit<User>;
/// Whether a change may be made: asked about the memberships of one team, as they are and as they would be, without
/// those of other users who are blocked.
pub type TeamRule = Box<dyn Fn(&[Membership], &[Membership]) -> bool + Send + Sync>;

/// A result of the store.
pub(crate) type Kept<T = ()> = Result<T, StoreError>;

/// Where accounts are kept.
///
/// Every method is one transaction, answered once it is kept. `create_*` and `update_*` answer
/// [`StoreError::Taken`] with `id`, `secret`, `email`, `phone` or `user` where that is another row's.
/// [`StoreError::Missing`] is the answer of `update_*` and `delete_*` where the row is not there, and of
/// `create_*` where the project, user or team that it belongs to is not (the `console` project is a row
/// like any other). Rows of one project are never seen through another's id. Lists are in the order of
/// creation. A thing has ended once `now` is not before its `expire`.
#[async_trait]
#[expect(missing_docs, reason = "the names say it all; the rules are the trait's")]
pub trait Accounts: Send + Sync + 'static {
    async fn projects(&self) -> Kept<Vec<Project>>;
    async fn project(&self, id: &ProjectId) -> Kept<Option<Project>>;
    async fn create_project(&self, project: &Project) -> Kept;
    async fn update_project(&self, project: &Project) -> Kept;
    /// Changes the project as it is kept, as [`change_user`](Self::change_user) does a user.
    async fn change_project(&self, id: &ProjectId, edit: Edit<Project>) -> Kept<Project>;
    /// Removes the project and everything that belongs to it.
    async fn delete_project(&self, id: &ProjectId) -> Kept;

    async fn keys(&self, project: &ProjectId) -> Kept<Vec<Key>>;
    async fn key_by_hash(&self, project: &ProjectId, secret_hash: &str) -> Kept<Option<Key>>;
    /// Unique: id, secret hash (within the project).
    async fn create_key(&self, project: &ProjectId, key: &Key) -> Kept;
    async fn update_key(&self, project: &ProjectId, key: &Key) -> Kept;
    /// Changes the key as it is kept, as [`change_user`](Self::change_user) does a user.
    async fn change_key(&self, project: &ProjectId, id: &KeyId, edit: Edit<Key>) -> Kept<Key>;
    async fn delete_key(&self, project: &ProjectId, id: &KeyId) -> Kept;

    async fn platforms(&self, project: &ProjectId) -> Kept<Vec<Platform>>;
    async fn create_platform(&self, project: &ProjectId, platform: &Platform) -> Kept;
    async fn update_platform(&self, project: &ProjectId, platform: &Platform) -> Kept;
    async fn delete_platform(&self, project: &ProjectId, id: &PlatformId) -> Kept;

    async fn webhooks(&self, project: &ProjectId) -> Kept<Vec<Webhook>>;
    async fn create_webhook(&self, project: &ProjectId, webhook: &Webhook) -> Kept;
    async fn update_webhook(&self, project: &ProjectId, webhook: &Webhook) -> Kept;
    async fn delete_webhook(&self, project: &ProjectId, id: &WebhookId) -> Kept;

    async fn users(&self, project: &ProjectId) -> Kept<Vec<ListedUser>>;
    /// Makes a list of users; [`StoreError::TooMuch`] where that would never end.
    async fn search_users(&self, project: &ProjectId, search: &Search) -> Kept<Result<Found<ListedUser>, PageError>>;
    async fn count_users(&self, project: &ProjectId) -> Kept<usize>;
    async fn user(&self, project: &ProjectId, id: &UserId) -> Kept<Option<User>>;
    /// Of these users, those who may not be here: unknown or blocked. One query each, into the index.
    async fn unwelcome_users(&self, project: &ProjectId, users: Vec<UserId>) -> Kept<Vec<UserId>>;
    async fn user_by_email(&self, project: &ProjectId, email: &str) -> Kept<Option<User>>;
    async fn user_by_phone(&self, project: &ProjectId, phone: &str) -> Kept<Option<User>>;
    /// Unique: id, email and phone where not empty.
    async fn create_user(&self, project: &ProjectId, user: &User) -> Kept;
    async fn update_user(&self, project: &ProjectId, user: &User) -> Kept;
    /// Changes the user as it is kept, so that of two changes of different fields none is lost; answers with what it
    /// is then. Where `edit` changes nothing, nothing is written.
    async fn change_user(&self, project: &ProjectId, id: &UserId, edit: UserEdit) -> Kept<User>;
    /// The same where the change may block the user, who then counts in no team; [`StoreError::Refused`] where the rule
    /// says no for one of the user's teams.
    async fn change_member(&self, project: &ProjectId, id: &UserId, edit: UserEdit, rule: TeamRule) -> Kept<User>;
    /// Removes the user with its sessions, tokens and memberships; recounts the teams it was in.
    /// [`StoreError::Refused`] where the rule says no for one of them.
    async fn delete_user(&self, project: &ProjectId, id: &UserId, rule: Option<TeamRule>) -> Kept;

    async fn sessions(&self, project: &ProjectId, user: &UserId) -> Kept<Vec<Session>>;
    async fn session_by_hash(&self, project: &ProjectId, user: &UserId, secret_hash: &str) -> Kept<Option<Session>>;
    /// Keeps the session, then removes the user's oldest ones beyond `limit` (the new one is never removed);
    /// answers with those removed, oldest first.
    async fn create_session(
        &self,
        project: &ProjectId,
        session: &Session,
        limit: Option<usize>,
    ) -> Kept<Vec<SessionId>>;
    async fn update_session(&self, project: &ProjectId, session: &Session) -> Kept;
    async fn delete_session(&self, project: &ProjectId, user: &UserId, id: &SessionId) -> Kept;
    /// Removes every session of the user but `keep`; answers with those removed.
    async fn delete_sessions(
        &self,
        project: &ProjectId,
        user: &UserId,
        keep: Option<&SessionId>,
    ) -> Kept<Vec<SessionId>>;
    /// Removes the sessions of all projects whose `expire` has passed and answers with whose they were; tokens
    /// that nobody can take any more go too.
    async fn sweep_sessions(&self, now: Timestamp) -> Kept<Vec<(ProjectId, UserId, SessionId)>>;

    async fn create_token(&self, project: &ProjectId, token: &Token) -> Kept;
    /// Removes and answers with the user's token of this hash, once; expired ones count as absent.
    async fn take_token(
        &self,
        project: &ProjectId,
        user: &UserId,
        secret_hash: &str,
        now: Timestamp,
    ) -> Kept<Option<Token>>;

    async fn teams(&self, project: &ProjectId) -> Kept<Vec<(i64, Team)>>;
    /// Makes a list of all teams, or of those in which this user is confirmed.
    async fn search_teams(
        &self,
        project: &ProjectId,
        of: Option<&UserId>,
        search: &Search,
    ) -> Kept<Result<Found<(i64, Team)>, PageError>>;
    async fn team(&self, project: &ProjectId, id: &TeamId) -> Kept<Option<Team>>;
    /// Keeps the team and, where given, its first membership. Team totals are always counted by the store
    /// (confirmed memberships), whatever `team.total` says.
    async fn create_team(&self, project: &ProjectId, team: &Team, first: Option<&Membership>) -> Kept;
    async fn update_team(&self, project: &ProjectId, team: &Team) -> Kept;
    /// Removes the team and its memberships; answers with those removed.
    async fn delete_team(&self, project: &ProjectId, id: &TeamId) -> Kept<Vec<Membership>>;

    async fn memberships_of_team(&self, project: &ProjectId, team: &TeamId) -> Kept<Vec<(i64, Membership)>>;
    /// Makes a list of the memberships of a team.
    async fn search_memberships(
        &self,
        project: &ProjectId,
        team: &TeamId,
        known: &KnownUsers,
        search: &Search,
    ) -> Kept<Result<Found<(i64, Membership)>, PageError>>;
    async fn memberships_of_user(&self, project: &ProjectId, user: &UserId) -> Kept<Vec<Membership>>;
    async fn membership(&self, project: &ProjectId, id: &MembershipId) -> Kept<Option<Membership>>;
    /// Unique: id, and user within the team.
    async fn create_membership(&self, project: &ProjectId, membership: &Membership) -> Kept;
    async fn update_membership(&self, project: &ProjectId, membership: &Membership) -> Kept;
    /// Changes the membership as it is kept, as [`change_user`](Self::change_user) does a user;
    /// [`StoreError::Refused`] where the rule says no.
    async fn change_membership(
        &self,
        project: &ProjectId,
        id: &MembershipId,
        edit: Edit<Membership>,
        rule: Option<TeamRule>,
    ) -> Kept<Membership>;
    /// [`StoreError::Refused`] where the rule says no.
    async fn delete_membership(&self, project: &ProjectId, id: &MembershipId, rule: Option<TeamRule>) -> Kept;
}
