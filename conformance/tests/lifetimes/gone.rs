//! A crash between the end of a user or a project, which is kept with the accounts, and the ends of their presences,
//! which are kept apart. Source: semantics 4.

use herenow_conformance::desk::{accepted, path};
use herenow_core::{ProjectId, UserId};
use herenow_store::{
    Accounts, PresenceStore,
    sqlite::{Durability, SqliteAccounts, SqlitePresences},
};
use herenow_testkit::unique_id;
use serde_json::{Value, json};

use crate::{
    order::whole_list,
    scene::{LONG_GRACE, Scene, says},
};

/// What the server does first for a user who goes, and no more.
async fn goes(scene: &Scene, user: &str, end: &str) {
    let accounts = SqliteAccounts::open(&scene.desk.server.data_dir().join("accounts.db")).expect("it opens");
    let project = ProjectId::parse(scene.desk.server.project()).expect("an id");
    let user = UserId::parse(user).expect("an id");
    match end {
        "deleted" => accounts.delete_user(&project, &user, None).await.expect("it was there"),
        _ => drop(accounts.change_user(&project, &user, Box::new(|user| user.status = false)).await.expect("kept")),
    }
}

fn projects(scene: &Scene) -> Vec<String> {
    let file = scene.desk.server.data_dir().join("presences.db");
    let mut store = SqlitePresences::open(&file, Durability::Process).expect("it opens");
    store.projects().expect("a list").iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn who_was_deleted_or_blocked_just_before_a_crash_is_not_here_after_it() {
    for end in ["deleted", "blocked"] {
        let mut scene = Scene::open(LONG_GRACE).await;
        let fields = json!({"permissions": ["read(\"users\")"]});
        let (leased, stays) = (scene.desk.user().await, scene.desk.user().await);
        scene.desk.put("leased", &leased, &fields).await;
        let stayed = scene.desk.put("stays", &stays, &fields).await;
        let mut tab = scene.tab().await;
        says(&mut tab, "live").await;
        scene.desk.server.kill().await.expect("it dies");
        for user in [&leased, &scene.ada.user_id] {
            goes(&scene, user, end).await;
        }
        scene.desk.server.restart().await.expect("it starts");
        scene.desk.key = scene.desk.server.as_key();
        let list = accepted(scene.desk.key.get("/v1/presences").await.expect("an answer"));
        assert_eq!((&list["total"], &list["presences"]), (&json!(1), &json!([stayed])), "{end}");
        let again = scene.desk.try_put("leased", &leased, &fields).await;
        assert!(again.status.is_client_error(), "{end}: {again:?}");

        // The end is kept: without the accounts' help it is not there either.
        scene.desk.server.kill().await.expect("it dies");
        let file = scene.desk.server.data_dir().join("presences.db");
        let mut store = SqlitePresences::open(&file, Durability::Process).expect("it opens");
        let project = ProjectId::parse(scene.desk.server.project()).expect("an id");
        let (_, kept) = store.load(&project).expect("an answer").expect("a run");
        assert_eq!(kept.iter().map(|record| record.presence.id.as_str()).collect::<Vec<_>>(), ["stays"], "{end}");
    }
}

#[tokio::test]
async fn the_ends_that_a_crash_left_out_have_numbers_of_their_own() {
    let mut scene = Scene::open("").await;
    let mut users = Vec::new();
    for _ in 0..80 {
        let user = scene.desk.user().await;
        scene.desk.put(&unique_id(), &user, &json!({})).await;
        users.push(user);
    }
    let (before, _) = scene.desk.position().await;
    scene.desk.server.kill().await.expect("it dies");
    for user in &users {
        goes(&scene, user, "deleted").await;
    }
    scene.desk.server.restart().await.expect("it starts");
    scene.desk.key = scene.desk.server.as_key();
    assert_eq!(whole_list(&scene.desk.key).await.records().len(), 0);
    assert_eq!(scene.desk.position().await.0, before + 80);
}

#[tokio::test]
async fn a_project_that_was_deleted_just_before_a_crash_leaves_nothing_to_the_next_of_its_id() {
    let mut scene = Scene::open("").await;
    let user = scene.desk.user().await;
    let put: Value = scene.desk.put("here", &user, &json!({})).await;
    let (own, other) = (scene.desk.server.project().to_owned(), unique_id());
    scene.desk.server.kill().await.expect("it dies");
    {
        let accounts = SqliteAccounts::open(&scene.desk.server.data_dir().join("accounts.db")).expect("it opens");
        accounts.delete_project(&ProjectId::parse(&own).expect("an id")).await.expect("it was there");
        let file = scene.desk.server.data_dir().join("presences.db");
        let mut store = SqlitePresences::open(&file, Durability::Process).expect("it opens");
        let run = herenow_store::Run { epoch: "former".to_owned(), seq: 7 };
        store.begin(&ProjectId::parse(&other).expect("an id"), &run).expect("kept");
    }
    assert!(projects(&scene).contains(&other));
    // The file declares the project once more.
    scene.desk.server.restart().await.expect("it starts");
    scene.desk.key = scene.desk.server.as_key();
    let gone = scene.desk.key.get(&path(put["$id"].as_str().expect("an id"))).await.expect("an answer");
    assert_eq!((gone.status.as_u16(), scene.desk.position().await.0), (404, 0));
    scene.desk.server.kill().await.expect("it dies");
    let left = projects(&scene);
    assert!(left.contains(&own) && !left.contains(&other), "{left:?}");
}
