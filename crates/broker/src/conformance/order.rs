//! One order: every change has the next number, and marks stand where they were asked for.

use std::sync::Arc;

use herenow_core::{
    Action, Presence, ProjectId, Rejection, Tracker, Viewer,
    invariants::{check_change, check_tracker},
    order::{Ask, Entry, Notice, Sight},
    permission::Grants,
    time::Clock,
    tracker::{Command, Update},
};
use tokio::task::JoinSet;

use super::{Stage, apply, change, changes, delete, new_project, permissions, presence, upsert, user, write};
use crate::{Broker, Outcome, Refusal};

const WRITERS: u64 = 8;
const COMMANDS: u64 = 60;

pub(super) async fn changes_are_numbered_without_gaps_in_each_project(stage: &mut impl Stage) {
    let (one, other) = (new_project(stage, "one").await, new_project(stage, "other").await);
    for number in 0..5 {
        change(stage, &one, write("a", &format!("status {number}"))).await;
        change(stage, &other, write("b", "there")).await;
        change(stage, &other, delete("b")).await;
    }
    let numbers =
        |changes: Vec<Arc<herenow_core::Change>>| -> Vec<u64> { changes.iter().map(|change| change.seq).collect() };
    assert_eq!(numbers(changes(stage, &one).await), (1..=5).collect::<Vec<_>>());
    // The entries of both came by on the way to that mark: what follows begins where it stood.
    change(stage, &other, write("b", "again")).await;
    assert_eq!(numbers(changes(stage, &other).await), [11]);
}

pub(super) async fn an_answer_says_what_became_of_the_command(stage: &mut impl Stage) {
    let project = new_project(stage, "answers").await;
    let written = change(stage, &project, write("a", "here")).await;
    assert_eq!((written.seq, &*written.subject().state.status), (1, "here"));
    let same = Update {
        id: presence("a"),
        viewer: Viewer::Privileged,
        grants: Grants::ReadToAnyone,
        user: None,
        status: Some("here".into()),
        metadata: None,
        permissions: None,
        expires_at: None,
    };
    match apply(stage, &project, Command::Update(same)).await {
        Ok(Outcome::Unchanged(stands)) => assert_eq!(stands, *written.subject()),
        other => panic!("nothing should change: {other:?}"),
    }
    let nothing = apply(stage, &project, Command::EndUser { user: user("nobody") }).await;
    assert!(matches!(nothing, Ok(Outcome::Nothing)), "{nothing:?}");
    assert_eq!(changes(stage, &project).await, [written], "the entry is what was answered");
}

pub(super) async fn a_rejected_command_changes_nothing(stage: &mut impl Stage) {
    let project = new_project(stage, "rejected").await;
    change(stage, &project, write("a", "here")).await;
    let before = stage.broker().snapshot(&project).await;
    let taken = Command::Upsert(herenow_core::tracker::Upsert { user: user("b"), ..upsert("a", "mine") });
    let missing = delete("nobody");
    let forbidden = Command::Delete { id: presence("a"), viewer: Viewer::guest() };
    for (command, rejection) in
        [(taken, Rejection::Exists), (missing, Rejection::NotFound), (forbidden, Rejection::Unauthorized)]
    {
        match apply(stage, &project, command).await {
            Err(Refusal::Rejected(found)) => assert_eq!(found, rejection),
            other => panic!("{rejection:?} expected: {other:?}"),
        }
    }
    assert_eq!(stage.broker().snapshot(&project).await, before);
    assert_eq!(changes(stage, &project).await.len(), 1);
}

/// Replays what came out into a tracker of its own: it must be what the broker shows, and every mark must carry what
/// that tracker shows at its place.
pub(super) async fn a_notice_keeps_its_place_and_takes_no_number(stage: &mut impl Stage) {
    let project = new_project(stage, "notices").await;
    let notice =
        Notice { events: vec!["happened".to_owned()], channels: vec![], roles: vec![], payload: Default::default() };
    let first = change(stage, &project, write("a", "before")).await;
    stage.broker().announce(&project, notice.clone()).await.expect("there is a place");
    let last = change(stage, &project, write("a", "after")).await;
    assert_eq!(last.seq, first.seq + 1);
    let mut came = Vec::new();
    while came.len() < 3 {
        match stage.next_entry().await {
            Entry::Change { project: of, change, .. } if of == project => came.push(change.seq.to_string()),
            Entry::Notice { project: of, notice: said, at } if of == project => {
                assert_eq!((&*said, at), (&notice, stage.clock().now()));
                came.push(said.events[0].clone());
            }
            Entry::Change { .. } | Entry::Mark { .. } | Entry::Notice { .. } => {}
        }
    }
    assert_eq!(came, [first.seq.to_string(), "happened".to_owned(), last.seq.to_string()]);
    let nowhere = ProjectId::parse("notices-nowhere").expect("an id");
    assert!(matches!(stage.broker().announce(&nowhere, notice).await, Err(Refusal::UnknownProject)));
}

pub(super) async fn many_writers_at_once_make_one_order(stage: &mut impl Stage) {
    let project = new_project(stage, "crowd").await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (broker, project) = (stage.broker(), project.clone());
        writers.spawn(async move {
            for number in 0..COMMANDS {
                busy(&*broker, &project, writer, number).await;
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.expect("no writer fails");
    }
    let mut tracker = Tracker::new(0);
    let mut log = Vec::new();
    let mut marks = 0;
    while marks < WRITERS * COMMANDS / 3 {
        match stage.next_entry().await {
            Entry::Change { project: of, change, .. } if of == project => {
                check_change(&change).expect("a change that may follow");
                tracker.fold(&change);
                log.push(change);
            }
            Entry::Mark { project: of, mark, .. } if of == project => {
                marks += 1;
                assert_eq!(mark.seq, tracker.seq(), "the mark stands behind the change that it names");
                let Sight::Each(sights) = &mark.sight else { panic!("several were asked for") };
                let [Sight::All(all), Sight::Missed(missed), Sight::Shift { came, went }] = &sights[..] else {
                    panic!("{sights:?}")
                };
                assert_eq!(*all, tracker.readable(&Viewer::guest(), mark.at).collect::<Vec<_>>());
                assert_eq!(*missed, log);
                let all: Vec<_> = tracker.readable(&Viewer::Privileged, mark.at).collect();
                let guest = Viewer::guest();
                let hidden = |one: &&Arc<Presence>| !one.allows(Action::Read, &guest);
                assert_eq!(came.iter().collect::<Vec<_>>(), all.iter().filter(hidden).collect::<Vec<_>>());
                assert!(went.is_empty());
            }
            Entry::Change { .. } | Entry::Mark { .. } | Entry::Notice { .. } => {}
        }
    }
    let rest = changes(stage, &project).await;
    rest.iter().for_each(|change| tracker.fold(change));
    check_tracker(&tracker).expect("the invariants hold");
    let shown = stage.broker().snapshot(&project).await;
    let here: Vec<_> =
        tracker.readable(&Viewer::Privileged, stage.clock().now()).map(|one| one.id.to_string()).collect();
    assert_eq!((shown.seq, shown.here), (tracker.seq(), here));
}

/// One of many who write, delete and ask.
async fn busy(broker: &dyn Broker, project: &herenow_core::ProjectId, writer: u64, number: u64) {
    let name = format!("w{}", (writer + number) % 5);
    match number % 3 {
        0 => {
            let read = if writer.is_multiple_of(2) { &["any"][..] } else { &[] };
            let written = herenow_core::tracker::Upsert {
                permissions: Some(permissions(read)),
                ..upsert(&name, &format!("{writer} {number}"))
            };
            broker.apply(project, Command::Upsert(written)).await.expect("a write of one's own is never refused");
        }
        1 => match broker.apply(project, delete(&name)).await {
            Ok(_) | Err(Refusal::Rejected(Rejection::NotFound)) => {}
            Err(other) => panic!("{other}"),
        },
        _ => {
            let epoch = crate::read(broker, project, |moment| moment.epoch.to_owned()).await.expect("it is open");
            let missed = Ask::Missed { epoch, seq: 0, otherwise: Box::new(Ask::Place) };
            let shift = Ask::Shift { before: Viewer::guest(), after: Viewer::Privileged };
            let ask = Ask::Each(vec![Ask::Snapshot(Viewer::guest()), missed, shift]);
            broker.ask(project, writer * COMMANDS + number, ask).await.expect("there is a place");
        }
    }
}
