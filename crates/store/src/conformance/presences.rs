//! Checks of saved presences.

use std::sync::Arc;

use herenow_core::{PresenceId, ProjectId, tracker::Record};

use super::fixtures::{project_id, record, written};
use crate::{PresenceStore, Run, Saved};

/// Opens the same data once more; whatever was opened before is gone by then.
pub(super) type Open<'a> = &'a mut dyn FnMut() -> Box<dyn PresenceStore>;

/// Runs every check of [`PresenceStore`]. Each call of `open` opens the same data, which begins empty.
pub fn presences(open: Open<'_>) {
    a_project_of_which_nothing_was_kept_has_no_run(open);
    records_come_back_in_the_order_of_creation(open);
    the_last_of_a_batch_wins_and_ends_are_kept(open);
    a_record_made_anew_takes_its_new_place(open);
    the_same_batch_twice_is_harmless(open);
    projects_do_not_see_each_other(open);
    a_new_run_keeps_the_records(open);
    a_forgotten_project_stays_forgotten(open);
    projects_are_told_until_they_are_forgotten(open);
    a_batch_that_cannot_be_kept_leaves_nothing(open);
}

pub(super) fn ended(project: &ProjectId, seq: u64, id: &str) -> Saved {
    Saved { project: project.clone(), seq, id: PresenceId::parse(id).expect("a presence id"), record: None }
}

pub(super) fn begin(store: &mut dyn PresenceStore, project: &str, seq: u64) -> ProjectId {
    let project = project_id(project);
    store.begin(&project, &Run { epoch: "first".to_owned(), seq }).expect("the run is kept");
    project
}

#[track_caller]
pub(super) fn assert_kept(open: Open<'_>, project: &ProjectId, seq: u64, records: &[&Arc<Record>]) {
    let (run, kept) = open().load(project).expect("an answer").expect("the project has a run");
    assert_eq!(run, Run { epoch: "first".to_owned(), seq });
    let records: Vec<&Record> = records.iter().map(|record| record.as_ref()).collect();
    assert_eq!(kept.iter().collect::<Vec<_>>(), records);
}

fn a_project_of_which_nothing_was_kept_has_no_run(open: Open<'_>) {
    assert!(open().load(&project_id("unknown")).expect("an answer").is_none());
}

fn records_come_back_in_the_order_of_creation(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "order", 0);
    let (first, second, third) = (record("c", 1, "one"), record("a", 2, "two"), record("b", 10, "three"));
    let batch = [written(&project, 10, &third), written(&project, 1, &first), written(&project, 2, &second)];
    store.save(&batch).expect("kept");
    drop(store);
    assert_kept(open, &project, 10, &[&first, &second, &third]);
}

fn the_last_of_a_batch_wins_and_ends_are_kept(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "last", 0);
    let (former, changed, again) = (record("a", 1, "one"), record("a", 1, "two"), record("b", 6, "new"));
    let (first, second) = (record("b", 2, "old"), record("c", 3, "short"));
    store.save(&[written(&project, 2, &first), written(&project, 3, &second)]).expect("kept");
    let batch = [
        written(&project, 3, &former),
        written(&project, 4, &changed),
        ended(&project, 5, "b"),
        written(&project, 6, &again),
        ended(&project, 7, "c"),
    ];
    store.save(&batch).expect("kept");
    drop(store);
    assert_kept(open, &project, 7, &[&changed, &again]);
}

fn a_record_made_anew_takes_its_new_place(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "anew", 0);
    let (former, other, anew) = (record("a", 1, "one"), record("b", 2, "two"), record("a", 4, "three"));
    store.save(&[written(&project, 1, &former), written(&project, 2, &other)]).expect("kept");
    // Its end between the two was never written by itself.
    store.save(&[written(&project, 4, &anew)]).expect("kept");
    drop(store);
    assert_kept(open, &project, 4, &[&other, &anew]);
}

fn the_same_batch_twice_is_harmless(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "twice", 0);
    let one = record("a", 1, "one");
    let batch = [written(&project, 1, &one), ended(&project, 2, "b")];
    store.save(&batch).expect("kept");
    store.save(&batch).expect("kept again");
    store.save(&batch[..1]).expect("kept again, and the run does not go back");
    store.save(&[]).expect("nothing to keep");
    drop(store);
    assert_kept(open, &project, 2, &[&one]);
}

fn projects_do_not_see_each_other(open: Open<'_>) {
    let mut store = open();
    let (left, right) = (begin(store.as_mut(), "left", 0), begin(store.as_mut(), "right", 100));
    let (mine, yours) = (record("same", 1, "mine"), record("same", 101, "yours"));
    store.save(&[written(&left, 1, &mine), written(&right, 101, &yours)]).expect("kept");
    drop(store);
    assert_kept(open, &left, 1, &[&mine]);
    assert_kept(open, &right, 101, &[&yours]);
    open().save(&[ended(&left, 2, "same")]).expect("kept");
    assert_kept(open, &left, 2, &[]);
    assert_kept(open, &right, 101, &[&yours]);
}

fn a_new_run_keeps_the_records(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "epochs", 0);
    let one = record("a", 9, "one");
    store.save(&[written(&project, 9, &one)]).expect("kept");
    store.begin(&project, &Run { epoch: "second".to_owned(), seq: 5 }).expect("kept");
    drop(store);
    let (run, records) = open().load(&project).expect("an answer").expect("the project has a run");
    assert_eq!(run, Run { epoch: "second".to_owned(), seq: 5 });
    assert_eq!(records, [one.as_ref().clone()]);
}

fn a_forgotten_project_stays_forgotten(open: Open<'_>) {
    let mut store = open();
    let (gone, stays) = (begin(store.as_mut(), "gone", 0), begin(store.as_mut(), "stays", 0));
    let (one, two) = (record("a", 1, "one"), record("b", 2, "two"));
    store.save(&[written(&gone, 1, &one), written(&stays, 1, &one)]).expect("kept");
    store.forget(&gone).expect("forgotten");
    // What was on its way meanwhile finds no run; its neighbours are kept all the same.
    store.save(&[written(&gone, 2, &two), written(&stays, 2, &two)]).expect("kept");
    assert!(store.load(&gone).expect("an answer").is_none());
    begin(store.as_mut(), "gone", 0);
    drop(store);
    assert_kept(open, &gone, 0, &[]);
    assert_kept(open, &stays, 2, &[&one, &two]);
}

fn projects_are_told_until_they_are_forgotten(open: Open<'_>) {
    let mut store = open();
    let (one, two) = (begin(store.as_mut(), "told-one", 0), begin(store.as_mut(), "told-two", 0));
    store.save(&[written(&one, 1, &record("a", 1, "one"))]).expect("kept");
    drop(store);
    let told = |store: &mut dyn PresenceStore| {
        let all = store.projects().expect("a list");
        [&one, &two].map(|project| all.iter().filter(|other| *other == project).count())
    };
    let mut store = open();
    assert_eq!(told(store.as_mut()), [1, 1]);
    store.forget(&one).expect("forgotten");
    assert_eq!(told(store.as_mut()), [0, 1]);
}

fn a_batch_that_cannot_be_kept_leaves_nothing(open: Open<'_>) {
    let mut store = open();
    let project = begin(store.as_mut(), "whole", 0);
    let (one, two, endless) = (record("a", 1, "one"), record("b", 2, "two"), record("c", u64::MAX, "endless"));
    store.save(&[written(&project, 1, &one)]).expect("kept");
    // No backend has room for this creation number; it comes after rows that could be kept.
    let batch = [written(&project, 2, &two), ended(&project, 3, "a"), written(&project, 4, &endless)];
    assert!(store.save(&batch).is_err());
    store.save(&[written(&project, 5, &two)]).expect("the store works on");
    drop(store);
    assert_kept(open, &project, 5, &[&one, &two]);
}
