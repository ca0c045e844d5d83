//! Checks of sessions.

use herenow_core::{SessionId, Timestamp, account::Session};

use super::fixtures::{LATER, THEN, assert_missing, assert_taken, new_project, new_user, session, session_id, token};
use crate::Accounts;

fn ids(sessions: &[Session]) -> Vec<&str> {
    sessions.iter().map(|session| session.id.as_str()).collect()
}

pub(super) async fn id_and_secret_are_unique(store: &dyn Accounts) {
    let project = new_project(store, "sessions-unique").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    store.create_session(&project, &session("one", &ada, "hash-one"), None).await.expect("kept");
    assert_taken(store.create_session(&project, &session("one", &bob, "hash-two"), None).await, "id");
    assert_taken(store.create_session(&project, &session("two", &ada, "hash-one"), Some(1)).await, "secret");
    assert_eq!(ids(&store.sessions(&project, &ada).await.expect("a list")), ["one"]);
    store.create_session(&project, &session("two", &bob, "hash-one"), None).await.expect("another user's");
}

pub(super) async fn the_limit_removes_the_oldest_and_never_the_new_one(store: &dyn Accounts) {
    let project = new_project(store, "sessions-limit").await;
    let ada = new_user(store, &project, "ada").await;
    for id in ["e", "d", "c", "b"] {
        let gone = store.create_session(&project, &session(id, &ada, id), Some(4)).await.expect("kept");
        assert!(gone.is_empty());
    }
    let gone = store.create_session(&project, &session("a", &ada, "a"), Some(3)).await.expect("kept");
    assert_eq!(gone, [session_id("e"), session_id("d")]);
    assert_eq!(ids(&store.sessions(&project, &ada).await.expect("a list")), ["c", "b", "a"]);
    let gone = store.create_session(&project, &session("f", &ada, "f"), Some(0)).await.expect("kept");
    assert_eq!(gone, ["c", "b", "a"].map(session_id));
    let gone = store.create_session(&project, &session("g", &ada, "g"), None).await.expect("kept");
    assert!(gone.is_empty());
    assert_eq!(ids(&store.sessions(&project, &ada).await.expect("a list")), ["f", "g"]);
}

pub(super) async fn the_limit_counts_one_user_alone(store: &dyn Accounts) {
    let project = new_project(store, "sessions-users").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    store.create_session(&project, &session("ada", &ada, "hash"), Some(1)).await.expect("kept");
    let gone = store.create_session(&project, &session("bob", &bob, "hash"), Some(1)).await.expect("kept");
    assert!(gone.is_empty());
    assert_eq!(ids(&store.sessions(&project, &ada).await.expect("a list")), ["ada"]);
}

pub(super) async fn an_update_is_found_by_its_new_hash(store: &dyn Accounts) {
    let project = new_project(store, "sessions-update").await;
    let ada = new_user(store, &project, "ada").await;
    store.create_session(&project, &session("one", &ada, "former"), None).await.expect("kept");
    let changed = Session { user_agent: "another".to_owned(), ..session("one", &ada, "present") };
    store.update_session(&project, &changed).await.expect("it is there");
    assert_eq!(store.session_by_hash(&project, &ada, "former").await.expect("an answer"), None);
    assert_eq!(store.session_by_hash(&project, &ada, "present").await.expect("an answer"), Some(changed));
}

pub(super) async fn all_but_one_can_be_removed(store: &dyn Accounts) {
    let project = new_project(store, "sessions-others").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    for id in ["c", "a", "b"] {
        store.create_session(&project, &session(id, &ada, id), None).await.expect("kept");
    }
    store.create_session(&project, &session("d", &bob, "d"), None).await.expect("kept");
    let gone = store.delete_sessions(&project, &ada, Some(&session_id("a"))).await.expect("an answer");
    assert_eq!(gone, ["c", "b"].map(session_id));
    let gone = store.delete_sessions(&project, &ada, None).await.expect("an answer");
    assert_eq!(gone, [session_id("a")]);
    assert_eq!(store.delete_sessions(&project, &ada, None).await.expect("an answer"), Vec::<SessionId>::new());
    assert_eq!(ids(&store.sessions(&project, &bob).await.expect("a list")), ["d"]);
}

pub(super) async fn another_users_session_cannot_be_removed(store: &dyn Accounts) {
    let project = new_project(store, "sessions-own").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    store.create_session(&project, &session("one", &ada, "hash"), None).await.expect("kept");
    assert_missing(store.delete_session(&project, &bob, &session_id("one")).await);
    store.delete_session(&project, &ada, &session_id("one")).await.expect("it is there");
    assert!(store.sessions(&project, &ada).await.expect("a list").is_empty());
}

pub(super) async fn a_sweep_removes_what_has_ended_and_says_whose_it_was(store: &dyn Accounts) {
    let now = Timestamp::from_millis(THEN.millis() + 1000);
    let mut expected = Vec::new();
    for id in ["sweep-a", "sweep-b"] {
        let project = new_project(store, id).await;
        let ada = new_user(store, &project, "ada").await;
        for (id, expire) in [("past", THEN), ("now", now), ("next", Timestamp::from_millis(now.millis() + 1))] {
            let session = Session { expire, ..session(id, &ada, id) };
            store.create_session(&project, &session, None).await.expect("kept");
        }
        expected.extend(["past", "now"].map(|id| (project.clone(), ada.clone(), session_id(id))));
        store.create_token(&project, &token("token", &ada, "hash")).await.expect("kept");
    }
    assert_eq!(store.sweep_sessions(now).await.expect("an answer"), expected);
    assert!(store.sweep_sessions(now).await.expect("an answer").is_empty());
    for (project, ada, _) in expected.iter().step_by(2) {
        assert_eq!(ids(&store.sessions(project, ada).await.expect("a list")), ["next"]);
        let before_its_end = Timestamp::from_millis(LATER.millis() - 1);
        assert!(store.take_token(project, ada, "hash", before_its_end).await.expect("an answer").is_some());
    }
}
