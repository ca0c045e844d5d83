//! A server as the simulation runs it: the real broker, hub, outbox and protocol, with what `herenow-server` does around
//! them, in the same order, over lines and a disk of our own.
//!
//! What it must know of the rest of the server is small: users and sessions come from [`crate::accounts`].

mod effects;
mod identity;
mod lost;
mod messages;
mod order;
pub(crate) mod requests;
mod resume;
mod roles;
mod socket;
mod subscribe;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use herenow_broker::{Acknowledge, Broker, Embedded, EmbeddedOptions, Writer, queue::Queue};
use herenow_core::{
    ConnectionId, ProjectId, SessionId, Timestamp, UserId, Viewer,
    order::{Entry, Ticket},
    time::Clock,
};
use herenow_hub::{
    Hub,
    outbox::{Outbox, Scratch},
};
use herenow_wire::close::CloseCode;
use tokio::sync::oneshot;

pub(crate) use self::socket::Opening;
use self::{lost::Lost, resume::Resume, roles::RoleChanges};
use crate::{
    accounts::Accounts,
    clock::ManualClock,
    disk::Disk,
    executor::{Executor, poll_once},
    oracle::Oracle,
    random::Random,
};

/// After a start, sockets of the former process may come back for so long at least.
const START_GRACE: Duration = Duration::from_secs(30);
/// How long a lease lives that names no end.
pub(crate) const LEASE: Duration = Duration::from_secs(15 * 60);

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) acknowledge: Acknowledge,
    pub(crate) disconnect_grace: Duration,
    pub(crate) close_grace: Duration,
    pub(crate) outbox_bytes: usize,
}

/// What outlives a server.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) disk: Disk,
    pub(crate) accounts: Rc<RefCell<Accounts>>,
    pub(crate) oracle: Rc<RefCell<Oracle>>,
    pub(crate) executor: Rc<Executor>,
    pub(crate) random: Rc<Random>,
}

/// What is known of one open socket.
#[derive(Clone)]
struct Known {
    user: Option<UserId>,
    session: Option<SessionId>,
    outbox: Arc<Outbox>,
    /// Who it is as of the last wish that was put in order; held while the next one is.
    viewer: Rc<tokio::sync::Mutex<Viewer>>,
    resume: Rc<RefCell<Resume>>,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) around: Around,
    pub(crate) settings: Settings,
    project: ProjectId,
    broker: Embedded,
    pub(crate) hub: Hub,
    entries: Arc<Queue<Entry>>,
    /// Entries in order that the hub has not been told yet.
    queued: RefCell<VecDeque<Entry>>,
    writer: RefCell<Writer>,
    sockets: RefCell<BTreeMap<ConnectionId, Known>>,
    tickets: RefCell<BTreeMap<Ticket, oneshot::Sender<()>>>,
    next_ticket: Cell<Ticket>,
    /// The last number that the hub was told.
    delivered: Cell<u64>,
    lost: RefCell<Lost>,
    role_changes: RefCell<RoleChanges>,
    gone_users: RefCell<BTreeSet<UserId>>,
    gone_sessions: RefCell<BTreeSet<SessionId>>,
    pub(crate) accepts: Cell<bool>,
}

impl Server {
    /// Starts over what the disk has kept. `run` numbers the starts.
    pub(crate) async fn start(around: Around, settings: Settings, run: u64) -> Rc<Self> {
        let options = EmbeddedOptions {
            acknowledge: settings.acknowledge,
            start_grace: settings.disconnect_grace.max(START_GRACE),
        };
        let disk = Box::new(around.disk.clone());
        let (broker, ends) = Embedded::new(disk, around.clock.clone(), options, move || format!("run{run}"));
        let project = ProjectId::parse("project").expect("an id");
        broker.open(&project).await.expect("the disk is well at every start");
        let seq = broker.position(&project).map_or(0, |(_, seq)| seq);
        let server = Rc::new(Self {
            around,
            settings,
            project,
            broker,
            hub: Hub::default(),
            entries: ends.entries,
            queued: RefCell::default(),
            writer: RefCell::new(ends.writer),
            sockets: RefCell::default(),
            tickets: RefCell::default(),
            next_ticket: Cell::new(0),
            delivered: Cell::new(seq),
            lost: RefCell::default(),
            role_changes: RefCell::default(),
            gone_users: RefCell::default(),
            gone_sessions: RefCell::default(),
            accepts: Cell::new(true),
        });
        server.restore();
        server.around.executor.spawn("start", server.clone().end_gone_users());
        server
    }

    pub(crate) fn grace_of_a_start(settings: &Settings) -> Duration {
        settings.disconnect_grace.max(START_GRACE)
    }

    fn now(&self) -> Timestamp {
        self.around.clock.now()
    }

    /// Tells the hub of the next entry; whether there was one.
    pub(crate) fn pump(&self) -> bool {
        let Some(entry) = self.queued.borrow_mut().pop_front() else { return false };
        self.around.oracle.borrow_mut().delivered(&entry);
        self.hub.deliver(&entry);
        match entry {
            Entry::Change { change, .. } => self.delivered.set(change.seq),
            Entry::Mark { mark, .. } => {
                self.delivered.set(mark.seq);
                self.came_by(mark.ticket);
            }
            Entry::Notice { .. } => {}
        }
        true
    }

    pub(crate) fn has_entries(&self) -> bool {
        !self.queued.borrow().is_empty()
    }

    /// Writes to the sockets for which something has gathered.
    pub(crate) fn flush(&self) {
        self.hub.flush(&mut Scratch::new());
    }

    /// The writer keeps what has gathered, if the disk lets it.
    pub(crate) fn keep(&self) {
        self.writer.borrow_mut().turn();
    }

    /// How many changes are not kept yet: with none there is nothing that a crash could take.
    pub(crate) fn is_kept(&self) -> bool {
        self.around.disk.kept_up_to() == self.around.oracle.borrow().model.seq
    }

    /// Ends what is due.
    pub(crate) async fn expire(self: Rc<Self>) {
        let ignore = |_| {};
        let mut ending = Box::pin(self.broker.end_due(&ignore));
        let first = poll_once(&mut ending).await;
        self.expired();
        if first.is_pending() {
            ending.await;
            self.expired();
        }
    }

    /// Tells every socket to come back to the next process.
    pub(crate) fn close_all(&self) {
        self.accepts.set(false);
        for known in self.sockets.borrow().values() {
            known.outbox.close(CloseCode::ServiceRestart);
        }
    }

    fn came_by(&self, ticket: Ticket) {
        if let Some(came_by) = self.tickets.borrow_mut().remove(&ticket) {
            // Who no longer waits has gone away.
            let _: Result<(), ()> = came_by.send(());
        }
    }

    fn ticket(&self) -> (Ticket, oneshot::Receiver<()>) {
        let ticket = self.next_ticket.replace(self.next_ticket.get() + 1);
        let (came_by, coming) = oneshot::channel();
        self.tickets.borrow_mut().insert(ticket, came_by);
        (ticket, coming)
    }

    fn known(&self, id: ConnectionId) -> Option<Known> {
        self.sockets.borrow().get(&id).cloned()
    }

    /// Whether a socket is being closed from this end.
    pub(crate) fn is_closing(&self, id: ConnectionId) -> bool {
        self.known(id).is_some_and(|known| known.outbox.closing().is_some())
    }

    /// The open sockets with their user and session.
    pub(crate) fn open_sockets(&self) -> Vec<(ConnectionId, Option<UserId>, Option<SessionId>)> {
        let sockets = self.sockets.borrow();
        sockets.iter().map(|(id, known)| (*id, known.user.clone(), known.session.clone())).collect()
    }

    /// Lets other work happen here, as where the real server looks something up.
    async fn look_up(&self) {
        for _ in 0..self.around.random.below(3) {
            crate::executor::yield_now().await;
        }
    }
}
