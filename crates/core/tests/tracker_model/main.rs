//! Random commands against the tracker and against a naive model that keeps nothing but a list of holders:
//! both must show the same records, and what a connection was told must add up to what it may list.

mod model;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use herenow_core::{
    Action, ConnectionId, Metadata, Permissions, PresenceId, Role, Roles, SessionId, Source, Timestamp, UserId, Viewer,
    invariants::{check_change, check_tracker},
    permission::Grants,
    tracker::{Announcement, Change, Command, Decision, HolderKey, Rejection, SocketEnd, Tracker, Update, Upsert},
};
use proptest::prelude::*;

use self::model::Model;

const LEASE: Duration = Duration::from_secs(900);

#[derive(Debug, Clone)]
enum Step {
    Lease { user: u8, id: u8, status: u8, grant: Grant, seconds: Option<u16> },
    Frame { user: u8, socket: u8, id: u8, status: u8, grant: Grant, metadata: Option<u8> },
    Patch { viewer: Who, id: u8, status: Option<u8>, grant: Option<Grant>, seconds: Option<u16>, to: Option<u8> },
    Delete { viewer: Who, id: u8 },
    Close { socket: u8, grace: Option<u16> },
    EndSession { user: u8 },
    EndUser { user: u8 },
    Pass { seconds: u32 },
}

#[derive(Debug, Clone, Copy)]
enum Grant {
    Default,
    Users,
    Nobody,
    Other(u8),
    WriteAny,
}

#[derive(Debug, Clone, Copy)]
enum Who {
    Key,
    User(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (user, id, socket, status) = (0..3_u8, 0..4_u8, 0..4_u8, 0..4_u8);
    let grant = prop_oneof![
        Just(Grant::Default),
        Just(Grant::Users),
        Just(Grant::Nobody),
        (0..3_u8).prop_map(Grant::Other),
        Just(Grant::WriteAny)
    ];
    let who = prop_oneof![Just(Who::Key), (0..3_u8).prop_map(Who::User)];
    let seconds = prop::option::of(1..200_u16);
    let step = prop_oneof![
        3 => (user.clone(), id.clone(), status.clone(), grant.clone(), seconds.clone())
            .prop_map(|(user, id, status, grant, seconds)| Step::Lease { user, id, status, grant, seconds }),
        4 => (user.clone(), socket.clone(), id.clone(), status.clone(), grant.clone(), prop::option::of(0..3_u8))
            .prop_map(|(user, socket, id, status, grant, metadata)| {
                Step::Frame { user, socket, id, status, grant, metadata }
            }),
        3 => (who.clone(), id.clone(), prop::option::of(status), prop::option::of(grant), seconds.clone(),
              prop::option::weighted(0.1, 0..3_u8))
            .prop_map(|(viewer, id, status, grant, seconds, to)| {
                Step::Patch { viewer, id, status, grant, seconds, to }
            }),
        1 => (who, id).prop_map(|(viewer, id)| Step::Delete { viewer, id }),
        3 => (socket, prop::option::of(1..60_u16)).prop_map(|(socket, grace)| Step::Close { socket, grace }),
        1 => user.clone().prop_map(|user| Step::EndSession { user }),
        1 => user.prop_map(|user| Step::EndUser { user }),
        3 => prop_oneof![1..30_u32, 100..1000_u32, 1_400_000..1_600_000_u32].prop_map(|seconds| Step::Pass { seconds }),
    ];
    prop::collection::vec(step, 1..60)
}

fn user(number: u8) -> UserId {
    UserId::parse(&format!("u{number}")).expect("an id")
}

fn presence_id(number: u8) -> PresenceId {
    PresenceId::parse(&format!("p{number}")).expect("an id")
}

/// Socket `s` is always of the session of user `s % 3`, so that sessions have several sockets.
fn session(user: u8) -> SessionId {
    SessionId::parse(&format!("s{user}")).expect("an id")
}

fn viewer(who: Who) -> Viewer {
    match who {
        Who::Key => Viewer::Privileged,
        Who::User(number) => Viewer::plain_user(user(number)),
    }
}

fn permissions(grant: Grant, owner: u8) -> Option<Permissions> {
    let other;
    let texts: &[&str] = match grant {
        Grant::Default => return None,
        Grant::Users => &["read(\"users\")"],
        Grant::Nobody => &[],
        Grant::Other(number) => {
            other = format!("read(\"user:u{}\")", (owner + number) % 3);
            &[&other]
        }
        Grant::WriteAny => &["read(\"any\")", "write(\"any\")"],
    };
    Some(Permissions::parse(texts.iter().copied()).expect("valid"))
}

/// The tracker, the model, and a few who listen.
struct Run {
    tracker: Tracker,
    model: Model,
    now: Timestamp,
    /// By listener: what it believes to be here, by id.
    heard: Vec<(Viewer, BTreeMap<String, Arc<herenow_core::Presence>>)>,
    last_updated: BTreeMap<(String, u64), Timestamp>,
}

impl Run {
    fn new() -> Self {
        let team = Viewer::User {
            id: UserId::parse("listener").expect("an id"),
            roles: ["any", "users", "user:listener"].into_iter().filter_map(Role::parse).collect::<Roles>(),
        };
        let mut viewers = vec![Viewer::Privileged, Viewer::guest(), team];
        viewers.extend((0..3).map(|number| Viewer::plain_user(user(number))));
        Self {
            tracker: Tracker::new(0),
            model: Model::default(),
            now: Timestamp::from_millis(1_785_578_400_000),
            heard: viewers.into_iter().map(|viewer| (viewer, BTreeMap::new())).collect(),
            last_updated: BTreeMap::new(),
        }
    }

    fn fold(&mut self, change: &Change) {
        check_change(change).expect("a change that may follow");
        assert_eq!(self.tracker.seq() + 1, change.seq);
        self.tracker.fold(change);
        if change.announcement.is_some() && change.after.is_some() {
            let subject = change.subject();
            let key = (subject.id.to_string(), subject.creation);
            let before = self.last_updated.insert(key, subject.updated_at);
            assert!(before.is_none_or(|before| before < subject.updated_at), "$updatedAt must grow strictly");
        }
        // Semantics 12, from each listener's point of view.
        let Some(announcement) = change.announcement else { return };
        let before = change.before.as_ref().map(|record| record.presence.clone());
        let after = change.after.as_ref().map(|record| record.presence.clone());
        for (viewer, here) in &mut self.heard {
            let sees = |presence: &&Arc<herenow_core::Presence>| presence.allows(Action::Read, viewer);
            if let Some(after) = after.as_ref().filter(sees) {
                assert_ne!(announcement, Announcement::Delete);
                here.insert(after.id.to_string(), after.clone());
            } else if let Some(before) = before.as_ref().filter(sees) {
                assert!(here.remove(before.id.as_str()).is_some(), "a delete of what was never announced");
            }
        }
    }

    fn command(&mut self, command: &Command) -> Result<Decision, Rejection> {
        for id in self.tracker.due_before(command, self.now) {
            if let Decision::Change(change) = self.tracker.decide(&Command::EndDue { id }, self.now)? {
                self.fold(&change);
            }
        }
        self.model.settle(self.now);
        let decision = self.tracker.decide(command, self.now)?;
        if let Decision::Change(change) = &decision {
            self.fold(change);
        }
        Ok(decision)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Lease { user: number, id, status, grant, seconds } => {
                let upsert = Upsert {
                    id: presence_id(*id),
                    user: user(*number),
                    holder: HolderKey::Rest,
                    session: None,
                    status: format!("status {status}").into(),
                    metadata: None,
                    permissions: permissions(*grant, *number),
                    expires_at: seconds.map(|seconds| self.now.plus(Duration::from_secs(seconds.into()))),
                    default_expiry: LEASE,
                    source: Source::Rest,
                };
                self.upsert(upsert);
            }
            Step::Frame { user: number, socket, id, status, grant, metadata } => {
                // A socket belongs to one user; the step's user decides only which of that user's it is.
                let number = (number + socket) % 3;
                let upsert = Upsert {
                    id: presence_id(*id),
                    user: user(number),
                    holder: HolderKey::Socket(ConnectionId(u64::from(socket * 3 + number))),
                    session: Some(session(number)),
                    status: format!("status {status}").into(),
                    metadata: metadata.map(|n| Metadata::parse(&format!("{{\"n\":{n}}}")).expect("valid")),
                    permissions: permissions(*grant, number),
                    expires_at: None,
                    default_expiry: LEASE,
                    source: Source::Realtime,
                };
                self.upsert(upsert);
            }
            Step::Patch { viewer: who, id, status, grant, seconds, to } => {
                self.patch(*who, *id, *status, *grant, *seconds, *to)
            }
            Step::Delete { viewer: who, id } => {
                let (id, viewer) = (presence_id(*id), viewer(*who));
                let result = self.command(&Command::Delete { id: id.clone(), viewer: viewer.clone() }).map(drop);
                let expected = if !self.model.may(id.as_str(), Action::Read, &viewer) {
                    Err(Rejection::NotFound)
                } else if !self.model.may(id.as_str(), Action::Delete, &viewer) {
                    Err(Rejection::Unauthorized)
                } else {
                    self.model.records.remove(id.as_str());
                    Ok(())
                };
                assert_eq!(result, expected);
            }
            Step::Close { socket, grace } => self.close(u64::from(*socket), *grace),
            Step::EndSession { user: number } => {
                let (user, session) = (user(*number), session(*number));
                let end = Command::EndSession { user: user.clone(), session: session.clone() };
                self.command(&end).expect("an end is never refused");
                self.model.end(|owner, held| *owner == user && held.session.as_ref() == Some(&session));
            }
            Step::EndUser { user: number } => {
                let user = user(*number);
                self.command(&Command::EndUser { user: user.clone() }).expect("an end is never refused");
                self.model.end(|owner, _| *owner == user);
            }
            Step::Pass { seconds } => self.pass(*seconds),
        }
    }

    fn upsert(&mut self, upsert: Upsert) {
        let result = self.command(&Command::Upsert(upsert.clone()));
        let expected = self.model.upsert(&upsert, self.now);
        assert_eq!(result.is_ok(), expected, "{result:?}");
        if !expected {
            assert_eq!(result.err(), Some(Rejection::Exists));
        }
    }

    fn patch(
        &mut self,
        who: Who,
        id: u8,
        status: Option<u8>,
        grant: Option<Grant>,
        seconds: Option<u16>,
        to: Option<u8>,
    ) {
        let update = Update {
            id: presence_id(id),
            viewer: viewer(who),
            grants: Grants::ReadToAnyone,
            user: to.filter(|_| matches!(who, Who::Key)).map(user),
            status: status.map(|status| format!("status {status}").into()),
            metadata: None,
            // Only what every caller may grant: what may be granted has tests of its own.
            permissions: grant
                .filter(|grant| !matches!(grant, Grant::WriteAny))
                .and_then(|grant| permissions(grant, id)),
            expires_at: seconds.map(|seconds| self.now.plus(Duration::from_secs(seconds.into()))),
        };
        let result = self.command(&Command::Update(update.clone())).map(drop);
        assert_eq!(result, self.model.update(&update));
    }

    fn close(&mut self, connection: u64, grace: Option<u16>) {
        let until = grace.map(|seconds| self.now.plus(Duration::from_secs(seconds.into())));
        let end = until.map_or(SocketEnd::Now, SocketEnd::Grace);
        let connection = ConnectionId(connection);
        self.command(&Command::EndSocket { connection, end }).expect("an end is never refused");
        let key = HolderKey::Socket(connection);
        match until {
            None => self.model.end(|_, held| held.key == key),
            Some(until) => {
                for held in self.model.records.values_mut().flat_map(|(_, held)| held).filter(|held| held.key == key) {
                    held.grace = Some(held.grace.map_or(until, |grace| grace.min(until)));
                    held.renews = false;
                }
            }
        }
    }

    fn pass(&mut self, seconds: u32) {
        let end = self.now.plus(Duration::from_secs(seconds.into()));
        // As the expiry task does: at each deadline, so that open sockets are renewed in time.
        while let Some(due) = self.tracker.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            for id in self.tracker.due(self.now, 256) {
                match self.tracker.decide(&Command::EndDue { id }, self.now) {
                    Ok(Decision::Change(change)) => self.fold(&change),
                    other => panic!("what is due changes: {other:?}"),
                }
            }
            self.model.settle(self.now);
        }
        self.now = end;
        self.model.settle(end);
    }

    fn check(&self) {
        check_tracker(&self.tracker).expect("the invariants hold");
        let shown: BTreeMap<_, _> = self
            .tracker
            .readable(&Viewer::Privileged, self.now)
            .map(|presence| (presence.id.to_string(), presence))
            .collect();
        assert_eq!(shown.keys().collect::<Vec<_>>(), self.model.records.keys().collect::<Vec<_>>());
        for (id, presence) in &shown {
            let (owner, held) = &self.model.records[id];
            let expected = Model::shown(held);
            assert_eq!(presence.user, *owner);
            assert_eq!(*presence.state.status, expected.status);
            assert_eq!(presence.state.metadata, expected.metadata);
            assert_eq!(presence.state.permissions, expected.permissions);
            assert_eq!(presence.state.expires_at, expected.expires_at);
            assert_eq!(presence.state.source, expected.source);
        }
        for (viewer, here) in &self.heard {
            let listed: BTreeMap<_, _> =
                self.tracker.readable(viewer, self.now).map(|presence| (presence.id.to_string(), presence)).collect();
            // Another holder may come to show the very same state: `$updatedAt` moves on and nobody is told.
            // So is nobody when an open socket's expiry is pushed on.
            let comparable = |presences: &BTreeMap<String, Arc<herenow_core::Presence>>| -> Vec<_> {
                let told = |p: &Arc<herenow_core::Presence>| {
                    let silent = p.state.source == Source::Realtime;
                    let expires_at = if silent { Timestamp::MAX } else { p.state.expires_at };
                    (p.id.clone(), p.user.clone(), herenow_core::State { expires_at, ..p.state.clone() })
                };
                presences.values().map(told).collect()
            };
            assert_eq!(comparable(here), comparable(&listed), "what {viewer:?} heard is not what it may list");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_tracker_agrees_with_a_naive_model(steps in steps()) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step);
            // Records that are due but not yet ended are still believed to be here by listeners: end them first.
            run.pass(0);
            run.check();
        }
    }
}
