//! Who is signed in by which session, and which key is whose: looked up once, remembered until it changes.
//!
//! Bounded; emptied of a user whenever anything about them changes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use herenow_core::{
    ProjectId, Roles, Timestamp, UserId, Viewer,
    account::{Key, Membership, Session, User},
};
use herenow_store::{Accounts, StoreError};
use herenow_wire::secret::SessionToken;
use quick_cache::sync::Cache;

use super::secret;
use crate::metrics::CacheMetrics;

/// How many sign-ins and keys are remembered at most.
const REMEMBERED: usize = 65_536;

/// A user with what they hold.
#[derive(Debug)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// Their memberships, invited ones too.
    pub memberships: Vec<Membership>,
    /// The user with their roles.
    pub viewer: Viewer,
}

impl SignedIn {
    fn new(user: User, memberships: Vec<Membership>) -> Self {
        let viewer = Viewer::User { id: user.id.clone(), roles: Roles::user(&user, &memberships) };
        Self { user, memberships, viewer }
    }
}

type Remembered<T> = Cache<(ProjectId, String), Arc<T>>;

/// The look-ups, and what is remembered of them.
pub struct SignIns {
    accounts: Arc<dyn Accounts>,
    sessions: Remembered<(Session, SignedIn)>,
    keys: Remembered<Key>,
    metrics: CacheMetrics,
    /// Counts what was forgotten: what was read before must not be remembered after.
    generation: AtomicU64,
}

impl SignIns {
    /// Look-ups in `accounts`.
    #[must_use]
    pub fn new(accounts: Arc<dyn Accounts>, metrics: CacheMetrics) -> Self {
        let (sessions, keys) = (Cache::new(REMEMBERED), Cache::new(REMEMBERED));
        Self { accounts, sessions, keys, metrics, generation: AtomicU64::new(0) }
    }

    /// Who holds this token at `now`: none where it is not, or no longer, a session's.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn by_token(
        &self,
        project: &ProjectId,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<Option<Arc<(Session, SignedIn)>>, StoreError> {
        let Ok(user) = UserId::parse(&token.id) else { return Ok(None) };
        let hash = secret::hash(&token.secret);
        let key = (project.clone(), hash);
        let remembered = self.sessions.get(&key);
        self.metrics.asked("sessions", if remembered.is_some() { "hit" } else { "miss" });
        let known = match remembered {
            Some(known) => Some(known),
            None => {
                let generation = self.generation.load(Ordering::Acquire);
                let found = self.look_up(project, &user, &key.1).await?.map(Arc::new);
                if let Some(found) = &found
                    && generation == self.generation.load(Ordering::Acquire)
                {
                    self.sessions.insert(key, found.clone());
                }
                found
            }
        };
        Ok(known.filter(|known| known.0.user == user && known.0.expire >= now))
    }

    async fn look_up(
        &self,
        project: &ProjectId,
        user: &UserId,
        hash: &str,
    ) -> Result<Option<(Session, SignedIn)>, StoreError> {
        let Some(session) = self.accounts.session_by_hash(project, user, hash).await? else { return Ok(None) };
        Ok(self.user(project, user).await?.map(|signed_in| (session, signed_in)))
    }

    /// A user with what they hold, read anew.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn user(&self, project: &ProjectId, id: &UserId) -> Result<Option<SignedIn>, StoreError> {
        let Some(user) = self.accounts.user(project, id).await? else { return Ok(None) };
        let memberships = self.accounts.memberships_of_user(project, id).await?;
        Ok(Some(SignedIn::new(user, memberships)))
    }

    /// The key of this secret.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn key(&self, project: &ProjectId, text: &str) -> Result<Option<Arc<Key>>, StoreError> {
        let key = (project.clone(), secret::hash(text));
        let remembered = self.keys.get(&key);
        self.metrics.asked("keys", if remembered.is_some() { "hit" } else { "miss" });
        if let Some(known) = remembered {
            return Ok(Some(known));
        }
        let generation = self.generation.load(Ordering::Acquire);
        let found = self.accounts.key_by_hash(project, &key.1).await?.map(Arc::new);
        if let Some(found) = &found
            && generation == self.generation.load(Ordering::Acquire)
        {
            self.keys.insert(key, found.clone());
        }
        Ok(found)
    }

    /// Counts the changes of anybody: the same number means that nothing has changed.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Forgets a user's sign-ins: something about the user, the sessions or the memberships has changed.
    pub fn forget_user(&self, project: &ProjectId, user: &UserId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.sessions.retain(|(of, _), known| of != project || known.0.user != *user);
    }

    /// Forgets the keys of a project.
    pub fn forget_project_keys(&self, project: &ProjectId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.keys.retain(|(of, _), _| of != project);
    }

    /// Forgets a project's keys and sign-ins.
    pub fn forget_project(&self, project: &ProjectId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.sessions.retain(|(of, _), _| of != project);
        self.keys.retain(|(of, _), _| of != project);
    }
}
