//! Queues that are full, and queues that are closed.

use std::time::Duration;

use herenow_core::order::Ask;
use tokio::time::Instant;

use super::failing::Bench;
use crate::{
    Acknowledge, Broker, Outcome, Refusal,
    conformance::{brief, write},
    embedded::{CHANGES_PER_COMMAND, PATIENCE, QUEUE_PLACES},
};

/// Fills the queue toward the hub.
async fn fill_entries(bench: &Bench) {
    let (taken, _) = bench.broker.waiting();
    for ticket in taken..QUEUE_PLACES {
        bench.broker.ask(&bench.project, ticket as u64, Ask::Place).await.expect("there is a place");
    }
    assert_eq!(bench.broker.waiting().0, QUEUE_PLACES);
}

/// Leaves fewer places in the queue toward the writer than a command takes.
async fn fill_jobs(bench: &Bench) {
    while bench.broker.waiting().1 + CHANGES_PER_COMMAND as usize <= QUEUE_PLACES {
        bench.broker.apply(&bench.project, write("a", "here")).await.expect("applied");
        bench.entries();
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_waits_for_the_hub_and_is_refused_after_five_seconds() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    fill_entries(&bench).await;
    let begun = Instant::now();
    let refused = bench.broker.apply(&bench.project, write("a", "here")).await;
    assert!(matches!(refused, Err(Refusal::Overloaded)), "{refused:?}");
    assert_eq!(begun.elapsed(), PATIENCE);
    let refused = bench.broker.ask(&bench.project, 1, Ask::Place).await;
    assert!(matches!(refused, Err(Refusal::Overloaded)), "{refused:?}");
    assert_eq!(begun.elapsed(), 2 * PATIENCE);
    assert!(bench.here().await.is_empty(), "it was not applied");
    assert_eq!(bench.entries(), QUEUE_PLACES);
    assert_eq!(bench.broker.waiting(), (0, 0), "who gave up holds no place");
}

#[tokio::test(start_paused = true)]
async fn a_write_waits_for_the_writer_and_is_refused_after_five_seconds() {
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    fill_jobs(&bench).await;
    let begun = Instant::now();
    let refused = bench.broker.apply(&bench.project, write("b", "here")).await;
    assert!(matches!(refused, Err(Refusal::Overloaded)), "{refused:?}");
    assert_eq!((begun.elapsed(), bench.here().await), (PATIENCE, vec!["a".to_owned()]));
    bench.ends.writer.turn();
    assert_eq!(bench.broker.waiting(), (0, 0));
    bench.broker.apply(&bench.project, write("b", "here")).await.expect("there are places again");
}

#[tokio::test(start_paused = true)]
async fn five_seconds_are_for_both_queues_together() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    fill_jobs(&bench).await;
    fill_entries(&bench).await;
    let begun = Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        bench.entries()
    };
    let (refused, _) = tokio::join!(bench.broker.apply(&bench.project, write("b", "here")), late);
    assert!(matches!(refused, Err(Refusal::Overloaded)), "{refused:?}");
    assert_eq!(begun.elapsed(), PATIENCE);
    assert_eq!(bench.broker.waiting().0, 0, "the places that it had got are free again");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_gets_its_places_in_time_is_applied() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    fill_entries(&bench).await;
    let begun = Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        bench.entries()
    };
    let (written, _) = tokio::join!(bench.broker.apply(&bench.project, write("a", "here")), late);
    assert!(matches!(written, Ok(Outcome::Changed(_))), "{written:?}");
    assert_eq!((begun.elapsed(), bench.entries()), (Duration::from_secs(4), 1));
}

#[tokio::test(start_paused = true)]
async fn ends_wait_for_full_queues_as_long_as_it_takes() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    let now = bench.clock.clone();
    bench.broker.apply(&bench.project, brief(&*now, "a", 10)).await.expect("applied");
    fill_entries(&bench).await;
    bench.clock.pass(Duration::from_secs(10));
    let begun = Instant::now();
    let late = async {
        tokio::time::sleep(4 * PATIENCE).await;
        bench.entries()
    };
    tokio::join!(bench.broker.end_due(&|_| ()), late);
    assert_eq!((begun.elapsed(), bench.entries()), (4 * PATIENCE, 1));
}

#[tokio::test]
async fn after_a_close_what_waits_is_delivered_and_kept_and_both_ends_finish() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    for name in ["a", "b"] {
        bench.broker.apply(&bench.project, brief(&*bench.clock, name, 10)).await.expect("applied");
    }
    bench.broker.close();
    let refused = bench.broker.apply(&bench.project, write("c", "here")).await;
    assert!(matches!(refused, Err(Refusal::Overloaded)), "{refused:?}");
    bench.clock.pass(Duration::from_secs(10));
    bench.broker.end_due(&|_| ()).await;
    let Bench { ends, store, project, .. } = bench;
    assert!(ends.entries.recv().is_some() && ends.entries.recv().is_some() && ends.entries.recv().is_none());
    ends.writer.run();
    let kept: Vec<String> = store.kept(&project).into_iter().map(|(id, _)| id).collect();
    assert_eq!(kept, ["a", "b"], "what could not end any more ends at the next start");
}

#[tokio::test]
async fn a_write_whose_writer_is_gone_is_not_acknowledged() {
    let Bench { broker, ends, project, .. } = Bench::new(Acknowledge::WhenKept).await;
    let gone = async { drop(ends.writer) };
    let (refused, ()) = tokio::join!(broker.apply(&project, write("a", "here")), gone);
    assert!(matches!(refused, Err(Refusal::StorageFailed)), "{refused:?}");
}
