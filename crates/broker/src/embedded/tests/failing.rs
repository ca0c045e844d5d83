//! A store that fails, and recovers: what was applied is kept in the end.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use herenow_core::{
    PresenceId, ProjectId, Viewer,
    tracker::{Command, Record},
};
use herenow_store::{Journal, Noted, PresenceStore, Run, Saved, StoreError};
use parking_lot::Mutex;

use super::{Embedded, OPTIONS, new_embedded, project_id};
use crate::{
    Acknowledge, Broker, Outcome, Refusal,
    conformance::{ManualClock, delete, upsert, user, write},
    embedded::{EmbeddedOptions, Ends},
};

/// How a store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Full,
    Backend,
}

#[derive(Default)]
struct Disk {
    fault: Option<Fault>,
    runs: BTreeMap<ProjectId, Run>,
    records: BTreeMap<(ProjectId, PresenceId), Arc<Record>>,
    /// How often a batch was brought.
    saves: usize,
    /// Is told how each ended.
    saved: Option<Sender<bool>>,
    /// The numbers of the changes in the journal, the former part first; none: there is no journal.
    journal: Option<[Vec<u64>; 2]>,
    /// How often something was appended to it.
    appends: usize,
    /// How the journal fails.
    journal_fault: Option<Fault>,
}

/// A store in memory that fails on demand; its clones are the same store.
#[derive(Clone, Default)]
pub(super) struct FakeStore(Arc<Mutex<Disk>>);

impl FakeStore {
    pub(super) fn fail(&self, fault: Fault) {
        self.0.lock().fault = Some(fault);
    }

    pub(super) fn work(&self) {
        let mut disk = self.0.lock();
        (disk.fault, disk.journal_fault) = (None, None);
    }

    pub(super) fn with_journal() -> Self {
        Self(Arc::new(Mutex::new(Disk { journal: Some(Default::default()), ..Disk::default() })))
    }

    pub(super) fn fail_journal(&self, fault: Fault) {
        self.0.lock().journal_fault = Some(fault);
    }

    /// The numbers in the journal.
    pub(super) fn appended(&self) -> Vec<u64> {
        let disk = self.0.lock();
        disk.journal.iter().flatten().flatten().copied().collect()
    }

    pub(super) fn saves(&self) -> usize {
        self.0.lock().saves
    }

    /// Tells of each batch whether it was kept.
    pub(super) fn watch(&self) -> Receiver<bool> {
        let (saved, seen) = channel();
        self.0.lock().saved = Some(saved);
        seen
    }

    /// The ids and states of a project's records, as a start would find them.
    pub(super) fn kept(&self, project: &ProjectId) -> Vec<(String, String)> {
        let disk = self.0.lock();
        let own = disk.records.iter().filter(|((of, _), _)| of == project);
        own.map(|((_, id), record)| (id.to_string(), record.presence.state.status.to_string())).collect()
    }

    pub(super) fn appends(&self) -> usize {
        self.0.lock().appends
    }

    fn answer(&self) -> Result<(), StoreError> {
        answer(self.0.lock().fault)
    }

    fn parts<T>(&self, work: impl FnOnce(&mut [Vec<u64>; 2]) -> T) -> Result<T, StoreError> {
        let mut disk = self.0.lock();
        answer(disk.journal_fault)?;
        Ok(work(disk.journal.as_mut().expect("it has a journal")))
    }
}

fn answer(fault: Option<Fault>) -> Result<(), StoreError> {
    match fault {
        None => Ok(()),
        Some(Fault::Full) => Err(StoreError::Full),
        Some(Fault::Backend) => Err(StoreError::Backend("unplugged".to_owned())),
    }
}

impl Journal for FakeStore {
    fn append(&mut self, batch: &mut dyn Iterator<Item = Noted<'_>>) -> Result<(), StoreError> {
        self.parts(|[_, active]| active.extend(batch.map(|noted| noted.seq)))?;
        self.0.lock().appends += 1;
        Ok(())
    }

    fn begin_part(&mut self) -> Result<(), StoreError> {
        self.parts(|parts| {
            assert!(parts[0].is_empty(), "the former part is dropped first");
            parts.swap(0, 1);
        })
    }

    fn drop_former(&mut self) -> Result<(), StoreError> {
        self.parts(|[former, _]| former.clear())
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.parts(|_| ())
    }
}

impl PresenceStore for FakeStore {
    fn journal(&mut self) -> Option<Box<dyn Journal>> {
        self.0.lock().journal.is_some().then(|| Box::new(self.clone()) as _)
    }

    fn load(&mut self, project: &ProjectId) -> Result<Option<(Run, Vec<Record>)>, StoreError> {
        self.answer()?;
        let disk = self.0.lock();
        let Some(run) = disk.runs.get(project) else { return Ok(None) };
        let own = disk.records.iter().filter(|((of, _), _)| of == project);
        Ok(Some((run.clone(), own.map(|(_, record)| Record::clone(record)).collect())))
    }

    fn projects(&mut self) -> Result<Vec<ProjectId>, StoreError> {
        self.answer()?;
        Ok(self.0.lock().runs.keys().cloned().collect())
    }

    fn begin(&mut self, project: &ProjectId, run: &Run) -> Result<(), StoreError> {
        self.answer()?;
        self.0.lock().runs.insert(project.clone(), run.clone());
        Ok(())
    }

    fn save(&mut self, batch: &[Saved]) -> Result<(), StoreError> {
        let answer = self.answer();
        let mut disk = self.0.lock();
        disk.saves += 1;
        if let Some(saved) = &disk.saved {
            // Who no longer watches has seen enough.
            let _ = saved.send(answer.is_ok());
        }
        answer?;
        for saved in batch.iter().filter(|saved| disk.runs.contains_key(&saved.project)).collect::<Vec<_>>() {
            let run = disk.runs.get_mut(&saved.project).expect("it was just there");
            run.seq = run.seq.max(saved.seq);
            let key = (saved.project.clone(), saved.id.clone());
            match &saved.record {
                Some(record) => disk.records.insert(key, record.clone()),
                None => disk.records.remove(&key),
            };
        }
        Ok(())
    }

    fn forget(&mut self, project: &ProjectId) -> Result<(), StoreError> {
        self.answer()?;
        let mut disk = self.0.lock();
        disk.runs.remove(project);
        disk.records.retain(|(of, _), _| of != project);
        Ok(())
    }
}

/// A broker over a store that fails on demand, and whose writer the test drives.
pub(super) struct Bench {
    pub(super) broker: Embedded,
    pub(super) ends: Ends,
    pub(super) store: FakeStore,
    pub(super) clock: Arc<ManualClock>,
    pub(super) project: ProjectId,
}

impl Bench {
    pub(super) async fn new(acknowledge: Acknowledge) -> Self {
        Self::over(FakeStore::default(), acknowledge).await
    }

    pub(super) async fn over(store: FakeStore, acknowledge: Acknowledge) -> Self {
        let clock = Arc::<ManualClock>::default();
        let options = EmbeddedOptions { acknowledge, ..OPTIONS };
        let (broker, ends) = new_embedded(Box::new(store.clone()), clock.clone(), options);
        let project = project_id();
        broker.open(&project).await.expect("it opens");
        Self { broker, ends, store, clock, project }
    }

    /// Applies a command while the writer does one turn.
    pub(super) async fn apply(&mut self, command: Command) -> Result<Outcome, Refusal> {
        let writes = async { self.ends.writer.turn() };
        let (outcome, ()) = tokio::join!(self.broker.apply(&self.project, command), writes);
        outcome
    }

    /// Who is here, for readers.
    pub(super) async fn here(&self) -> Vec<String> {
        let look = |moment: crate::Moment<'_>| {
            let all = moment.tracker.readable(&Viewer::Privileged, moment.now);
            all.map(|one| one.id.to_string()).collect()
        };
        crate::read(&self.broker, &self.project, look).await.expect("it is open")
    }

    pub(super) fn entries(&self) -> usize {
        std::iter::from_fn(|| self.ends.entries.try_recv()).count()
    }
}

pub(super) fn is_refused<T: std::fmt::Debug>(result: &Result<T, Refusal>, fault: Fault) -> bool {
    match fault {
        Fault::Full => matches!(result, Err(Refusal::StorageFull)),
        Fault::Backend => matches!(result, Err(Refusal::StorageFailed)),
    }
}

#[tokio::test]
async fn a_write_that_cannot_be_kept_stands_unacknowledged_and_the_next_is_refused_before_it_is_applied() {
    for fault in [Fault::Full, Fault::Backend] {
        let mut bench = Bench::new(Acknowledge::WhenKept).await;
        bench.store.fail(fault);
        let first = bench.apply(write("a", "here")).await;
        assert!(is_refused(&first, fault), "{first:?}");
        assert_eq!((bench.here().await, bench.entries()), (vec!["a".to_owned()], 1), "reads and events go on");
        for command in [write("b", "here"), write("a", "changed"), delete("a")] {
            // No turn of the writer: who is refused does not wait.
            let next = bench.broker.apply(&bench.project, command).await;
            assert!(is_refused(&next, fault), "{next:?}");
        }
        assert_eq!((bench.here().await, bench.entries()), (vec!["a".to_owned()], 0));
        assert_eq!(bench.broker.waiting(), (0, 0));
    }
}

#[tokio::test]
async fn ends_go_on_while_nothing_can_be_kept() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    for name in ["a", "b", "c"] {
        bench.apply(write(name, "here")).await.expect("kept");
    }
    bench.store.fail(Fault::Full);
    bench.apply(write("a", "lost?")).await.expect_err("not kept");
    bench.entries();
    let ended = bench.broker.apply(&bench.project, Command::EndUser { user: user("b") }).await;
    assert!(matches!(ended, Ok(Outcome::Changed(_))), "{ended:?}");
    bench.clock.pass(Duration::from_secs(900));
    bench.broker.end_due(&|_| ()).await;
    assert_eq!((bench.here().await.len(), bench.entries()), (0, 3));
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project).len(), 3, "the store knows nothing of it yet");
    bench.store.work();
    bench.ends.writer.turn();
    assert!(bench.store.kept(&bench.project).is_empty(), "everything applied is kept in the end");
}

#[tokio::test]
async fn once_a_commit_succeeds_writes_are_accepted_and_what_was_applied_before_is_kept() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    bench.store.fail(Fault::Backend);
    bench.apply(write("a", "unacknowledged")).await.expect_err("not kept");
    bench.store.work();
    let still = bench.broker.apply(&bench.project, write("b", "here")).await;
    assert!(is_refused(&still, Fault::Backend), "until a commit has succeeded: {still:?}");
    bench.ends.writer.turn();
    bench.apply(write("b", "here")).await.expect("kept");
    let pair = |id: &str, status: &str| (id.to_owned(), status.to_owned());
    assert_eq!(bench.store.kept(&bench.project), [pair("a", "unacknowledged"), pair("b", "here")]);
}

#[tokio::test]
async fn the_newest_of_what_could_not_be_kept_is_kept() {
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    bench.apply(write("a", "first")).await.expect("applied");
    bench.store.fail(Fault::Full);
    // Acknowledged at once, and put before the writer has seen the fault.
    for status in ["second", "third"] {
        bench.broker.apply(&bench.project, write("a", status)).await.expect("applied");
    }
    bench.ends.writer.turn();
    bench.store.work();
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project), [("a".to_owned(), "third".to_owned())]);
    assert_eq!(bench.store.saves(), 3, "one batch for both");
}

#[tokio::test]
async fn a_writer_with_nothing_to_do_tries_again_by_itself() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    bench.store.fail(Fault::Full);
    bench.apply(write("a", "here")).await.expect_err("not kept");
    let seen = bench.store.watch();
    let writer = bench.ends.writer;
    let writer = std::thread::spawn(move || writer.run());
    let patience = Duration::from_secs(60);
    assert_eq!(seen.recv_timeout(patience), Ok(false), "it tries while the store fails");
    bench.store.work();
    while !seen.recv_timeout(patience).expect("it goes on trying") {}
    assert_eq!(bench.store.kept(&bench.project).len(), 1);
    bench.broker.close();
    writer.join().expect("the writer ends");
}

#[tokio::test]
async fn what_could_not_be_kept_is_tried_once_more_at_the_end() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    bench.store.fail(Fault::Full);
    bench.apply(write("a", "here")).await.expect_err("not kept");
    bench.store.work();
    bench.broker.close();
    bench.ends.writer.run();
    assert_eq!(bench.store.kept(&bench.project).len(), 1);
}

#[tokio::test]
async fn a_storm_of_ends_while_the_store_fails_is_one_attempt_and_leaves_the_queue_empty() {
    // Several batches, and no more than may wait at once.
    const RECORDS: usize = 700;
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    for number in 0..RECORDS {
        let written = bench.broker.apply(&bench.project, Command::Upsert(upsert(&format!("r{number}"), "here"))).await;
        written.expect("applied");
    }
    bench.entries();
    bench.ends.writer.turn();
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project).len(), RECORDS);
    bench.store.fail(Fault::Full);
    bench.apply(delete("r0")).await.expect("applied");
    bench.clock.pass(Duration::from_secs(900));
    bench.broker.end_due(&|_| ()).await;
    let saves = bench.store.saves();
    bench.ends.writer.turn();
    assert_eq!((bench.store.saves() - saves, bench.broker.waiting().1), (1, 0));
    bench.store.work();
    bench.ends.writer.turn();
    assert!(bench.store.kept(&bench.project).is_empty());
}

#[tokio::test]
async fn a_project_whose_records_cannot_be_read_does_not_open() {
    let bench = Bench::new(Acknowledge::WhenKept).await;
    let other = ProjectId::parse("other").expect("an id");
    for fault in [Fault::Full, Fault::Backend] {
        bench.store.fail(fault);
        assert!(is_refused(&bench.broker.open(&other).await, fault));
        let refused = bench.broker.apply(&other, write("a", "here")).await;
        assert!(matches!(refused, Err(Refusal::UnknownProject)), "{refused:?}");
    }
    bench.store.work();
    bench.broker.open(&other).await.expect("it opens");
}
