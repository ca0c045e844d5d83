//! The way of changes into the journal and to the writer: in order, each once, and to the writer only what is kept.

use std::sync::Arc;

use herenow_core::{Timestamp, Tracker, tracker::Decision};
use herenow_store::Journal;

use super::{
    failing::{FakeStore, Fault, is_refused},
    project_id,
};
use crate::{
    conformance::write,
    embedded::{
        log::{Job, Log},
        project::Project,
    },
    queue::Number,
};

struct Bench {
    log: Log,
    store: FakeStore,
    project: Arc<Project>,
}

impl Bench {
    fn new() -> Self {
        let store = FakeStore::with_journal();
        let journal: Box<dyn Journal> = Box::new(store.clone());
        let project = Arc::new(Project::new(project_id(), "e".into(), Tracker::new(0)));
        Self { log: Log::new(Some(journal), Arc::default()), store, project }
    }

    /// Makes one more change and puts it in.
    async fn put(&self) -> Number {
        let mut place = self.log.jobs.reserve(1).await.expect("free");
        let tracker = &mut self.project.state.lock().tracker;
        let Ok(Decision::Change(change)) = tracker.decide(&write("a", "here"), Timestamp::default()) else {
            panic!("each write changes something");
        };
        tracker.fold(&change);
        place.put(Job { project: self.project.clone(), change: Arc::new(change), kept: None })
    }

    /// The numbers of what the writer gets.
    fn take(&self) -> Vec<u64> {
        self.log.take(usize::MAX).iter().map(|job| job.change.seq).collect()
    }
}

#[tokio::test]
async fn one_append_keeps_all_that_was_put() {
    let bench = Bench::new();
    let numbers = [bench.put().await, bench.put().await, bench.put().await];
    assert_eq!((numbers, bench.take()), ([1, 2, 3], vec![]), "the journal has to have them first");
    for number in numbers {
        bench.log.keep(number).expect("kept");
    }
    assert_eq!((bench.store.appends(), bench.store.appended()), (1, vec![1, 2, 3]));
    assert_eq!((bench.take(), bench.take()), (vec![1, 2, 3], vec![]));
}

#[tokio::test]
async fn nothing_is_appended_after_what_could_not_be_until_all_is_saved() {
    for fault in [Fault::Full, Fault::Backend] {
        let bench = Bench::new();
        let first = bench.put().await;
        bench.log.keep(first).expect("kept");
        let second = bench.put().await;
        bench.store.fail_journal(fault);
        assert!(is_refused(&bench.log.keep(second), fault));
        bench.store.work();
        let third = bench.put().await;
        for number in [second, third] {
            assert!(is_refused(&bench.log.keep(number), fault), "the second may be missing after a crash");
        }
        assert_eq!(bench.take(), [1, 2, 3], "so the writer gets them all");
        let fourth = bench.put().await;
        bench.log.saved().expect("the journal works again");
        bench.log.keep(third).expect("it is saved");
        assert_eq!(bench.store.appended(), [1]);
        bench.log.keep(fourth).expect("kept");
        assert_eq!((bench.store.appended(), bench.take()), (vec![1, 4], vec![4]));
    }
}

#[tokio::test]
async fn a_journal_that_still_fails_takes_nothing_although_all_is_saved() {
    let bench = Bench::new();
    let first = bench.put().await;
    bench.store.fail_journal(Fault::Full);
    assert!(bench.log.keep(first).is_err());
    assert_eq!(bench.take(), [1]);
    assert!(bench.log.saved().is_err());
    let second = bench.put().await;
    assert!(is_refused(&bench.log.keep(second), Fault::Full));
}

#[tokio::test]
async fn a_part_goes_when_all_that_it_has_is_saved() {
    let bench = Bench::new();
    let first = bench.put().await;
    bench.log.keep(first).expect("kept");
    bench.log.begin_part().expect("a new part");
    let second = bench.put().await;
    bench.log.keep(second).expect("kept");
    bench.log.begin_part().expect("the former one is still there");
    bench.log.saved().expect("nothing was taken");
    assert_eq!(bench.store.appended(), [1, 2]);
    assert_eq!(bench.log.take(1).len(), 1);
    bench.log.saved().expect("the former part goes");
    assert_eq!(bench.store.appended(), [2]);
    assert_eq!(bench.take(), [2]);
    bench.log.saved().expect("there is no former part");
    assert_eq!(bench.store.appended(), [2]);
    bench.log.begin_part().expect("a new part");
    bench.log.saved().expect("the former part goes");
    assert!(bench.store.appended().is_empty());
}
