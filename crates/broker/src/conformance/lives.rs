//! How projects begin and end, and what a restart leaves.

use std::time::Duration;

use herenow_core::{
    ConnectionId, ProjectId, Source,
    order::Ask,
    tracker::{Announcement, Command, HolderKey, Upsert},
};

use super::{
    GRACE, Memory, Stage, apply, brief, change, changes, delete, new_project, session, up_to_now, upsert, user, write,
};
use crate::{Refusal, read};

fn is_unknown<T: std::fmt::Debug>(result: Result<T, Refusal>) {
    assert!(matches!(result, Err(Refusal::UnknownProject)), "{result:?}");
}

async fn is_refused(stage: &impl Stage, project: &ProjectId) {
    let broker = stage.broker();
    is_unknown(apply(stage, project, write("a", "here")).await.map(drop));
    is_unknown(broker.ask(project, 1, Ask::Place).await);
    is_unknown(read(&*broker, project, |moment| moment.tracker.seq()).await);
}

pub(super) async fn a_project_that_is_not_open_is_refused(stage: &mut impl Stage) {
    is_refused(stage, &ProjectId::parse("never-opened").expect("an id")).await;
}

pub(super) async fn opening_twice_is_harmless(stage: &mut impl Stage) {
    let project = new_project(stage, "twice").await;
    change(stage, &project, write("a", "here")).await;
    let before = stage.broker().snapshot(&project).await;
    stage.broker().open(&project).await.expect("it is open");
    assert_eq!(stage.broker().snapshot(&project).await, before);
}

pub(super) async fn a_forgotten_project_begins_anew(stage: &mut impl Stage) {
    let project = new_project(stage, "forgotten").await;
    change(stage, &project, write("a", "here")).await;
    let before = stage.broker().snapshot(&project).await;
    stage.broker().forget(&project).await.expect("it is forgotten");
    is_refused(stage, &project).await;
    stage.broker().forget(&project).await.expect("once more does no harm");
    stage.broker().open(&project).await.expect("it opens");
    let after = stage.broker().snapshot(&project).await;
    assert_eq!((after.seq, after.here.len()), (0, 0));
    assert_ne!(after.epoch, before.epoch);
    change(stage, &project, write("b", "here")).await;
    assert_eq!(stage.broker().snapshot(&project).await.here, ["b"]);
}

/// Everything about restarts, with one.
pub(super) async fn what_a_restart_leaves<S: Stage>(mut stage: S) {
    let project = new_project(&stage, "restart").await;
    let forgotten = new_project(&stage, "gone").await;
    change(&stage, &forgotten, write("a", "here")).await;
    stage.broker().forget(&forgotten).await.expect("it is forgotten");
    change(&stage, &project, write("kept", "first")).await;
    let kept = change(&stage, &project, write("kept", "second")).await;
    change(&stage, &project, write("ended", "here")).await;
    change(&stage, &project, delete("ended")).await;
    change(&stage, &project, brief(&*stage.clock(), "expired", 10)).await;
    for (name, connection) in [("lost", 1), ("back", 2)] {
        change(&stage, &project, Command::Upsert(on_socket(name, connection))).await;
    }
    let before = stage.broker().snapshot(&project).await;
    assert_eq!(before.here, ["kept", "expired", "lost", "back"]);

    stage = stage.restart().await;
    stage.clock().pass(Duration::from_secs(10));
    for project in [&project, &forgotten] {
        stage.broker().open(project).await.expect("it opens");
    }
    assert!(stage.broker().snapshot(&forgotten).await.here.is_empty());
    let after = stage.broker().snapshot(&project).await;
    assert_ne!(after.epoch, before.epoch, "numbers after a crash could mean two things");
    if stage.memory() == Memory::EndsWithTheProcess {
        assert_eq!((after.seq, after.here.len()), (0, 0));
        return;
    }
    assert_eq!((after.seq, &after.here[..]), (before.seq, &["kept", "lost", "back"].map(str::to_owned)[..]));
    let broker = stage.broker();
    let known = read(&*broker, &project, |moment| moment.tracker.of_user(&user("kept"), moment.now)).await;
    assert_eq!(known.expect("it is open").as_ref(), Some(kept.subject()), "as it was acknowledged");

    stage.end_due().await;
    let ended = changes(&mut stage, &project).await;
    assert_eq!(ended.len(), 1, "what expired meanwhile ends at the start");
    assert_eq!((ended[0].id().as_str(), ended[0].announcement), ("expired", Some(Announcement::Delete)));
    assert_eq!(ended[0].seq, before.seq + 1);

    // A reconnect takes over what the former process's socket held; what nobody takes over ends with the grace.
    change(&stage, &project, Command::Upsert(on_socket("back", 3))).await;
    stage.clock().pass(GRACE - Duration::from_millis(1));
    stage.end_due().await;
    assert_eq!(stage.broker().snapshot(&project).await.here, ["kept", "lost", "back"]);
    stage.clock().pass(Duration::from_millis(1));
    stage.end_due().await;
    assert_eq!(stage.broker().snapshot(&project).await.here, ["kept", "back"]);
    let (ended, mark) = up_to_now(&mut stage, &project, Ask::Place).await;
    assert_eq!(ended.last().map(|change| change.id().as_str()), Some("lost"));
    assert_eq!(mark.seq, before.seq + 3);
}

fn on_socket(name: &str, connection: u64) -> Upsert {
    Upsert {
        holder: HolderKey::Socket(ConnectionId(connection)),
        session: Some(session(name)),
        source: Source::Realtime,
        ..upsert(name, "connected")
    }
}
