//! Commands and changes as they are committed.

use std::{sync::Arc, task::Poll};

use herenow_broker::{Outcome, Refusal};
use herenow_core::{
    Timestamp, Tracker,
    invariants::{check_change, check_tracker},
    order::Ticket,
    tracker::{Change, Command},
};

use super::Oracle;
use crate::model::{Answer, Step};

/// What the broker said when it was first asked: the command was applied then, or never.
pub(crate) type First = Poll<Result<Outcome, Refusal>>;

impl Oracle {
    /// A command was put, and these changes came of it.
    pub(crate) fn committed(&mut self, command: &Command, now: Timestamp, first: &First, changes: &[Arc<Change>]) {
        let refused = match first {
            Poll::Ready(Err(Refusal::Rejected(_)) | Ok(_)) | Poll::Pending => false,
            Poll::Ready(Err(_)) => true,
        };
        if refused {
            if !changes.is_empty() {
                self.fail(format!("{command:?} was refused with {first:?} and changed {changes:?}"));
            }
            return;
        }
        let (steps, answer) = self.model.command(command, now);
        self.compare(&steps, changes, || format!("{command:?}"));
        let same = match (&answer, first) {
            (Err(expected), Poll::Ready(Err(Refusal::Rejected(found)))) => expected == found,
            (Ok(Answer::Changed), Poll::Ready(Ok(Outcome::Changed(_))) | Poll::Pending) => true,
            (Ok(Answer::Unchanged), Poll::Ready(Ok(Outcome::Unchanged(_)))) => true,
            (Ok(Answer::Nothing), Poll::Ready(Ok(Outcome::Nothing))) => true,
            _ => false,
        };
        if !same {
            self.fail(format!("{command:?} should be answered {answer:?}, was {first:?}"));
        }
    }

    /// What was due has been ended.
    pub(crate) fn expired(&mut self, now: Timestamp, changes: &[Arc<Change>]) {
        let mut steps = Vec::new();
        for change in changes {
            match self.model.end_due(change.id(), now) {
                Some(step) => steps.push(step),
                None => return self.fail(format!("at {now} nothing of {} was due, and {change:?}", change.id())),
            }
        }
        self.compare(&steps, changes, || "expiry".to_owned());
        if let Some(due) = self.model.next_due().filter(|due| *due <= now) {
            self.fail(format!("what was due at {due} has not been ended at {now}"));
        }
    }

    fn compare(&mut self, steps: &[Step], changes: &[Arc<Change>], cause: impl Fn() -> String) {
        self.counts.changes += changes.len() as u64;
        if steps.len() != changes.len() {
            return self.fail(format!("{}: expected {steps:#?}, found {changes:#?}", cause()));
        }
        let before = self.model.seq - steps.len() as u64;
        for ((step, change), seq) in steps.iter().zip(changes).zip(before + 1..) {
            if let Err(difference) = check_change(change).and_then(|()| step.check(change, seq)) {
                return self.fail(format!("{}: {difference}", cause()));
            }
        }
    }

    /// The state after a command.
    pub(crate) fn tracked(&mut self, tracker: &Tracker) {
        if let Err(difference) = check_tracker(tracker).and_then(|()| self.model.check(tracker)) {
            self.fail(difference);
        }
    }

    /// A mark took its place in the order.
    pub(crate) fn marked(&mut self, ticket: Ticket, now: Timestamp) {
        self.lists.insert(ticket, Arc::new(self.model.list(now)));
    }

    /// The writer of change `seq` was told that it is kept; the disk has everything up to `kept`.
    pub(crate) fn acknowledge(&mut self, seq: u64, kept: u64) {
        if kept < seq {
            self.fail(format!("change {seq} was acknowledged before it was kept: the disk is at {kept}"));
        }
        self.acknowledged = self.acknowledged.max(seq);
    }
}
