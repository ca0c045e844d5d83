//! Into the project's order: every command and every mark passes through here, under the oracle's eyes.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
};

use herenow_broker::{Acknowledge, Broker, Moment, Outcome, Refusal};
use herenow_core::{
    ConnectionId, Tracker,
    order::{Ask, Entry, Ticket},
    tracker::{Change, Command},
};
use herenow_hub::Wish;

use super::Server;
use crate::{
    executor::poll_once,
    oracle::{Awaited, Oracle},
};

impl Server {
    /// Has a command decided and, as the settings say, kept.
    pub(super) async fn apply(&self, command: Command) -> Result<Outcome, Refusal> {
        let is_write = matches!(command, Command::Upsert(_) | Command::Update(_) | Command::Delete { .. });
        let mut applying = self.broker.apply(&self.project, command.clone());
        // Nothing in here waits before the command is in order: what came of it is seen at once.
        let first = poll_once(&mut applying).await;
        let changes = self.gather();
        self.around.oracle.borrow_mut().committed(&command, self.now(), &first, &changes);
        self.check_state();
        let result = match first {
            Poll::Ready(result) => result,
            Poll::Pending => applying.await,
        };
        if let Ok(Outcome::Changed(change)) = &result
            && is_write
            && self.settings.acknowledge == Acknowledge::WhenKept
        {
            let kept = self.around.disk.kept_up_to();
            self.around.oracle.borrow_mut().acknowledge(change.seq, kept);
        }
        result
    }

    /// Puts a mark into the order.
    pub(super) async fn ask(&self, ticket: Ticket, ask: Ask) -> Result<(), Refusal> {
        let result = self.broker.ask(&self.project, ticket, ask).await;
        let changes = self.gather();
        if !changes.is_empty() {
            self.around.oracle.borrow_mut().expired(self.now(), &changes);
        }
        self.around.oracle.borrow_mut().marked(ticket, self.now());
        result
    }

    pub(super) fn wish(&self, ticket: Ticket, connection: ConnectionId, wish: Wish, awaited: Awaited) {
        self.around.oracle.borrow_mut().awaits(ticket, connection, awaited);
        self.hub.wish(ticket, connection, wish);
    }

    pub(super) fn expired(&self) {
        let changes = self.gather();
        self.around.oracle.borrow_mut().expired(self.now(), &changes);
        self.check_state();
    }

    /// What is there after a start.
    pub(super) fn restore(&self) {
        self.show(|tracker, oracle| {
            oracle.restored(tracker.records().map(|record| &record.presence));
            oracle.tracked(tracker);
        });
    }

    fn check_state(&self) {
        self.show(|tracker, oracle| oracle.tracked(tracker));
    }

    /// Lets the oracle look at the tracker.
    fn show(&self, look: impl Fn(&Tracker, &mut Oracle) + Sync) {
        let mut oracle = self.around.oracle.borrow_mut();
        let oracle: &mut Oracle = &mut oracle;
        let mut read = |moment: Moment<'_>| look(moment.tracker, oracle);
        let mut showing = self.broker.show(&self.project, &mut read);
        let shown = showing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(shown, Poll::Ready(Ok(()))), "a look at an open project neither waits nor fails");
    }

    /// Takes what came into the order since the last look.
    fn gather(&self) -> Vec<Arc<Change>> {
        let mut changes = Vec::new();
        while let Some(entry) = self.entries.try_recv() {
            if let Entry::Change { change, .. } = &entry {
                changes.push(change.clone());
            }
            self.queued.borrow_mut().push_back(entry);
        }
        changes
    }
}
