//! Ends that time brings: at the deadline, once, with a delete.

use std::time::Duration;

use herenow_core::{
    ConnectionId, Source,
    time::Clock,
    tracker::{Announcement, Command, HolderKey, SocketEnd, Upsert},
};

use super::{Stage, apply, brief, change, changes, delete, new_project, upsert, write};
use crate::Refusal;

pub(super) async fn a_record_ends_at_its_deadline_and_not_before(stage: &mut impl Stage) {
    let project = new_project(stage, "deadline").await;
    let written = change(stage, &project, brief(&*stage.clock(), "a", 10)).await;
    stage.clock().pass(Duration::from_millis(9_999));
    stage.end_due().await;
    assert_eq!(changes(stage, &project).await, std::slice::from_ref(&written));
    stage.clock().pass(Duration::from_millis(1));
    stage.end_due().await;
    stage.end_due().await;
    let ended = changes(stage, &project).await;
    assert_eq!(ended.len(), 1, "it ends once");
    assert_eq!((ended[0].seq, ended[0].announcement), (2, Some(Announcement::Delete)));
    assert_eq!((&ended[0].before, &ended[0].after), (&written.after, &None), "with the state last seen");
    assert!(stage.broker().snapshot(&project).await.here.is_empty());
}

pub(super) async fn many_records_that_are_due_at_once_end_each_once(stage: &mut impl Stage) {
    const RECORDS: usize = 600;
    let project = new_project(stage, "mass").await;
    let mut names: Vec<String> = (0..RECORDS).map(|number| format!("r{number}")).collect();
    for name in &names {
        change(stage, &project, brief(&*stage.clock(), name, 10)).await;
    }
    change(stage, &project, brief(&*stage.clock(), "longer", 11)).await;
    changes(stage, &project).await;
    stage.clock().pass(Duration::from_secs(10));
    stage.end_due().await;
    let ended = changes(stage, &project).await;
    assert!(ended.iter().all(|change| change.announcement == Some(Announcement::Delete)));
    let mut ids: Vec<String> = ended.iter().map(|change| change.id().to_string()).collect();
    ids.sort_unstable();
    names.sort_unstable();
    assert_eq!(ids, names);
    assert_eq!(stage.broker().snapshot(&project).await.here, ["longer"]);
}

pub(super) async fn a_command_ends_first_what_is_due_of_its_record(stage: &mut impl Stage) {
    let project = new_project(stage, "first").await;
    change(stage, &project, brief(&*stage.clock(), "a", 10)).await;
    change(stage, &project, brief(&*stage.clock(), "b", 10)).await;
    changes(stage, &project).await;
    stage.clock().pass(Duration::from_secs(10));
    // The user's own record and the other one whose id it asks for: both are due.
    let again =
        change(stage, &project, Command::Upsert(Upsert { id: super::presence("b"), ..upsert("a", "new") })).await;
    let all = changes(stage, &project).await;
    let told: Vec<_> = all.iter().map(|change| (change.seq, change.id().as_str(), change.announcement)).collect();
    let (delete, upsert) = (Some(Announcement::Delete), Some(Announcement::Upsert));
    assert_eq!(told, [(3, "a", delete), (4, "b", delete), (5, "b", upsert)]);
    assert_eq!((again.before.as_ref(), again.subject().creation), (None, 5), "it is a new record");
    stage.clock().pass(Duration::from_secs(900));
    let missing = apply(stage, &project, super::delete("b")).await;
    assert!(matches!(missing, Err(Refusal::Rejected(herenow_core::Rejection::NotFound))), "{missing:?}");
    let all = changes(stage, &project).await;
    assert_eq!(all.len(), 1, "a refused command still ends what is due");
    stage.end_due().await;
    assert!(changes(stage, &project).await.is_empty(), "what has ended does not end again");
}

pub(super) async fn a_holder_that_is_due_gives_way_to_the_next(stage: &mut impl Stage) {
    let project = new_project(stage, "holders").await;
    let connection = ConnectionId(7);
    let holder = HolderKey::Socket(connection);
    let socket = Upsert { holder, source: Source::Realtime, ..upsert("a", "socket") };
    change(stage, &project, Command::Upsert(socket)).await;
    change(stage, &project, brief(&*stage.clock(), "a", 10)).await;
    stage.clock().pass(Duration::from_secs(10));
    stage.end_due().await;
    let until = stage.clock().now().plus(Duration::from_secs(5));
    change(stage, &project, Command::EndSocket { connection, end: SocketEnd::Grace(until) }).await;
    stage.clock().pass(Duration::from_secs(5));
    stage.end_due().await;
    let all = changes(stage, &project).await;
    let told: Vec<_> = all.iter().map(|change| (change.announcement, &*change.subject().state.status)).collect();
    let (update, upsert) = (Some(Announcement::Update), Some(Announcement::Upsert));
    let gone = (Some(Announcement::Delete), "socket");
    assert_eq!(told, [(upsert, "socket"), (upsert, "brief"), (update, "socket"), (None, "socket"), gone]);
}

pub(super) async fn a_read_does_not_show_what_is_due(stage: &mut impl Stage) {
    let project = new_project(stage, "reads").await;
    change(stage, &project, brief(&*stage.clock(), "a", 10)).await;
    change(stage, &project, write("b", "here")).await;
    stage.clock().pass(Duration::from_secs(10));
    assert_eq!(stage.broker().snapshot(&project).await.here, ["b"]);
    change(stage, &project, delete("b")).await;
    assert!(stage.broker().snapshot(&project).await.here.is_empty());
}
