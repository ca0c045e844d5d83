//! One project with a tracker, a hub, and listeners of whom the test knows what they must be told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use herenow_core::{
    ConnectionId, Presence, ProjectId, Timestamp, Tracker, Viewer,
    order::{Entry, Mark, Sight},
    tracker::{Change, Command, Decision},
};
use herenow_wire::realtime::SubscribeRow;
use serde_json::{Value, json};

use super::naive::{self, EPOCH, Row, Telling, may_read, news, payload};
use crate::{
    Hub, Wish,
    outbox::{Outbox, Scratch},
    testing::FakeClient,
};

/// Somebody who listens, and what they must have been told so far.
pub(super) struct Listener {
    pub(super) viewer: Viewer,
    pub(super) rows: Vec<Row>,
    pub(super) client: FakeClient,
    pub(super) outbox: Arc<Outbox>,
    pub(super) expected: Vec<Value>,
}

pub(super) struct World {
    pub(super) tracker: Tracker,
    pub(super) hub: Hub,
    pub(super) now: Timestamp,
    pub(super) listeners: BTreeMap<u64, Listener>,
    pub(super) project: ProjectId,
    ticket: u64,
    log: Vec<Arc<Change>>,
    /// Who was here after each change.
    past: Vec<Vec<Arc<Presence>>>,
    /// Events that those who left had been told of.
    pub(super) told_to_the_gone: usize,
}

/// How much a new client takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Appetite {
    Everything,
    Nothing,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            tracker: Tracker::new(0),
            hub: Hub::default(),
            now: Timestamp::from_millis(1_785_578_400_000),
            listeners: BTreeMap::new(),
            project: ProjectId::parse("project").expect("an id"),
            ticket: 0,
            log: Vec::new(),
            past: vec![Vec::new()],
            told_to_the_gone: 0,
        }
    }

    pub(super) fn connect(&mut self, number: u64, viewer: Viewer, appetite: Appetite) {
        self.leave(number);
        let client = match appetite {
            Appetite::Everything => FakeClient::hungry(),
            Appetite::Nothing => FakeClient::with_room(0),
        };
        let outbox = Arc::new(Outbox::new(Box::new(client.clone()), 1 << 24));
        self.hub.register(ConnectionId(number), self.project.clone(), viewer.clone(), outbox.clone());
        let listener = Listener { viewer, rows: Vec::new(), client, outbox, expected: Vec::new() };
        self.listeners.insert(number, listener);
    }

    pub(super) fn leave(&mut self, number: u64) {
        let ids = self.hub.unregister(ConnectionId(number));
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let Some(listener) = self.listeners.remove(&number) else { return assert!(ids.is_empty()) };
        assert_eq!(ids, listener.rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>());
        self.told_to_the_gone += listener.events();
    }

    /// Begins subscriptions at once; `from` says for each where its client's knowledge ends, if anywhere.
    pub(super) fn subscribe(&mut self, number: u64, rows: Vec<SubscribeRow>, from: &[Option<u64>]) {
        if !self.listeners.contains_key(&number) {
            return;
        }
        let sights = rows.iter().zip(from).map(|(row, from)| self.sight(number, row, *from)).collect();
        self.expect_subscribe(number, &rows, from);
        let reply = Some(json!({"reply": self.ticket}).to_string());
        self.mark(number, Wish::Subscribe { rows, reply }, Sight::Each(sights));
    }

    /// What the broker would hand out for a row.
    fn sight(&self, number: u64, row: &SubscribeRow, from: Option<u64>) -> Sight {
        match from {
            Some(seq) => Sight::Missed(self.log[usize::try_from(seq).expect("small")..].to_vec()),
            None if wants_state(row) => {
                Sight::All(self.tracker.readable(&self.listeners[&number].viewer, self.now).collect())
            }
            None => Sight::Nothing,
        }
    }

    fn expect_subscribe(&mut self, number: u64, rows: &[SubscribeRow], from: &[Option<u64>]) {
        let (at, seq, reply) = (self.now, self.tracker.seq(), self.ticket);
        let listener = self.listeners.get_mut(&number).expect("it is here");
        listener.expected.push(json!({"reply": reply}));
        let ids: Vec<_> = rows.iter().map(|row| row.id.clone().expect("an id")).collect();
        for (index, (row, from)) in rows.iter().zip(from).enumerate() {
            let id = ids[index].clone();
            listener.rows.retain(|row| row.id != id);
            if ids[index + 1..].contains(&id) {
                continue;
            }
            let (channels, queries) = (row.channels.clone(), row.queries.clone());
            let known = match from {
                Some(seq) => &self.past[usize::try_from(*seq).expect("small")][..],
                None if wants_state(row) => &[],
                None => self.past.last().expect("there is a beginning"),
            };
            let known = known.iter().map(|presence| payload(presence));
            let start = known.filter(|payload| may_read(payload, &listener.viewer)).collect();
            let row = Row { id, channels, queries, reply, start };
            match from {
                Some(known) => {
                    for change in &self.log[usize::try_from(*known).expect("small")..] {
                        listener.tell(change, std::slice::from_ref(&row));
                    }
                }
                None if row.channels.iter().any(|channel| channel == "snapshot.presences") => {
                    let here = self.past.last().expect("there is a beginning");
                    listener.tell_snapshot(here, &row, at, seq);
                }
                None => {}
            }
            listener.rows.push(row);
        }
    }

    pub(super) fn unsubscribe(&mut self, number: u64, id: &str) {
        let removed = self.hub.unsubscribe(ConnectionId(number), &[id.to_owned()]);
        let Some(listener) = self.listeners.get_mut(&number) else { return assert_eq!(removed, [false]) };
        let before = listener.rows.len();
        listener.rows.retain(|row| row.id != id);
        assert_eq!(removed, [listener.rows.len() < before]);
    }

    /// Somebody's roles change, or they are somebody else from now on: semantics 13.
    pub(super) fn become_viewer(&mut self, number: u64, viewer: Viewer) {
        let (at, seq) = (self.now, self.tracker.seq());
        let Some(listener) = self.listeners.get_mut(&number) else { return };
        let before = std::mem::replace(&mut listener.viewer, viewer.clone());
        let here = self.past.last().expect("there is a beginning");
        let (mut came, mut went) = (Vec::new(), Vec::new());
        for presence in here {
            let payload = payload(presence);
            match (may_read(&payload, &before), may_read(&payload, &viewer)) {
                (false, true) => came.push(presence.clone()),
                (true, false) => went.push(presence.clone()),
                _ => {}
            }
        }
        let shift = came.iter().map(|one| (one, "upsert")).chain(went.iter().map(|one| (one, "delete")));
        for (presence, verb) in shift {
            let telling = Telling { payload: &payload(presence), verb, at, seq, is_snapshot: false };
            listener.expected.extend(telling.frame(listener.rows.iter().filter(|row| row.queries.is_everything())));
        }
        self.mark(number, Wish::Become { viewer, reply: None }, Sight::Shift { came, went });
    }

    fn mark(&mut self, number: u64, wish: Wish, sight: Sight) {
        self.hub.wish(self.ticket, ConnectionId(number), wish);
        let mark = Mark { ticket: self.ticket, seq: self.tracker.seq(), at: self.now, sight };
        self.ticket += 1;
        self.hub.deliver(&Entry::Mark { project: self.project.clone(), epoch: EPOCH.into(), mark });
    }

    pub(super) fn command(&mut self, command: &Command) {
        for id in self.tracker.due_before(command, self.now) {
            self.decide(&Command::EndDue { id });
        }
        self.decide(command);
    }

    fn decide(&mut self, command: &Command) {
        // A refusal changes nothing, which is the tracker's own affair.
        if let Ok(Decision::Change(change)) = self.tracker.decide(command, self.now) {
            self.deliver(Arc::new(change));
        }
    }

    fn deliver(&mut self, change: Arc<Change>) {
        self.tracker.fold(&change);
        for listener in self.listeners.values_mut() {
            let rows = std::mem::take(&mut listener.rows);
            listener.tell(&change, &rows);
            listener.rows = rows;
        }
        self.log.push(change.clone());
        self.past.push(self.tracker.readable(&Viewer::Privileged, self.now).collect());
        self.hub.deliver(&Entry::Change { project: self.project.clone(), epoch: EPOCH.into(), change });
    }

    /// Lets time pass; what is due ends at its deadline.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some(due) = self.tracker.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            for id in self.tracker.due(self.now, 256) {
                self.decide(&Command::EndDue { id });
            }
        }
        self.now = end;
    }

    /// How many changes there were.
    pub(super) fn changes(&self) -> u64 {
        self.tracker.seq()
    }

    pub(super) fn flush(&self) {
        self.hub.flush(&mut Scratch::new());
    }

    /// Invariant 3: what was sent adds up to what could be listed.
    pub(super) fn check_views(&self) {
        for listener in self.listeners.values() {
            let listed = self.tracker.readable(&listener.viewer, self.now).map(|presence| {
                let payload = payload(&presence);
                (presence.id.to_string(), naive::comparable(&payload))
            });
            let listed: BTreeMap<String, Value> = listed.collect();
            let received = listener.client.json();
            for row in listener.rows.iter().filter(|row| row.is_plain()) {
                assert_eq!(naive::view(row, &received), listed, "{:?} as {:?}", row, listener.viewer);
            }
        }
    }
}

impl Listener {
    fn tell(&mut self, change: &Change, rows: &[Row]) {
        let Some((payload, verb)) = news(change, &self.viewer) else { return };
        let telling = Telling { payload: &payload, verb, at: change.at, seq: change.seq, is_snapshot: false };
        self.expected.extend(telling.frame(rows.iter()));
    }

    fn tell_snapshot(&mut self, here: &[Arc<Presence>], row: &Row, at: Timestamp, seq: u64) {
        let readable = here.iter().map(|presence| payload(presence)).filter(|one| may_read(one, &self.viewer));
        // A snapshot's items are what stands, whatever the event channels of the subscription.
        let frames: Vec<Value> = readable
            .filter_map(|payload| {
                let telling = Telling { payload: &payload, verb: "upsert", at, seq, is_snapshot: true };
                telling.frame(std::iter::once(row))
            })
            .collect();
        let end = naive::end(frames.len(), at, seq, &row.id);
        self.expected.extend(frames);
        self.expected.push(end);
    }

    /// How many events it must have been told of.
    pub(super) fn events(&self) -> usize {
        let is_event = |frame: &&Value| frame["data"]["payload"]["$id"].is_string();
        self.expected.iter().filter(is_event).count()
    }
}

fn wants_state(row: &SubscribeRow) -> bool {
    row.channels.iter().any(|channel| channel == "snapshot.presences")
}
