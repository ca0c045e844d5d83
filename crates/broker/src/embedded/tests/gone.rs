//! What is ended at a start since a crash left it: users who are no more, projects that are no more.

use std::time::Duration;

use herenow_core::{order::Entry, tracker::Announcement};

use super::{
    failing::{Bench, Fault},
    project_id,
};
use crate::{
    Acknowledge, Broker, Refusal,
    conformance::{brief, user, write},
};

#[tokio::test]
async fn users_who_are_gone_end_in_order_and_nobody_else_does() {
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    let all: Vec<_> = (0..200).map(|number| format!("user{number:03}")).collect();
    for name in &all {
        bench.broker.apply(&bench.project, write(name, "here")).await.expect("applied");
    }
    bench.ends.writer.turn();
    bench.entries();
    let gone: Vec<_> = all.iter().skip(1).chain([&"unknown".to_owned()]).map(|name| user(name)).collect();
    assert_eq!(bench.broker.end_users(&bench.project, &gone).await.expect("ended"), 199);
    let told = std::iter::from_fn(|| bench.ends.entries.try_recv()).map(|entry| match entry {
        Entry::Change { change, .. } if change.announcement == Some(Announcement::Delete) => change.id().to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), all[1..]);
    bench.ends.writer.turn();
    assert_eq!(bench.store.kept(&bench.project), [("user000".to_owned(), "here".to_owned())]);
    assert_eq!(bench.broker.waiting(), (0, 0), "places that were not needed are free again");
}

#[tokio::test]
async fn of_a_user_who_is_gone_what_is_due_ends_first() {
    let bench = Bench::new(Acknowledge::AtOnce).await;
    bench.broker.apply(&bench.project, brief(&*bench.clock, "a", 10)).await.expect("applied");
    bench.clock.pass(Duration::from_secs(11));
    assert_eq!(bench.broker.end_users(&bench.project, &[user("a")]).await.expect("ended"), 1);
    assert_eq!(bench.entries(), 2);
}

#[tokio::test]
async fn only_projects_that_are_known_are_left() {
    let mut bench = Bench::new(Acknowledge::AtOnce).await;
    bench.apply(write("a", "here")).await.expect("applied");
    assert_eq!(bench.broker.forget_all_but(&[project_id()]).await.expect("an answer"), []);
    assert_eq!(bench.store.kept(&bench.project).len(), 1);
    assert_eq!(bench.broker.forget_all_but(&[]).await.expect("an answer"), [project_id()]);
    assert_eq!(bench.store.kept(&bench.project), []);
    bench.store.fail(Fault::Backend);
    let refused = bench.broker.forget_all_but(&[]).await;
    assert!(matches!(refused, Err(Refusal::StorageFailed)), "{refused:?}");
}
