//! Who is signed in by which session, and which key is whose: looked up once, remembered until it changes.
//!
//! Bounded; emptied of a user whenever anything about them changes.

use std::{
    collections::VecDeque,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use herenow_core::{
    ProjectId, Roles, Timestamp, UserId, Viewer,
    account::{Key, Membership, Session, User},
};
use herenow_store::{Accounts, StoreError};
use herenow_wire::secret::SessionToken;
use parking_lot::Mutex;
use quick_cache::sync::Cache;

use super::{
    key::KeyInUse,
    secret::{self, Digest},
};
use crate::metrics::{CacheMeter, Metrics};

/// How many users and keys are remembered at most.
const REMEMBERED: usize = 65_536;
/// How many sessions of a user.
const REMEMBERED_SESSIONS: usize = 16;

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

/// A session with its user.
pub type SignIn = (Session, Arc<SignedIn>);

type Remembered<K, T> = Cache<(ProjectId, K), Arc<T>>;

/// A user, and those of their sessions that were asked for: what changes about a user makes all of it void at once.
struct Known {
    signed_in: Arc<SignedIn>,
    /// By the digest of the secret.
    sessions: Mutex<VecDeque<(Digest, Arc<SignIn>)>>,
}

impl Known {
    fn session(&self, digest: &Digest) -> Option<Arc<SignIn>> {
        self.sessions.lock().iter().find(|(of, _)| of == digest).map(|(_, sign_in)| sign_in.clone())
    }

    fn remember(&self, digest: Digest, sign_in: Arc<SignIn>) {
        let mut sessions = self.sessions.lock();
        if sessions.len() == REMEMBERED_SESSIONS {
            sessions.pop_front();
        }
        sessions.push_back((digest, sign_in));
    }
}

/// A key, as it is kept and as it is used.
pub type KnownKey = (Key, KeyInUse);

/// How often each look-up was answered from memory.
struct Meters {
    sessions: CacheMeter,
    users: CacheMeter,
    keys: CacheMeter,
}

/// The look-ups, and what is remembered of them.
pub struct SignIns {
    accounts: Arc<dyn Accounts>,
    users: Remembered<UserId, Known>,
    keys: Remembered<Digest, KnownKey>,
    meters: Meters,
    /// Counts what was forgotten: what was read before must not be remembered after.
    generation: AtomicU64,
}

impl SignIns {
    /// Look-ups in `accounts`.
    #[must_use]
    pub fn new(accounts: Arc<dyn Accounts>, metrics: &Metrics) -> Self {
        let (users, keys) = (Cache::new(REMEMBERED), Cache::new(REMEMBERED));
        let [sessions, of_users, of_keys] = ["sessions", "users", "keys"].map(|cache| metrics.cache(cache));
        let meters = Meters { sessions, users: of_users, keys: of_keys };
        Self { accounts, users, keys, meters, generation: AtomicU64::new(0) }
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
    ) -> Result<Option<Arc<SignIn>>, StoreError> {
        let Ok(user) = UserId::parse(&token.id) else { return Ok(None) };
        let digest = secret::digest(&token.secret);
        let key = (project.clone(), user);
        let remembered = self.users.get(&key).and_then(|known| known.session(&digest));
        self.meters.sessions.asked(remembered.is_some());
        let sign_in = match remembered {
            Some(sign_in) => Some(sign_in),
            None => self.look_up(&key, digest).await?,
        };
        Ok(sign_in.filter(|sign_in| sign_in.0.expire >= now))
    }

    async fn look_up(&self, key: &(ProjectId, UserId), digest: Digest) -> Result<Option<Arc<SignIn>>, StoreError> {
        let generation = self.generation();
        let Some(session) = self.accounts.session_by_hash(&key.0, &key.1, &hex::encode(digest)).await? else {
            return Ok(None);
        };
        let Some(known) = self.known(key).await? else { return Ok(None) };
        let sign_in = Arc::new((session, known.signed_in.clone()));
        known.remember(digest, sign_in.clone());
        if generation != self.generation() {
            // The session may have ended since it was read.
            self.users.remove(key);
        }
        Ok(Some(sign_in))
    }

    /// A user with what they hold.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn account(&self, project: &ProjectId, id: &UserId) -> Result<Option<Arc<SignedIn>>, StoreError> {
        let key = (project.clone(), id.clone());
        let remembered = self.users.get(&key);
        self.meters.users.asked(remembered.is_some());
        let known = match remembered {
            Some(known) => Some(known),
            None => self.known(&key).await?,
        };
        Ok(known.map(|known| known.signed_in.clone()))
    }

    /// What is remembered of a user, looked up where it is nothing.
    async fn known(&self, key: &(ProjectId, UserId)) -> Result<Option<Arc<Known>>, StoreError> {
        if let Some(known) = self.users.get(key) {
            return Ok(Some(known));
        }
        let generation = self.generation();
        let Some(signed_in) = self.user(&key.0, &key.1).await? else { return Ok(None) };
        let known = Arc::new(Known { signed_in: Arc::new(signed_in), sessions: Mutex::default() });
        self.remember(&self.users, key, &known, generation);
        Ok(Some(known))
    }

    /// Remembers what was read at `generation`, unless something was forgotten since. Whoever forgets counts first: one
    /// of the two sees the other.
    fn remember<K, T>(&self, cache: &Remembered<K, T>, key: &(ProjectId, K), value: &Arc<T>, generation: u64)
    where
        K: Clone + Eq + Hash,
    {
        cache.insert(key.clone(), value.clone());
        if generation != self.generation() {
            cache.remove(key);
        }
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
    pub async fn key(&self, project: &ProjectId, text: &str) -> Result<Option<Arc<KnownKey>>, StoreError> {
        let key = (project.clone(), secret::digest(text));
        let remembered = self.keys.get(&key);
        self.meters.keys.asked(remembered.is_some());
        if let Some(known) = remembered {
            return Ok(Some(known));
        }
        let generation = self.generation();
        let Some(found) = self.accounts.key_by_hash(project, &hex::encode(key.1)).await? else { return Ok(None) };
        let in_use = KeyInUse::from(&found);
        let found = Arc::new((found, in_use));
        self.remember(&self.keys, &key, &found, generation);
        Ok(Some(found))
    }

    /// Counts the changes of anybody: the same number means that nothing has changed.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Forgets a user with their sessions: something about the user, the sessions or the memberships has changed.
    pub fn forget_user(&self, project: &ProjectId, user: &UserId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.users.remove(&(project.clone(), user.clone()));
    }

    /// Forgets the keys of a project.
    pub fn forget_project_keys(&self, project: &ProjectId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.keys.retain(|(of, _), _| of != project);
    }

    /// Forgets a project's keys and sign-ins.
    pub fn forget_project(&self, project: &ProjectId) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.users.retain(|(of, _), _| of != project);
        self.keys.retain(|(of, _), _| of != project);
    }
}
