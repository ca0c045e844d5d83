//! How long a lost socket's holder lives where something else was to end it first.

use std::time::Duration;

use herenow_core::{
    ConnectionId, PresenceId, Source, Timestamp, UserId, Viewer,
    permission::Grants,
    tracker::{Command, Decision, HolderKey, SocketEnd, Tracker, Update, Upsert},
};

const SOCKET: ConnectionId = ConnectionId(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn id() -> PresenceId {
    PresenceId::parse("p").expect("an id")
}

fn fold(tracker: &mut Tracker, command: &Command, now: Timestamp) {
    match tracker.decide(command, now) {
        Ok(Decision::Change(change)) => tracker.fold(&change),
        other => panic!("{command:?} changes nothing: {other:?}"),
    }
}

fn patch(expires_at: Timestamp) -> Command {
    Command::Update(Update {
        id: id(),
        viewer: Viewer::Privileged,
        grants: Grants::ReadToAnyone,
        user: None,
        status: None,
        metadata: None,
        permissions: None,
        expires_at: Some(expires_at),
    })
}

/// A socket's record whose end a PATCH has set to 10 s.
fn patched() -> Tracker {
    let mut tracker = Tracker::new(0);
    let upsert = Upsert {
        id: id(),
        user: UserId::parse("u").expect("an id"),
        holder: HolderKey::Socket(SOCKET),
        session: None,
        status: "here".into(),
        metadata: None,
        permissions: None,
        expires_at: None,
        default_expiry: Duration::from_secs(900),
        source: Source::Realtime,
    };
    fold(&mut tracker, &Command::Upsert(upsert), at(0));
    fold(&mut tracker, &patch(at(10)), at(0));
    tracker
}

#[test]
fn a_patch_of_the_expiry_moves_the_end_of_a_holder_in_grace_up_to_its_grace() {
    let mut tracker = patched();
    fold(&mut tracker, &Command::EndSocket { connection: SOCKET, end: SocketEnd::Grace(at(15)) }, at(0));
    assert_eq!(tracker.next_due(), Some(at(10)));
    fold(&mut tracker, &patch(at(12)), at(0));
    assert_eq!(tracker.next_due(), Some(at(12)));
    fold(&mut tracker, &patch(at(60)), at(0));
    assert_eq!(tracker.next_due(), Some(at(15)));
}

#[test]
fn the_same_holds_after_a_start() {
    let records: Vec<_> = patched().records().map(|record| (**record).clone()).collect();
    let mut tracker = Tracker::restore(2, records, at(30));
    assert_eq!(tracker.next_due(), Some(at(10)));
    fold(&mut tracker, &patch(at(60)), at(0));
    assert_eq!(tracker.next_due(), Some(at(30)));
}
