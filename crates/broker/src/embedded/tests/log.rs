//! The way of changes into the journal: in order, each once, and none that is saved.

use herenow_core::PresenceId;
use herenow_store::{Noted, Saved, StoreError};

use super::{
    failing::{FakeStore, Fault},
    project_id,
};
use crate::embedded::log::{Log, Ticket};

fn log() -> (Log, FakeStore) {
    let store = FakeStore::with_journal();
    (Log::new(Box::new(store.clone())), store)
}

/// Notes a change of this number.
fn note(log: &Log, seq: u64) -> Ticket {
    let id = PresenceId::parse("a").expect("an id");
    log.note(Noted { epoch: "e".into(), saved: Saved { project: project_id(), seq, id, record: None } });
    log.last()
}

#[test]
fn one_append_keeps_all_that_was_noted() {
    let (log, store) = log();
    let tickets = [1, 2, 3].map(|seq| note(&log, seq));
    assert_eq!((tickets, log.last()), ([1, 2, 3], 3));
    for ticket in tickets {
        log.keep(ticket).expect("kept");
    }
    assert_eq!((store.appends(), store.appended()), (1, vec![1, 2, 3]));
}

#[test]
fn what_could_not_be_appended_goes_before_what_comes_later() {
    let (log, store) = log();
    let first = note(&log, 1);
    store.fail_journal(Fault::Full);
    assert!(matches!(log.keep(first), Err(StoreError::Full)));
    assert!(log.probe().is_err());
    let second = note(&log, 2);
    assert!(log.keep(second).is_err());
    store.work();
    log.keep(second).expect("kept");
    log.keep(first).expect("it is among them");
    assert_eq!(store.appended(), [1, 2]);
}

#[test]
fn what_was_saved_is_not_appended_any_more() {
    let (log, store) = log();
    let first = note(&log, 1);
    log.keep(first).expect("kept");
    note(&log, 2);
    let upto = log.begin_part().expect("a new part");
    let third = note(&log, 3);
    log.saved(upto).expect("the former part goes");
    log.keep(upto).expect("it is saved");
    assert_eq!((upto, store.appends()), (2, 1));
    log.keep(third).expect("kept");
    assert_eq!(store.appended(), [3], "in both parts");
}

#[test]
fn what_was_appended_meanwhile_stays() {
    let (log, store) = log();
    note(&log, 1);
    let upto = log.begin_part().expect("a new part");
    let second = note(&log, 2);
    log.keep(second).expect("kept");
    log.saved(upto).expect("the former part goes");
    log.keep(second).expect("still");
    assert_eq!(store.appended(), [1, 2], "what is appended is in order, saved or not");
}
