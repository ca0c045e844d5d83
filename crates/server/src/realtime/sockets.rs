//! The open sockets of this process: by whom they were opened, and how to reach them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use herenow_core::{ConnectionId, KeyId, ProjectId, SessionId, Timestamp, UserId, order::Ticket};
use herenow_hub::outbox::Outbox;
use herenow_wire::close::CloseCode;
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, RwLock, RwLockReadGuard, oneshot};

use super::{
    lost::{Listening, Lost},
    seats::Seats,
    shifts::Shifts,
};
use crate::{
    App,
    auth::origin::{Allowed, Origin, Standing},
    clock::random_u64,
};

const MINUTE_MS: i64 = 60_000;

/// What is known of one socket.
#[derive(Clone)]
pub(crate) struct Known {
    /// What it listens to.
    pub(crate) project: ProjectId,
    /// Where its user has signed in: the console, where an operator opened it in admin mode.
    pub(crate) authority: ProjectId,
    pub(crate) user: Option<UserId>,
    pub(crate) session: Option<SessionId>,
    /// The key that opened it, of those that are kept.
    pub(crate) key: Option<KeyId>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) from: CameFrom,
}

/// Where a connection came from, as operators see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CameFrom {
    /// When it was opened.
    pub(crate) opened_at: Option<Timestamp>,
    /// The client's address.
    pub(crate) ip: Option<IpAddr>,
    /// What the client calls itself, cut to a bounded length.
    pub(crate) user_agent: Arc<str>,
    /// The page that opened it, where one did whose origin has to be allowed.
    pub(crate) page: Option<Arc<Page>>,
}

/// A page that opens connections: kept as texts, since every socket of a browser's has one.
#[derive(Debug)]
pub struct Page {
    origin: Box<str>,
    called: Box<str>,
}

impl Page {
    /// A page of this origin that called the server by this host name.
    #[must_use]
    pub fn new(origin: &Origin, called: &str) -> Self {
        Self { origin: origin.text.as_str().into(), called: called.into() }
    }

    /// Whether the project still lets it in.
    pub(super) fn is_allowed(&self, app: &App, project: &ProjectId) -> bool {
        let own = app.own_hosts(&self.called);
        app.projects.get(project.as_str()).is_some_and(|known| {
            let allowed = Allowed { project: project.as_str(), hosts: &known.hosts, own: &own };
            Origin::parse(&self.origin).standing(allowed) != Standing::Unknown
        })
    }
}

/// So many characters of a user agent are kept.
const MAX_USER_AGENT_CHARS: usize = 200;

impl CameFrom {
    pub(super) fn new(ip: IpAddr, user_agent: &str, now: Timestamp) -> Self {
        let user_agent: String = user_agent.chars().take(MAX_USER_AGENT_CHARS).collect();
        Self { opened_at: Some(now), ip: Some(ip), user_agent: user_agent.into(), page: None }
    }

    /// The same from a page.
    pub(super) fn of_page(mut self, page: Option<Page>) -> Self {
        self.page = page.map(Arc::new);
        self
    }
}

impl Known {
    /// Whether this user opened it.
    pub(crate) fn is_of_user(&self, authority: &ProjectId, user: &UserId) -> bool {
        self.authority == *authority && self.user.as_ref() == Some(user)
    }

    /// Whether this session opened it.
    pub(crate) fn is_of_session(&self, authority: &ProjectId, session: &SessionId) -> bool {
        self.authority == *authority && self.session.as_ref() == Some(session)
    }

    /// Whether an operator opened it in admin mode.
    pub(crate) fn is_of_operator(&self) -> bool {
        self.authority != self.project
    }
}

/// The open sockets.
pub struct Sockets {
    /// Boxed: a table that grows is half empty.
    open: Mutex<HashMap<ConnectionId, Box<Known>>>,
    /// The server stops; written under the lock of `open`.
    stopping: AtomicBool,
    next: AtomicU64,
    tickets: Mutex<HashMap<Ticket, oneshot::Sender<()>>>,
    next_ticket: AtomicU64,
    /// Opened in this minute, by address.
    opens: Mutex<(i64, HashMap<IpAddr, u32>)>,
    pub(super) lost: Lost,
    pub(super) listening: Listening,
    /// Where roles last changed.
    pub(super) shifts: Shifts,
    /// How many there are, those that are being opened included.
    pub(crate) seats: Seats,
    /// One of these is held by whoever changes what a socket may see or begins a subscription of it: what is asked of
    /// the order for it must still be true of it when the mark comes by.
    turns: Vec<AsyncMutex<()>>,
    /// Shared by whoever ends a session or a user; a socket that closes by itself meanwhile waits for them.
    endings: RwLock<()>,
}

/// Sockets share so many locks.
const TURNS: usize = 256;

impl Default for Sockets {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            stopping: AtomicBool::new(false),
            // Sockets of a former process must not be taken for ours: the run is in the upper bits.
            next: AtomicU64::new(random_u64() << 24 & (u64::MAX >> 1)),
            tickets: Mutex::default(),
            next_ticket: AtomicU64::new(0),
            opens: Mutex::default(),
            lost: Lost::default(),
            listening: Listening::default(),
            shifts: Shifts::default(),
            seats: Seats::default(),
            turns: (0..TURNS).map(|_| AsyncMutex::new(())).collect(),
            endings: RwLock::default(),
        }
    }
}

impl Sockets {
    /// How many are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open.lock().len()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts an opening from `address`; whether it is within `limit` a minute.
    pub fn admit(&self, address: IpAddr, now: Timestamp, limit: u32) -> bool {
        let mut opens = self.opens.lock();
        let minute = now.millis().div_euclid(MINUTE_MS);
        if opens.0 != minute {
            *opens = (minute, HashMap::new());
        }
        let count = opens.1.entry(address).or_default();
        *count = count.saturating_add(1);
        *count <= limit
    }

    pub(crate) fn next_id(&self) -> ConnectionId {
        ConnectionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn insert(&self, id: ConnectionId, known: Known) {
        let outbox = known.outbox.clone();
        let mut open = self.open.lock();
        open.insert(id, Box::new(known));
        if self.stopping.load(Ordering::Relaxed) {
            outbox.close(CloseCode::ServiceRestart);
        }
    }

    pub(crate) fn remove(&self, id: ConnectionId) {
        self.open.lock().remove(&id);
    }

    /// Where a socket came from.
    pub(crate) fn came_from(&self, id: ConnectionId) -> CameFrom {
        self.open.lock().get(&id).map(|known| known.from.clone()).unwrap_or_default()
    }

    /// Whose socket this is.
    pub(crate) fn user(&self, id: ConnectionId) -> Option<UserId> {
        self.open.lock().get(&id).and_then(|known| known.user.clone())
    }

    /// The sockets of a user of this project; of an operator those too that listen to another.
    pub(crate) fn of_user(&self, project: &ProjectId, user: &UserId) -> Vec<ConnectionId> {
        let open = self.open.lock();
        open.iter().filter(|(_, known)| known.is_of_user(project, user)).map(|(id, _)| *id).collect()
    }

    /// The sockets that operators have opened to a project, with whose they are.
    pub(crate) fn of_operators(&self, project: &ProjectId) -> Vec<(ConnectionId, UserId)> {
        let open = self.open.lock();
        let own = open.iter().filter(|(_, known)| known.is_of_operator() && known.project == *project);
        own.filter_map(|(id, known)| Some((*id, known.user.clone()?))).collect()
    }

    /// The project to which an operator has opened this socket, where one did.
    pub(crate) fn managed(&self, id: ConnectionId) -> Option<ProjectId> {
        self.open.lock().get(&id).filter(|known| known.is_of_operator()).map(|known| known.project.clone())
    }

    /// Closes one socket.
    pub(crate) fn close_one(&self, id: ConnectionId, code: CloseCode) {
        let known = self.open.lock().get(&id).cloned();
        if let Some(known) = known {
            known.outbox.close(code);
        }
    }

    /// Closes the sockets that `which` names; answers with how many.
    pub(crate) fn close(&self, code: CloseCode, which: impl Fn(&Known) -> bool) -> usize {
        let named: Vec<_> = self.open.lock().values().filter(|known| which(known)).cloned().collect();
        for known in &named {
            known.outbox.close(code);
        }
        named.len()
    }

    /// The outboxes of all sockets, for a stop to close; one whose opening was under way is closed as it is added.
    pub(crate) fn stop(&self) -> Vec<Arc<Outbox>> {
        let open = self.open.lock();
        self.stopping.store(true, Ordering::Relaxed);
        open.values().map(|known| known.outbox.clone()).collect()
    }

    /// Waits until nobody else changes what this socket may see.
    pub(crate) async fn turn(&self, id: ConnectionId) -> MutexGuard<'_, ()> {
        let place = usize::try_from(id.0).unwrap_or(0) % TURNS;
        self.turns[place].lock().await
    }

    /// Held from the closing of a user's or a session's sockets until their end has been ordered: what they held ends
    /// with one change, and not socket by socket.
    pub(crate) async fn ending(&self) -> RwLockReadGuard<'_, ()> {
        self.endings.read().await
    }

    /// Waits until all that was being ended a moment ago is ordered.
    pub(crate) async fn endings_ordered(&self) {
        drop(self.endings.write().await);
    }

    /// A ticket, and what tells that its mark came by.
    pub(crate) fn ticket(&self) -> (Ticket, oneshot::Receiver<()>) {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        let (came_by, coming) = oneshot::channel();
        self.tickets.lock().insert(ticket, came_by);
        (ticket, coming)
    }

    /// The mark of a ticket came by.
    pub(crate) fn came_by(&self, ticket: Ticket) {
        if let Some(came_by) = self.tickets.lock().remove(&ticket) {
            // Who no longer waits has gone away.
            let _ = came_by.send(());
        }
    }
}
