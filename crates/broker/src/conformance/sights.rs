//! What marks carry.

use std::{sync::Arc, time::Duration};

use herenow_core::{
    Change, Presence, Role, Viewer,
    order::{Ask, Sight},
    time::Clock,
    tracker::{Command, HolderKey, Upsert},
};

use super::{Stage, brief, change, delete, new_project, permissions, up_to_now, upsert, user, write};

/// A user who belongs to a team.
fn member(name: &str) -> Viewer {
    let id = user(name);
    let team = Role::parse("team:t").expect("a role");
    Viewer::User { roles: [Role::any(), Role::users(), Role::user(&id), team].into_iter().collect(), id }
}

fn ids(presences: &[Arc<Presence>]) -> Vec<&str> {
    presences.iter().map(|presence| presence.id.as_str()).collect()
}

fn readable_by(name: &str, roles: &[&str]) -> Command {
    Command::Upsert(Upsert { permissions: Some(permissions(roles)), ..upsert(name, "here") })
}

pub(super) async fn a_place_carries_nothing(stage: &mut impl Stage) {
    let project = new_project(stage, "place").await;
    change(stage, &project, write("a", "here")).await;
    let (changes, mark) = up_to_now(stage, &project, Ask::Place).await;
    assert_eq!((changes.len(), mark.seq, mark.at), (1, 1, stage.clock().now()));
    assert!(matches!(mark.sight, Sight::Nothing));
}

pub(super) async fn a_snapshot_is_what_its_viewer_can_read(stage: &mut impl Stage) {
    let project = new_project(stage, "snapshot").await;
    change(stage, &project, readable_by("z", &["any"])).await;
    change(stage, &project, readable_by("a", &["team:t"])).await;
    change(stage, &project, readable_by("m", &[])).await;
    for (viewer, expected) in [
        (Viewer::Privileged, &["z", "a", "m"][..]),
        (Viewer::guest(), &["z"]),
        (member("other"), &["z", "a"]),
        (Viewer::plain_user(user("m")), &["z", "m"]),
    ] {
        let (_, mark) = up_to_now(stage, &project, Ask::Snapshot(viewer.clone())).await;
        let Sight::All(all) = mark.sight else { panic!("{:?}", mark.sight) };
        assert_eq!(ids(&all), expected, "in the order of creation, for {viewer:?}");
    }
}

pub(super) async fn what_was_missed_is_exactly_what_came_after(stage: &mut impl Stage) {
    let project = new_project(stage, "missed").await;
    let mut log = Vec::new();
    for number in 0..10 {
        log.push(change(stage, &project, write("a", &format!("status {number}"))).await);
    }
    log.push(change(stage, &project, delete("a")).await);
    let epoch = stage.broker().snapshot(&project).await.epoch;
    for seq in 0..=log.len() {
        let ask = Ask::Missed { epoch: epoch.clone(), seq: seq as u64, otherwise: Box::new(Ask::Place) };
        let (_, mark) = up_to_now(stage, &project, ask).await;
        let Sight::Missed(missed) = mark.sight else { panic!("{:?}", mark.sight) };
        assert_eq!(missed, log[seq..]);
    }
}

pub(super) async fn what_is_not_known_falls_back(stage: &mut impl Stage) {
    let project = new_project(stage, "unknown").await;
    change(stage, &project, write("a", "here")).await;
    let epoch = stage.broker().snapshot(&project).await.epoch;
    let otherwise = || Box::new(Ask::Snapshot(Viewer::guest()));
    for ask in [
        Ask::Missed { epoch: "another run".to_owned(), seq: 0, otherwise: otherwise() },
        Ask::Missed { epoch: epoch.clone(), seq: 2, otherwise: otherwise() },
        Ask::Missed { epoch, seq: u64::MAX, otherwise: otherwise() },
    ] {
        let (_, mark) = up_to_now(stage, &project, ask.clone()).await;
        let Sight::All(all) = mark.sight else { panic!("{ask:?} got {:?}", mark.sight) };
        assert_eq!(ids(&all), ["a"]);
    }
}

pub(super) async fn a_shift_is_what_comes_and_what_goes(stage: &mut impl Stage) {
    let project = new_project(stage, "shift").await;
    change(stage, &project, readable_by("stays", &["any"])).await;
    change(stage, &project, readable_by("team2", &["team:t"])).await;
    change(stage, &project, readable_by("team1", &["team:t"])).await;
    change(stage, &project, readable_by("guests", &["guests"])).await;
    change(stage, &project, readable_by("never", &[])).await;
    let ask = Ask::Shift { before: Viewer::guest(), after: member("other") };
    let (came, went) = shift(stage, &project, ask).await;
    assert_eq!((ids(&came), ids(&went)), (vec!["team2", "team1"], vec!["guests"]));
    let ask = Ask::Shift { before: member("other"), after: Viewer::plain_user(user("never")) };
    let (came, went) = shift(stage, &project, ask).await;
    assert_eq!((ids(&came), ids(&went)), (vec!["never"], vec!["team2", "team1"]));
}

async fn shift(
    stage: &mut impl Stage,
    project: &herenow_core::ProjectId,
    ask: Ask,
) -> (Vec<Arc<Presence>>, Vec<Arc<Presence>>) {
    let (_, mark) = up_to_now(stage, project, ask).await;
    match mark.sight {
        Sight::Shift { came, went } => (came, went),
        other => panic!("{other:?}"),
    }
}

/// Between a deadline and the end that it brings, somebody's roles change: they can neither read what is due any more
/// nor be told of its end, so the mark has to take it away.
pub(super) async fn a_shift_takes_what_is_due_from_those_who_will_not_hear_of_its_end(stage: &mut impl Stage) {
    let project = new_project(stage, "late").await;
    let Command::Upsert(lease) = brief(&*stage.clock(), "gone", 10) else { unreachable!("it is an upsert") };
    change(stage, &project, Command::Upsert(Upsert { permissions: Some(permissions(&["team:t"])), ..lease })).await;
    // Here a socket holds on, whose state neither of them can read.
    let holder = HolderKey::Socket(herenow_core::ConnectionId(1));
    let socket = Upsert { holder, permissions: Some(permissions(&[])), ..upsert("changes", "hidden") };
    change(stage, &project, Command::Upsert(socket)).await;
    let Command::Upsert(lease) = brief(&*stage.clock(), "changes", 10) else { unreachable!("it is an upsert") };
    change(stage, &project, Command::Upsert(Upsert { permissions: Some(permissions(&["team:t"])), ..lease })).await;
    stage.clock().pass(Duration::from_secs(10));
    let ask = Ask::Shift { before: member("other"), after: Viewer::guest() };
    let (came, went) = shift(stage, &project, ask).await;
    assert_eq!((ids(&came), ids(&went)), (vec![], vec!["gone", "changes"]));
    stage.end_due().await;
    let (changes, _) = up_to_now(stage, &project, Ask::Place).await;
    let told = |change: &Arc<Change>| {
        let records = change.before.iter().chain(&change.after);
        records.clone().any(|record| record.presence.allows(herenow_core::Action::Read, &Viewer::guest()))
    };
    assert_eq!(changes.iter().filter(|change| told(change)).count(), 0, "they hear of neither end");
}
