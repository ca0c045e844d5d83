//! Checks of tokens.

use herenow_core::Timestamp;

use super::fixtures::{LATER, THEN, assert_taken, new_project, new_user, token};
use crate::Accounts;

pub(super) async fn a_token_is_taken_once(store: &dyn Accounts) {
    let project = new_project(store, "tokens-once").await;
    let ada = new_user(store, &project, "ada").await;
    let (one, two) = (token("one", &ada, "hash-one"), token("two", &ada, "hash-two"));
    store.create_token(&project, &one).await.expect("kept");
    store.create_token(&project, &two).await.expect("kept");
    assert_taken(store.create_token(&project, &token("one", &ada, "hash-three")).await, "id");
    assert_taken(store.create_token(&project, &token("three", &ada, "hash-one")).await, "secret");
    assert_eq!(store.take_token(&project, &ada, "hash-one", THEN).await.expect("an answer"), Some(one));
    assert_eq!(store.take_token(&project, &ada, "hash-one", THEN).await.expect("an answer"), None);
    assert_eq!(store.take_token(&project, &ada, "hash-two", THEN).await.expect("an answer"), Some(two));
}

pub(super) async fn one_of_many_at_once_takes_the_token(store: &dyn Accounts) {
    let project = new_project(store, "tokens-race").await;
    let ada = new_user(store, &project, "ada").await;
    for round in 0..20 {
        let hash = format!("hash-{round}");
        store.create_token(&project, &token(&format!("token-{round}"), &ada, &hash)).await.expect("kept");
        let take = || store.take_token(&project, &ada, &hash, THEN);
        let (a, b, c, d) = tokio::join!(take(), take(), take(), take());
        let taken = [a, b, c, d].map(|result| result.expect("an answer")).into_iter().flatten().count();
        assert_eq!(taken, 1, "in round {round}");
    }
}

pub(super) async fn an_expired_token_is_not_taken(store: &dyn Accounts) {
    let project = new_project(store, "tokens-expired").await;
    let ada = new_user(store, &project, "ada").await;
    store.create_token(&project, &token("one", &ada, "hash")).await.expect("kept");
    let last = Timestamp::from_millis(LATER.millis() - 1);
    assert_eq!(store.take_token(&project, &ada, "hash", LATER).await.expect("an answer"), None);
    assert!(store.take_token(&project, &ada, "hash", last).await.expect("an answer").is_some());
}

pub(super) async fn a_token_is_taken_by_its_own_user_alone(store: &dyn Accounts) {
    let project = new_project(store, "tokens-own").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    store.create_token(&project, &token("one", &ada, "hash")).await.expect("kept");
    assert_eq!(store.take_token(&project, &bob, "hash", THEN).await.expect("an answer"), None);
    assert!(store.take_token(&project, &ada, "hash", THEN).await.expect("an answer").is_some());
}
