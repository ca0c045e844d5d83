//! The broker of one process: one lock per project, a journal that keeps each change, and a writer thread that saves what
//! has gathered.
//!
//! Source: architecture, "broker"; semantics 6, 16, 18 and 19; decisions, Structure.

mod expiry;
mod gone;
mod health;
mod history;
mod log;
mod project;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use herenow_core::{
    PresenceId, ProjectId, Timestamp, Tracker,
    order::{Ask, Entry, Mark, Notice, Ticket},
    time::Clock,
    tracker::{Change, Command, Decision, Record},
};
use herenow_store::{PresenceStore, Run};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, oneshot};

pub use self::writer::Writer;
use self::{
    health::{Health, refusal},
    log::{Job, Kept, Log},
    project::Project,
};
use crate::{
    Acknowledge, Broker, Moment, Outcome, Refusal,
    queue::{self, Number, Places, Queue},
};

/// Places in the queues toward the hub and the writer.
pub const QUEUE_PLACES: usize = 16_384;
/// How long a write waits for places before it is refused. Source: semantics 18.
const PATIENCE: Duration = Duration::from_secs(5);
/// What one command can change: two records that are due, and its own.
const CHANGES_PER_COMMAND: u32 = 3;

/// How the broker of one process behaves.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedOptions {
    /// When a write is acknowledged.
    pub acknowledge: Acknowledge,
    /// How long the holders of a former process's sockets live on.
    pub start_grace: Duration,
}

/// What the server has to run beside the broker.
pub struct Ends {
    /// The entries of all projects, for the hub.
    pub entries: Arc<Queue<Entry>>,
    /// Keeps what changes; its run returns when the broker is closed and everything is kept.
    pub writer: Writer,
}

/// What is known of one record at one moment.
pub struct Life {
    /// The record; none: it has ended, or never was.
    pub record: Option<Arc<Record>>,
    /// Its changes as far as the bounded history reaches, the newest first.
    pub changes: Vec<Arc<Change>>,
    /// The moment.
    pub now: Timestamp,
}

/// How a change is kept before it is acknowledged.
enum Keeping {
    /// Nobody waits for it.
    Unasked,
    /// By who made it.
    InJournal,
    /// By the writer, which tells.
    ByWriter(oneshot::Receiver<Result<(), Refusal>>),
}

/// The broker of one process.
pub struct Embedded {
    projects: RwLock<HashMap<ProjectId, Arc<Project>>>,
    entries: Arc<Queue<Entry>>,
    log: Arc<Log>,
    store: Arc<Mutex<Box<dyn PresenceStore>>>,
    health: Arc<Health>,
    clock: Arc<dyn Clock>,
    options: EmbeddedOptions,
    make_epoch: Box<dyn Fn() -> String + Send + Sync>,
    /// When the expiry task means to wake, in milliseconds; it is told where something is due earlier.
    wakes_at: AtomicI64,
    earlier: Notify,
}

impl Embedded {
    /// A broker over `store`. `make_epoch` makes random names for runs of sequence numbers.
    #[must_use]
    pub fn new(
        mut store: Box<dyn PresenceStore>,
        clock: Arc<dyn Clock>,
        options: EmbeddedOptions,
        make_epoch: impl Fn() -> String + Send + Sync + 'static,
    ) -> (Self, Ends) {
        let (entries, health) = (Arc::new(Queue::new(QUEUE_PLACES, queue::BACKGROUND_PART)), Arc::<Health>::default());
        let log = Arc::new(Log::new(store.journal(), health.clone()));
        let store = Arc::new(Mutex::new(store));
        let writer = Writer::new(store.clone(), log.clone(), health.clone());
        let ends = Ends { entries: entries.clone(), writer };
        let broker = Self {
            projects: RwLock::default(),
            entries,
            log,
            store,
            health,
            clock,
            options,
            make_epoch: Box::new(make_epoch),
            wakes_at: AtomicI64::new(i64::MAX),
            earlier: Notify::new(),
        };
        (broker, ends)
    }

    /// Takes no more commands: what is queued is still delivered and kept, then both ends finish.
    pub fn close(&self) {
        self.entries.close();
        self.log.jobs.close();
    }

    /// How many entries and jobs wait.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        (self.entries.taken(), self.log.jobs.taken())
    }

    /// Whether the last commit succeeded: while not, writes are refused.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.health.check().is_ok()
    }

    /// How many records the projects have together.
    #[must_use]
    pub fn records(&self) -> usize {
        self.all().iter().map(|project| project.state.lock().tracker.len()).sum()
    }

    /// The run and the number of a project's last change.
    #[must_use]
    pub fn position(&self, project: &ProjectId) -> Option<(Arc<str>, u64)> {
        let project = self.project(project).ok()?;
        let seq = project.state.lock().tracker.seq();
        Some((project.epoch.clone(), seq))
    }

    /// A record as it stands, and what is remembered of it.
    ///
    /// # Errors
    /// [`Refusal::UnknownProject`].
    pub fn life(&self, project: &ProjectId, id: &PresenceId) -> Result<Life, Refusal> {
        let project = self.project(project)?;
        let state = project.state.lock();
        let record = state.tracker.record(id).cloned();
        Ok(Life { record, changes: state.history.of(id).cloned().collect(), now: self.clock.now() })
    }

    /// How many records a project has; none where it is not open.
    #[must_use]
    pub fn records_of(&self, project: &ProjectId) -> usize {
        self.project(project).map_or(0, |project| project.state.lock().tracker.len())
    }

    fn project(&self, id: &ProjectId) -> Result<Arc<Project>, Refusal> {
        self.projects.read().get(id).cloned().ok_or(Refusal::UnknownProject)
    }

    fn all(&self) -> Vec<Arc<Project>> {
        self.projects.read().values().cloned().collect()
    }

    /// Takes `count` places in both queues, within one patience for both; none where they did not become free.
    async fn places(&self, count: u32) -> Option<(Places<'_, Entry>, Places<'_, Job>)> {
        let both = async { Some((self.entries.reserve(count).await?, self.log.jobs.reserve(count).await?)) };
        queue::within(PATIENCE, both).await
    }

    /// The same for what nobody waits for.
    async fn places_in_background(&self, count: u32) -> Option<(Places<'_, Entry>, Places<'_, Job>)> {
        let entries = self.entries.reserve_in_background(count);
        let both = async { Some((entries.await?, self.log.jobs.reserve_in_background(count).await?)) };
        queue::within(PATIENCE, both).await
    }

    /// Folds `change` and puts it into both queues. The project's lock is held: `tracker` proves it.
    fn commit(
        &self,
        project: &Arc<Project>,
        state: &mut project::State,
        change: Change,
        entries: &mut Places<'_, Entry>,
        kept: Option<Kept>,
        jobs: &mut Places<'_, Job>,
    ) -> (Arc<Change>, Number) {
        debug_assert_eq!(herenow_core::invariants::check_change(&change), Ok(()));
        state.tracker.fold(&change);
        let change = Arc::new(change);
        state.history.push(&change);
        let number = jobs.put(Job { project: project.clone(), change: change.clone(), kept });
        entries.put(Entry::Change {
            project: project.id.clone(),
            epoch: project.epoch.clone(),
            change: change.clone(),
        });
        (change, number)
    }

    fn tell_of_earlier_deadline(&self, tracker: &Tracker) {
        if let Some(next) = tracker.next_due()
            && next.millis() < self.wakes_at.load(Ordering::Acquire)
        {
            self.earlier.notify_one();
        }
    }
}

#[async_trait]
impl Broker for Embedded {
    async fn apply(&self, project: &ProjectId, command: Command) -> Result<Outcome, Refusal> {
        let project = self.project(project)?;
        // Ends go on while nothing can be kept: they are tried again until they are.
        let is_write = matches!(command, Command::Upsert(_) | Command::Update(_) | Command::Delete { .. });
        if is_write {
            self.health.check()?;
        }
        let (mut entries, mut jobs) = self.places(CHANGES_PER_COMMAND).await.ok_or(Refusal::Overloaded)?;
        // Who was told that a user or a session is gone must not find what it held after a crash.
        let is_end = matches!(command, Command::EndUser { .. } | Command::EndSession { .. });
        let is_answered = is_write || (is_end && self.health.check().is_ok());
        let waits = is_answered && self.options.acknowledge == Acknowledge::WhenKept;
        let (kept, keeping) = if !waits {
            (None, Keeping::Unasked)
        } else if self.log.has_journal() {
            (None, Keeping::InJournal)
        } else {
            let (kept, keeping) = oneshot::channel();
            (Some(kept), Keeping::ByWriter(keeping))
        };
        let (change, number) = {
            let mut state = project.enter()?;
            let now = self.clock.now();
            for id in state.tracker.due_before(&command, now) {
                if let Decision::Change(ended) = state.tracker.decide(&Command::EndDue { id }, now)? {
                    self.commit(&project, &mut state, ended, &mut entries, None, &mut jobs);
                }
            }
            let change = match state.tracker.decide(&command, now)? {
                Decision::Change(change) => change,
                Decision::Unchanged(presence) => return Ok(Outcome::Unchanged(presence)),
                Decision::Nothing => return Ok(Outcome::Nothing),
            };
            let committed = self.commit(&project, &mut state, change, &mut entries, kept, &mut jobs);
            self.tell_of_earlier_deadline(&state.tracker);
            committed
        };
        match keeping {
            Keeping::Unasked => {}
            Keeping::InJournal => {
                // What is ready to run makes its changes first: one write then keeps them all.
                tokio::task::yield_now().await;
                self.log.keep(number)?;
            }
            Keeping::ByWriter(kept) => kept.await.unwrap_or(Err(Refusal::StorageFailed))?,
        }
        Ok(Outcome::Changed(change))
    }

    async fn ask(&self, project: &ProjectId, ticket: Ticket, ask: Ask) -> Result<(), Refusal> {
        let project = self.project(project)?;
        let mut places = queue::within(PATIENCE, self.entries.reserve(1)).await.ok_or(Refusal::Overloaded)?;
        let state = project.enter()?;
        let now = self.clock.now();
        let sight = state.sight(&project.epoch, ask, now);
        let mark = Mark { ticket, seq: state.tracker.seq(), at: now, sight };
        places.put(Entry::Mark { project: project.id.clone(), epoch: project.epoch.clone(), mark });
        Ok(())
    }

    async fn announce(&self, project: &ProjectId, notice: Notice) -> Result<(), Refusal> {
        let project = self.project(project)?;
        let mut places = queue::within(PATIENCE, self.entries.reserve(1)).await.ok_or(Refusal::Overloaded)?;
        let _state = project.enter()?;
        places.put(Entry::Notice { project: project.id.clone(), at: self.clock.now(), notice: Arc::new(notice) });
        Ok(())
    }

    async fn show(
        &self,
        project: &ProjectId,
        read: &mut (dyn for<'m> FnMut(Moment<'m>) + Send),
    ) -> Result<(), Refusal> {
        let project = self.project(project)?;
        let state = project.state.lock();
        read(Moment { tracker: &state.tracker, epoch: &project.epoch, now: self.clock.now() });
        Ok(())
    }

    async fn open(&self, id: &ProjectId) -> Result<(), Refusal> {
        let mut projects = self.projects.write();
        if projects.contains_key(id) {
            return Ok(());
        }
        let mut store = self.store.lock();
        let kept = store.load(id).map_err(|error| refusal(&error))?;
        let (seq, records) = kept.map_or((0, Vec::new()), |(run, records)| (run.seq, records));
        // A new run at every start: an event may have been on its way before a crash whose number was
        // never kept, so that the numbers after it could mean two things.
        let run = Run { epoch: (self.make_epoch)(), seq };
        store.begin(id, &run).map_err(|error| refusal(&error))?;
        let tracker = Tracker::restore(seq, records, self.clock.now().plus(self.options.start_grace));
        self.tell_of_earlier_deadline(&tracker);
        projects.insert(id.clone(), Arc::new(Project::new(id.clone(), run.epoch.into(), tracker)));
        Ok(())
    }

    async fn forget(&self, id: &ProjectId) -> Result<(), Refusal> {
        let mut projects = self.projects.write();
        // The writer has to wait until it is told: what is on its way must not be kept after all.
        let mut store = self.store.lock();
        store.forget(id).map_err(|error| refusal(&error))?;
        if let Some(project) = projects.remove(id) {
            project.forget();
        }
        Ok(())
    }
}

/// The earliest of two times of which either may be missing.
fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
