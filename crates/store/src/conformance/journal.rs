//! Checks of the journal beside saved presences.

use super::{
    fixtures::{record, written},
    presences::{Open, assert_kept, begin, ended},
};
use crate::{Journal, PresenceStore, Run, Saved};

/// Runs every check of [`Journal`] on a store that has one. Each call of `open` opens the same data, which begins empty.
pub fn journal(open: Open<'_>) {
    what_is_appended_is_there_when_it_is_opened_again(open);
    what_is_saved_does_not_go_back(open);
    what_belongs_to_another_run_is_passed_over(open);
    a_part_is_dropped_and_the_next_stays(open);
    a_former_part_stays_until_it_is_dropped(open);
    a_probe_leaves_nothing(open);
}

const EPOCH: &str = "first";

fn append<const CHANGES: usize>(journal: &mut dyn Journal, epoch: &str, batch: [&Saved; CHANGES]) {
    journal.append(&mut batch.into_iter().map(|saved| saved.noted(epoch))).expect("kept");
}

fn open_both(open: Open<'_>) -> (Box<dyn PresenceStore>, Box<dyn Journal>) {
    let mut store = open();
    let journal = store.journal().expect("it has a journal");
    assert!(store.journal().is_none(), "there is one of it");
    (store, journal)
}

fn what_is_appended_is_there_when_it_is_opened_again(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let (project, other) = (begin(store.as_mut(), "appended", 0), begin(store.as_mut(), "appended-too", 0));
    let (former, changed, short) = (record("a", 1, "one"), record("a", 1, "two"), record("b", 2, "short"));
    append(journal.as_mut(), EPOCH, []);
    append(journal.as_mut(), EPOCH, [&written(&project, 1, &former), &written(&project, 2, &short)]);
    append(journal.as_mut(), EPOCH, [&written(&other, 1, &former), &written(&project, 3, &changed)]);
    append(journal.as_mut(), EPOCH, [&ended(&project, 4, "b")]);
    drop((store, journal));
    assert_kept(open, &project, 4, &[&changed]);
    assert_kept(open, &other, 1, &[&former]);
    let (store, mut journal) = open_both(open);
    let next = record("c", 5, "next");
    append(journal.as_mut(), EPOCH, [&written(&project, 5, &next)]);
    drop((store, journal));
    assert_kept(open, &project, 5, &[&changed, &next]);
}

fn what_is_saved_does_not_go_back(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let project = begin(store.as_mut(), "saved", 0);
    let (one, two) = (record("a", 1, "one"), record("b", 2, "two"));
    append(journal.as_mut(), EPOCH, [&written(&project, 1, &one), &written(&project, 2, &two)]);
    // The end was saved and never appended.
    store.save(&[ended(&project, 3, "a"), written(&project, 2, &two)]).expect("kept");
    drop((store, journal));
    assert_kept(open, &project, 3, &[&two]);
}

fn what_belongs_to_another_run_is_passed_over(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let (anew, gone) = (begin(store.as_mut(), "anew-run", 0), begin(store.as_mut(), "gone-run", 0));
    let one = record("a", 1, "one");
    append(journal.as_mut(), EPOCH, [&written(&anew, 1, &one), &written(&gone, 1, &one)]);
    let mine = written(&anew, 1, &record("b", 1, "mine"));
    for project in [&anew, &gone] {
        store.forget(project).expect("forgotten");
    }
    store.begin(&anew, &Run { epoch: "second".to_owned(), seq: 0 }).expect("a run");
    append(journal.as_mut(), "second", [&mine]);
    drop((store, journal));
    let mut store = open();
    assert!(store.load(&gone).expect("an answer").is_none());
    let (run, records) = store.load(&anew).expect("an answer").expect("a run");
    assert_eq!((run.seq, records.len()), (1, 1));
    assert_eq!(records.first(), mine.record.as_deref());
}

fn a_part_is_dropped_and_the_next_stays(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let project = begin(store.as_mut(), "parts", 0);
    let [one, two, three] = [1, 2, 3].map(|number| record(&format!("r{number}"), number, "here"));
    for (number, record) in [(1, &one), (2, &two), (3, &three)] {
        append(journal.as_mut(), EPOCH, [&written(&project, number, record)]);
        if number < 3 {
            journal.begin_part().expect("no former part is there");
            journal.drop_former().expect("dropped");
        }
    }
    drop((store, journal));
    assert_kept(open, &project, 3, &[&three]);
}

fn a_former_part_stays_until_it_is_dropped(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let project = begin(store.as_mut(), "former", 0);
    let (one, two) = (record("a", 1, "one"), record("b", 2, "two"));
    append(journal.as_mut(), EPOCH, [&written(&project, 1, &one)]);
    journal.begin_part().expect("a new part");
    append(journal.as_mut(), EPOCH, [&written(&project, 2, &two)]);
    assert!(journal.begin_part().is_err(), "it would have to be dropped first");
    drop((store, journal));
    assert_kept(open, &project, 2, &[&one, &two]);
}

fn a_probe_leaves_nothing(open: Open<'_>) {
    let (mut store, mut journal) = open_both(open);
    let project = begin(store.as_mut(), "probe", 0);
    let (one, two) = (record("a", 1, "one"), record("b", 2, "two"));
    for (number, record) in [(1, &one), (2, &two)] {
        journal.probe().expect("there is room");
        append(journal.as_mut(), EPOCH, [&written(&project, number, record)]);
    }
    journal.probe().expect("there is room");
    drop((store, journal));
    assert_kept(open, &project, 2, &[&one, &two]);
}
