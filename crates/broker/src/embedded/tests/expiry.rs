//! The task that ends what is due: asleep until the next deadline, and told of earlier ones.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use herenow_core::{Timestamp, order::Entry, time::Clock, tracker::Announcement};
use herenow_store::NullPresences;
use tokio::time::Instant;

use super::{OPTIONS, failing::Bench, project_id};
use crate::{
    Acknowledge, Broker, Embedded,
    conformance::{brief, write},
    embedded::{EmbeddedOptions, Ends},
};

/// Tokio's clock, which the tests pause: it stands still until everybody sleeps.
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0).plus(self.0.elapsed())
    }
}

/// When which record ended, while the task runs and `acts` does.
async fn ends_while<A: Future<Output = ()>>(
    acts: impl FnOnce(Arc<Embedded>, Arc<PausedClock>) -> A,
) -> Vec<(i64, String)> {
    let clock = Arc::new(PausedClock(Instant::now()));
    let options = EmbeddedOptions { acknowledge: Acknowledge::AtOnce, ..OPTIONS };
    let (broker, Ends { entries, writer: _writer }) =
        Embedded::new(Box::new(NullPresences), clock.clone(), options, || "epoch".to_owned());
    broker.open(&project_id()).await.expect("it opens");
    let broker = Arc::new(broker);
    tokio::select! {
        () = broker.run_expiry(|late| assert_eq!(late, Duration::ZERO)) => unreachable!("it runs for ever"),
        () = acts(broker.clone(), clock) => {}
    }
    let ended = |entry| match entry {
        Entry::Change { change, .. } if change.announcement == Some(Announcement::Delete) => {
            Some((change.at.millis(), change.id().to_string()))
        }
        _ => None,
    };
    std::iter::from_fn(|| entries.try_recv()).filter_map(ended).collect()
}

#[tokio::test(start_paused = true)]
async fn a_record_ends_by_itself_at_its_deadline() {
    let ended = ends_while(async |broker, clock| {
        broker.apply(&project_id(), brief(&*clock, "a", 10)).await.expect("applied");
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(ended.await, [(10_000, "a".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn an_earlier_deadline_wakes_the_task() {
    let ended = ends_while(async |broker, clock| {
        broker.apply(&project_id(), brief(&*clock, "late", 50)).await.expect("applied");
        // By now it sleeps until then.
        tokio::time::sleep(Duration::from_secs(1)).await;
        broker.apply(&project_id(), brief(&*clock, "early", 5)).await.expect("applied");
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(ended.await, [(6_000, "early".to_owned()), (50_000, "late".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_was_put_off_ends_nothing() {
    let ended = ends_while(async |broker, clock| {
        broker.apply(&project_id(), brief(&*clock, "a", 10)).await.expect("applied");
        tokio::time::sleep(Duration::from_secs(9)).await;
        broker.apply(&project_id(), brief(&*clock, "a", 10)).await.expect("applied");
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(ended.await, [(19_000, "a".to_owned())]);
}

#[tokio::test]
async fn how_late_an_end_is_is_told() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    bench.broker.apply(&bench.project, brief(&*bench.clock, "a", 10)).await.expect("applied");
    bench.broker.apply(&bench.project, write("b", "longer")).await.expect("applied");
    bench.clock.pass(Duration::from_millis(13_500));
    let told = Mutex::new(Vec::new());
    let next = bench.broker.end_due(&|late| told.lock().expect("not poisoned").push(late)).await;
    assert_eq!(*told.lock().expect("not poisoned"), [Duration::from_millis(3_500)]);
    assert_eq!(next, Some(bench.clock.now().plus(Duration::from_millis(900_000 - 13_500))));
}
