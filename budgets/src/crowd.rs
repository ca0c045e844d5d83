//! A tracker full of records, and the commands that fill it.

use std::time::Duration;

use herenow_core::{
    Metadata, Permissions, PresenceId, ProjectId, Role, Roles, Source, Timestamp, UserId, Viewer,
    query::{ListQuery, Schema},
    tracker::{Change, Command, Decision, HolderKey, Tracker, Upsert},
};

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_785_578_400_000);
const STATUSES: [&str; 4] = ["online", "away", "busy", "typing"];
/// 100 bytes.
const METADATA: &str =
    r#"{"page":"/documents/7f3a","cursor":{"line":120,"column":14},"device":"laptop","typing":false,"v":12}"#;

/// The project of all cases.
pub(crate) fn project() -> ProjectId {
    ProjectId::parse("demo").expect("an id")
}

/// The write of one user.
pub(crate) fn upsert(user: usize, turn: usize) -> Command {
    Command::Upsert(Upsert {
        id: PresenceId::parse(&format!("6a6dcc1e000000{user:06}")).expect("an id"),
        user: UserId::parse(&format!("6a6dcc1f000000{user:06}")).expect("an id"),
        holder: HolderKey::Rest,
        session: None,
        status: STATUSES[(user + turn) % STATUSES.len()].into(),
        metadata: Some(Metadata::parse(METADATA).expect("an object")),
        permissions: Some(Permissions::parse(["read(\"users\")"]).expect("permissions")),
        expires_at: None,
        default_expiry: Duration::from_secs(900),
        source: Source::Rest,
    })
}

/// What a command changes now.
pub(crate) fn decided(tracker: &Tracker, command: &Command) -> Change {
    match tracker.decide(command, NOW) {
        Ok(Decision::Change(change)) => change,
        other => panic!("an upsert changes something: {other:?}"),
    }
}

/// A tracker in which so many users are here.
pub(crate) fn tracker(users: usize) -> Tracker {
    let mut tracker = Tracker::new(0);
    for user in 0..users {
        let change = decided(&tracker, &upsert(user, 0));
        tracker.fold(&change);
    }
    tracker
}

/// A user with ten roles.
pub(crate) fn viewer(user: usize) -> Viewer {
    let id = UserId::parse(&format!("6a6dcc1f000000{user:06}")).expect("an id");
    let own = Role::user(&id);
    let teams = (0..7).filter_map(|team| Role::parse(&format!("team:t{team}")));
    let roles: Roles = [Role::any(), Role::users(), own].into_iter().chain(teams).collect();
    Viewer::User { id, roles }
}

/// A list of those who are away.
pub(crate) fn away() -> ListQuery {
    let texts = [r#"{"method":"equal","attribute":"status","values":["away"]}"#.to_owned()];
    ListQuery::parse(&texts, &Schema::PRESENCES).expect("a query")
}
