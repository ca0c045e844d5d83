//! A project that is forgotten takes with it what was on its way to the store.

use super::failing::{Bench, Fault};
use crate::{Acknowledge, Broker, Outcome, Refusal, conformance::write};

#[tokio::test]
async fn what_was_on_its_way_is_no_part_of_a_project_of_the_same_id() {
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    bench.broker.apply(&bench.project, write("former", "here")).await.expect("applied");
    bench.broker.forget(&bench.project).await.expect("forgotten");
    bench.broker.open(&bench.project).await.expect("it opens");
    bench.broker.apply(&bench.project, write("new", "here")).await.expect("applied");
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project), [("new".to_owned(), "here".to_owned())]);
}

#[tokio::test]
async fn writes_are_accepted_again_when_all_that_could_not_be_kept_was_forgotten() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    bench.store.fail(Fault::Full);
    bench.apply(write("a", "here")).await.expect_err("not kept");
    bench.store.work();
    bench.broker.forget(&bench.project).await.expect("forgotten");
    bench.broker.open(&bench.project).await.expect("it opens");
    bench.ends.writer.turn();
    let written = bench.apply(write("a", "here")).await;
    assert!(matches!(written, Ok(Outcome::Changed(_))), "{written:?}");
}

#[tokio::test]
async fn a_project_that_the_store_cannot_forget_goes_on() {
    let mut bench = Bench::new(Acknowledge::WhenKept).await;
    bench.apply(write("a", "here")).await.expect("kept");
    bench.store.fail(Fault::Backend);
    let refused = bench.broker.forget(&bench.project).await;
    assert!(matches!(refused, Err(Refusal::StorageFailed)), "{refused:?}");
    bench.store.work();
    assert_eq!(bench.here().await, ["a"]);
    bench.apply(write("a", "still here")).await.expect("kept");
    assert_eq!(bench.store.kept(&bench.project), [("a".to_owned(), "still here".to_owned())]);
    bench.broker.forget(&bench.project).await.expect("forgotten");
    assert!(bench.store.kept(&bench.project).is_empty());
}
