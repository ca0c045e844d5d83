//! Checks of keys and platforms.

use super::fixtures::{assert_taken, key, new_project, platform};
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
