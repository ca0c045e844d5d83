//! A store with a journal: changes are kept there before the writer has seen them, and leave it when they are saved.

use std::{sync::Arc, time::Duration};

use herenow_core::tracker::Command;

use super::failing::{Bench, FakeStore, Fault, is_refused};
use crate::{
    Acknowledge, Broker, Outcome,
    conformance::{delete, upsert, user, write},
};

async fn bench() -> Bench {
    Bench::over(FakeStore::with_journal(), Acknowledge::WhenKept).await
}

#[tokio::test]
async fn a_write_is_acknowledged_when_the_journal_has_it() {
    let mut bench = bench().await;
    for command in [write("a", "here"), write("b", "here"), delete("a"), Command::EndUser { user: user("b") }] {
        // No turn of the writer.
        let outcome = bench.broker.apply(&bench.project, command).await;
        assert!(matches!(outcome, Ok(Outcome::Changed(_))), "{outcome:?}");
    }
    assert_eq!((bench.store.appended(), bench.store.saves()), (vec![1, 2, 3, 4], 0));
    bench.ends.writer.turn();
    assert!(bench.store.appended().is_empty(), "what is saved need not be there");
    assert!(bench.store.kept(&bench.project).is_empty());
}

#[tokio::test]
async fn what_nobody_waits_for_is_in_the_journal_before_what_came_after_it() {
    let bench = bench().await;
    bench.broker.apply(&bench.project, write("a", "here")).await.expect("kept");
    bench.clock.pass(Duration::from_secs(900));
    bench.broker.end_due(&|_| ()).await;
    assert_eq!(bench.store.appended(), [1], "the end is noted");
    bench.broker.apply(&bench.project, write("b", "here")).await.expect("kept");
    assert_eq!(bench.store.appended(), [1, 2, 3]);
}

#[tokio::test]
async fn a_write_that_the_journal_cannot_keep_stands_unacknowledged_until_both_work_again() {
    for fault in [Fault::Full, Fault::Backend] {
        let mut bench = bench().await;
        bench.broker.apply(&bench.project, write("a", "here")).await.expect("kept");
        bench.store.fail_journal(fault);
        let refused = bench.broker.apply(&bench.project, write("a", "lost?")).await;
        assert!(is_refused(&refused, fault), "{refused:?}");
        assert_eq!(bench.entries(), 2, "the change stands");
        for _ in 0..2 {
            let next = bench.broker.apply(&bench.project, write("b", "here")).await;
            assert!(is_refused(&next, fault), "before it is applied: {next:?}");
            // The store itself works: it saves, and nothing is acknowledged all the same.
            bench.ends.writer.turn();
            let pair = |id: &str, status: &str| (id.to_owned(), status.to_owned());
            assert_eq!(bench.store.kept(&bench.project), [pair("a", "lost?")]);
        }
        bench.store.work();
        bench.ends.writer.turn();
        bench.broker.apply(&bench.project, write("b", "here")).await.expect("kept");
        assert_eq!(bench.store.appended().last(), Some(&3));
    }
}

#[tokio::test]
async fn while_the_store_fails_the_journal_keeps_what_was_acknowledged() {
    let mut bench = bench().await;
    bench.store.fail(Fault::Full);
    for name in ["a", "b"] {
        bench.broker.apply(&bench.project, write(name, "here")).await.expect("the journal has it");
    }
    bench.ends.writer.turn();
    assert_eq!(bench.store.appended(), [1, 2]);
    let refused = bench.broker.apply(&bench.project, write("c", "here")).await;
    assert!(is_refused(&refused, Fault::Full), "what cannot be saved is refused: {refused:?}");
    bench.ends.writer.turn();
    assert_eq!(bench.store.appended(), [1, 2], "in vain, and nothing is lost");
    bench.store.work();
    bench.ends.writer.turn();
    assert_eq!((bench.store.appended(), bench.store.kept(&bench.project).len()), (vec![], 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_journal_has_the_order_of_many_writers_at_once() {
    const WRITERS: usize = 8;
    const WRITES: usize = 200;
    let Bench { broker, store, project, ends, .. } = bench().await;
    let broker = Arc::new(broker);
    let writes = (0..WRITERS).map(|writer| {
        let (broker, project, store) = (broker.clone(), project.clone(), store.clone());
        async move {
            for number in 0..WRITES {
                let command = Command::Upsert(upsert(&format!("w{writer}"), &format!("{number}")));
                let Ok(Outcome::Changed(change)) = broker.apply(&project, command).await else {
                    panic!("each changes something");
                };
                assert!(store.appended().contains(&change.seq), "it is there once it is acknowledged");
            }
        }
    });
    let mut all = tokio::task::JoinSet::new();
    writes.for_each(|write| drop(all.spawn(write)));
    while let Some(done) = all.join_next().await {
        done.expect("it comes to its end");
    }
    assert_eq!(store.appended(), (1..=(WRITERS * WRITES) as u64).collect::<Vec<_>>());
    drop(ends);
}

#[tokio::test]
async fn the_writer_saves_by_itself_and_at_the_end() {
    let bench = bench().await;
    let seen = bench.store.watch();
    let Bench { broker, ends, store, project, .. } = bench;
    let writer = std::thread::spawn(move || ends.writer.run());
    broker.apply(&project, write("a", "here")).await.expect("kept");
    assert_eq!(seen.recv_timeout(Duration::from_secs(60)), Ok(true), "nobody had to ask");
    broker.apply(&project, write("b", "here")).await.expect("kept");
    broker.close();
    writer.join().expect("the writer ends");
    assert_eq!((store.appended(), store.kept(&project).len()), (vec![], 2));
}

#[tokio::test]
async fn a_project_that_begins_anew_has_nothing_of_the_former_in_the_journal() {
    let mut bench = bench().await;
    bench.broker.apply(&bench.project, write("a", "here")).await.expect("kept");
    bench.broker.forget(&bench.project).await.expect("forgotten");
    bench.broker.open(&bench.project).await.expect("it opens");
    bench.ends.writer.turn();
    assert!(bench.store.kept(&bench.project).is_empty());
    bench.broker.apply(&bench.project, write("b", "here")).await.expect("kept");
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project).len(), 1);
}
