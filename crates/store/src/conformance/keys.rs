//! Checks of keys, platforms and webhooks.

use super::fixtures::{assert_taken, key, new_project, platform, webhook};
use crate::Accounts;

pub(super) async fn ids_and_hashes_are_unique(store: &dyn Accounts) {
    let project = new_project(store, "keys-unique").await;
    store.create_key(&project, &key("one", "hash-one")).await.expect("kept");
    store.create_key(&project, &key("two", "hash-two")).await.expect("kept");
    assert_taken(store.create_key(&project, &key("one", "hash-three")).await, "id");
    assert_taken(store.create_key(&project, &key("three", "hash-one")).await, "secret");
    assert_taken(store.update_key(&project, &key("two", "hash-one")).await, "secret");
    let kept = store.keys(&project).await.expect("a list");
    assert_eq!(kept, [key("one", "hash-one"), key("two", "hash-two")]);
}

pub(super) async fn a_key_is_found_by_its_present_hash(store: &dyn Accounts) {
    let project = new_project(store, "keys-hash").await;
    store.create_key(&project, &key("one", "former")).await.expect("kept");
    let changed = key("one", "present");
    store.update_key(&project, &changed).await.expect("it is there");
    assert_eq!(store.key_by_hash(&project, "former").await.expect("an answer"), None);
    assert_eq!(store.key_by_hash(&project, "present").await.expect("an answer"), Some(changed.clone()));
    store.delete_key(&project, &changed.id).await.expect("it is there");
    assert_eq!(store.key_by_hash(&project, "present").await.expect("an answer"), None);
}

pub(super) async fn platforms_are_kept_in_the_order_of_creation(store: &dyn Accounts) {
    let project = new_project(store, "platforms").await;
    for id in ["c", "a", "b"] {
        store.create_platform(&project, &platform(id, "example.com")).await.expect("kept");
    }
    assert_taken(store.create_platform(&project, &platform("a", "example.org")).await, "id");
    let changed = platform("c", "example.org");
    store.update_platform(&project, &changed).await.expect("it is there");
    store.delete_platform(&project, &platform("b", "").id).await.expect("it is there");
    let kept = store.platforms(&project).await.expect("a list");
    assert_eq!(kept, [changed, platform("a", "example.com")]);
}

pub(super) async fn a_change_of_a_key_starts_from_what_is_kept(store: &dyn Accounts) {
    let project = new_project(store, "keys-changed").await;
    let made = key("one", "hash");
    store.create_key(&project, &made).await.expect("kept");
    let narrow = store.change_key(&project, &made.id, Box::new(|key| key.scopes.clear()));
    let renamed = store.change_key(&project, &made.id, Box::new(|key| "New".clone_into(&mut key.name)));
    let (narrow, renamed) = tokio::join!(narrow, renamed);
    narrow.expect("it is there");
    renamed.expect("it is there");
    let kept = store.key_by_hash(&project, "hash").await.expect("an answer").expect("it is there");
    assert_eq!((kept.scopes.len(), kept.name.as_str()), (0, "New"));
}

pub(super) async fn webhooks_are_kept_in_the_order_of_creation(store: &dyn Accounts) {
    let project = new_project(store, "webhooks").await;
    for id in ["c", "a", "b"] {
        store.create_webhook(&project, &webhook(id, "http://example.com")).await.expect("kept");
    }
    assert_taken(store.create_webhook(&project, &webhook("a", "http://example.org")).await, "id");
    let changed = webhook("c", "http://example.org");
    store.update_webhook(&project, &changed).await.expect("it is there");
    store.delete_webhook(&project, &webhook("b", "").id).await.expect("it is there");
    let kept = store.webhooks(&project).await.expect("a list");
    assert_eq!(kept, [changed, webhook("a", "http://example.com")]);
}
