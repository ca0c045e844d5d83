//! What every broker has to do, as checks that any of them can run on a [`Stage`] of its own. Each check works in
//! projects of its own, so that all can run one after the other on one stage.

mod ends;
mod lives;
mod order;
mod sights;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use herenow_core::{
    Permissions, PresenceId, ProjectId, SessionId, Source, Timestamp, UserId, Viewer,
    order::{Ask, Entry, Mark},
    time::Clock,
    tracker::{Change, Command, HolderKey, Upsert},
};

use crate::{Broker, Moment, Outcome, Refusal, read};

/// How long the holders of a former process's sockets live on, on every stage.
pub const GRACE: Duration = Duration::from_secs(30);
/// How long a lease lives that names no end.
const LEASE: Duration = Duration::from_secs(900);

/// A clock in a test's hand.
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_785_578_400_000))
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).expect("not that long"), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Whether a broker knows after a restart what it knew before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// What was acknowledged is there again.
    Lasts,
    /// Every start is the first.
    EndsWithTheProcess,
}

/// A broker with all that surrounds it, in a test's hand. Writes are acknowledged when they are kept, and
/// [`GRACE`] is the grace at the start.
#[async_trait]
pub trait Stage: Sized + Send {
    /// The broker.
    fn broker(&self) -> Arc<dyn Broker>;

    /// Its clock.
    fn clock(&self) -> Arc<ManualClock>;

    /// What it knows after a restart.
    fn memory(&self) -> Memory;

    /// The next entry on its way to the hub, waiting for it where it takes its time.
    async fn next_entry(&mut self) -> Entry;

    /// Ends what is due, as the broker does by itself in time.
    async fn end_due(&mut self);

    /// Stops the broker and starts another on the same store. Entries that were not taken are lost.
    async fn restart(self) -> Self;
}

/// Runs every check.
///
/// # Panics
/// Where a check fails.
pub async fn everything<S: Stage>(mut stage: S) {
    order::changes_are_numbered_without_gaps_in_each_project(&mut stage).await;
    order::an_answer_says_what_became_of_the_command(&mut stage).await;
    order::a_rejected_command_changes_nothing(&mut stage).await;
    order::many_writers_at_once_make_one_order(&mut stage).await;
    order::a_notice_keeps_its_place_and_takes_no_number(&mut stage).await;
    sights::a_place_carries_nothing(&mut stage).await;
    sights::a_snapshot_is_what_its_viewer_can_read(&mut stage).await;
    sights::what_was_missed_is_exactly_what_came_after(&mut stage).await;
    sights::what_is_not_known_falls_back(&mut stage).await;
    sights::a_shift_is_what_comes_and_what_goes(&mut stage).await;
    sights::a_shift_takes_what_is_due_from_those_who_will_not_hear_of_its_end(&mut stage).await;
    ends::a_record_ends_at_its_deadline_and_not_before(&mut stage).await;
    ends::many_records_that_are_due_at_once_end_each_once(&mut stage).await;
    ends::a_command_ends_first_what_is_due_of_its_record(&mut stage).await;
    ends::a_holder_that_is_due_gives_way_to_the_next(&mut stage).await;
    ends::a_read_does_not_show_what_is_due(&mut stage).await;
    lives::a_project_that_is_not_open_is_refused(&mut stage).await;
    lives::opening_twice_is_harmless(&mut stage).await;
    lives::a_forgotten_project_begins_anew(&mut stage).await;
    lives::what_a_restart_leaves(stage).await;
}

impl dyn Broker {
    async fn snapshot(&self, project: &ProjectId) -> Seen {
        let look = |moment: Moment<'_>| Seen {
            epoch: moment.epoch.to_owned(),
            seq: moment.tracker.seq(),
            here: moment.tracker.readable(&Viewer::Privileged, moment.now).map(|one| one.id.to_string()).collect(),
        };
        read(self, project, look).await.expect("the project is open")
    }
}

/// One moment of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    epoch: String,
    seq: u64,
    here: Vec<String>,
}

/// A project that no other check has used.
async fn new_project(stage: &impl Stage, name: &str) -> ProjectId {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let id = format!("{name}-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let project = ProjectId::parse(&id).expect("an id");
    stage.broker().open(&project).await.expect("it opens");
    project
}

/// Takes entries up to the mark of a ticket that is asked for now: all that came before it, and the mark.
async fn up_to_now(stage: &mut impl Stage, project: &ProjectId, ask: Ask) -> (Vec<Arc<Change>>, Mark) {
    static TICKET: AtomicU64 = AtomicU64::new(1 << 32);
    let ticket = TICKET.fetch_add(1, Ordering::Relaxed);
    stage.broker().ask(project, ticket, ask).await.expect("there is a place");
    let mut changes = Vec::new();
    loop {
        match stage.next_entry().await {
            Entry::Mark { mark, project: of, .. } if mark.ticket == ticket => {
                assert_eq!(of, *project);
                return (changes, mark);
            }
            Entry::Change { change, project: of, .. } if of == *project => changes.push(change),
            // What an earlier check left behind.
            Entry::Change { .. } | Entry::Mark { .. } | Entry::Notice { .. } => {}
        }
    }
}

async fn changes(stage: &mut impl Stage, project: &ProjectId) -> Vec<Arc<Change>> {
    up_to_now(stage, project, Ask::Place).await.0
}

async fn apply(stage: &impl Stage, project: &ProjectId, command: Command) -> Result<Outcome, Refusal> {
    stage.broker().apply(project, command).await
}

/// Applies what must change something.
async fn change(stage: &impl Stage, project: &ProjectId, command: Command) -> Arc<Change> {
    match apply(stage, project, command).await {
        Ok(Outcome::Changed(change)) => change,
        other => panic!("it should change something: {other:?}"),
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).expect("an id")
}

fn presence(name: &str) -> PresenceId {
    PresenceId::parse(name).expect("an id")
}

fn session(name: &str) -> SessionId {
    SessionId::parse(name).expect("an id")
}

fn permissions(read: &[&str]) -> Permissions {
    let texts: Vec<String> = read.iter().map(|role| format!("read(\"{role}\")")).collect();
    Permissions::parse(texts.iter().map(String::as_str)).expect("valid")
}

/// A write over HTTP of `name`, whose record is the user's of the same name; everybody may read it.
pub(crate) fn upsert(name: &str, status: &str) -> Upsert {
    Upsert {
        id: presence(name),
        user: user(name),
        holder: HolderKey::Rest,
        session: None,
        status: status.into(),
        metadata: None,
        permissions: Some(permissions(&["any"])),
        expires_at: None,
        default_expiry: LEASE,
        source: Source::Rest,
    }
}

pub(crate) fn write(name: &str, status: &str) -> Command {
    Command::Upsert(upsert(name, status))
}

/// A write that ends after so many seconds.
pub(crate) fn brief(clock: &dyn Clock, name: &str, seconds: u64) -> Command {
    let expires_at = Some(clock.now().plus(Duration::from_secs(seconds)));
    Command::Upsert(Upsert { expires_at, ..upsert(name, "brief") })
}

pub(crate) fn delete(name: &str) -> Command {
    Command::Delete { id: presence(name), viewer: Viewer::Privileged }
}
