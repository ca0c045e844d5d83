//! Checks of users.

use herenow_core::account::{Prefs, User};

use super::fixtures::{
    THEN, assert_taken, invited, member, membership_id, new_project, new_team, new_user, session, token, user, user_id,
};
use crate::{Accounts, Search, StoreError};

pub(super) async fn a_user_comes_back_as_it_was_kept(store: &dyn Accounts) {
    let project = new_project(store, "users-whole").await;
    let mut prefs = Prefs::new();
    prefs.insert("z".to_owned(), "first of two, 'quoted' \u{1f600}".into());
    prefs.insert("a".to_owned(), 1.into());
    let user = User {
        name: "Ada; DROP TABLE users".to_owned(),
        password_hash: Some("$argon2id$v=19$…".to_owned()),
        password_update: Some(THEN),
        status: false,
        labels: vec!["vip".to_owned()],
        email_verification: true,
        prefs,
        accessed_at: Some(THEN),
        ..user("ada", "ada@example.com", "+4912345")
    };
    store.create_user(&project, &user).await.expect("kept");
    let found = store.user(&project, &user.id).await.expect("an answer").expect("it is there");
    assert_eq!(found, user);
    assert_eq!(found.prefs.keys().collect::<Vec<_>>(), ["z", "a"]);
    assert_eq!(store.user_by_email(&project, "ada@example.com").await.expect("an answer"), Some(user.clone()));
    assert_eq!(store.user_by_phone(&project, "+4912345").await.expect("an answer"), Some(user));
}

pub(super) async fn id_email_and_phone_are_unique(store: &dyn Accounts) {
    let project = new_project(store, "users-unique").await;
    store.create_user(&project, &user("one", "one@example.com", "+491")).await.expect("kept");
    store.create_user(&project, &user("two", "two@example.com", "+492")).await.expect("kept");
    assert_taken(store.create_user(&project, &user("one", "three@example.com", "+493")).await, "id");
    assert_taken(store.create_user(&project, &user("three", "one@example.com", "+493")).await, "email");
    assert_taken(store.create_user(&project, &user("three", "three@example.com", "+491")).await, "phone");
    assert_taken(store.update_user(&project, &user("two", "one@example.com", "+492")).await, "email");
    assert_taken(store.update_user(&project, &user("two", "two@example.com", "+491")).await, "phone");
    let kept = store.users(&project).await.expect("a list");
    let kept: Vec<_> = kept.iter().map(|listed| listed.user.email.as_str()).collect();
    assert_eq!(kept, ["one@example.com", "two@example.com"]);
}

pub(super) async fn any_number_may_have_neither_email_nor_phone(store: &dyn Accounts) {
    let project = new_project(store, "users-bare").await;
    for id in ["one", "two", "three"] {
        new_user(store, &project, id).await;
    }
    assert_eq!(store.user_by_email(&project, "").await.expect("an answer"), None);
    assert_eq!(store.user_by_phone(&project, "").await.expect("an answer"), None);
}

pub(super) async fn email_is_taken_in_the_case_given(store: &dyn Accounts) {
    let project = new_project(store, "users-case").await;
    store.create_user(&project, &user("lower", "ada@example.com", "")).await.expect("kept");
    store.create_user(&project, &user("upper", "Ada@example.com", "")).await.expect("kept");
    let found = store.user_by_email(&project, "Ada@example.com").await.expect("an answer").expect("it is there");
    assert_eq!(found.id, user_id("upper"));
}

pub(super) async fn a_changed_email_frees_the_former(store: &dyn Accounts) {
    let project = new_project(store, "users-change").await;
    store.create_user(&project, &user("one", "former@example.com", "")).await.expect("kept");
    store.update_user(&project, &user("one", "present@example.com", "")).await.expect("it is there");
    assert_eq!(store.user_by_email(&project, "former@example.com").await.expect("an answer"), None);
    store.create_user(&project, &user("two", "former@example.com", "")).await.expect("kept");
}

pub(super) async fn one_of_many_at_once_gets_the_email(store: &dyn Accounts) {
    let project = new_project(store, "users-race").await;
    let (a, b, c, d) =
        (user("a", "x@example.com", ""), user("b", "x@example.com", ""), user("c", "", ""), user("d", "", ""));
    let (a, b, c, d) = tokio::join!(
        store.create_user(&project, &a),
        store.create_user(&project, &b),
        store.create_user(&project, &c),
        store.create_user(&project, &d),
    );
    assert_taken(if a.is_ok() { b } else { a }, "email");
    c.expect("a neighbour is not drawn in");
    d.expect("a neighbour is not drawn in");
    assert_eq!(store.users(&project).await.expect("a list").len(), 3);
}

pub(super) async fn changes_of_different_fields_at_once_are_all_kept(store: &dyn Accounts) {
    let project = new_project(store, "users-edits").await;
    let id = new_user(store, &project, "ada").await;
    for round in 0..20 {
        let label = format!("label{round}");
        let name = store.change_user(&project, &id, Box::new(move |user| user.name = format!("Ada {round}")));
        let labels = store.change_user(&project, &id, Box::new(move |user| user.labels.push(label.clone())));
        let seen = store.change_user(&project, &id, Box::new(|user| user.accessed_at = Some(THEN)));
        let (name, labels, seen) = tokio::join!(name, labels, seen);
        name.and(labels).and(seen).expect("kept");
        let user = store.user(&project, &id).await.expect("an answer").expect("it is there");
        assert_eq!((user.name, user.labels.len()), (format!("Ada {round}"), round + 1));
    }
}

pub(super) async fn a_change_answers_as_an_update_does(store: &dyn Accounts) {
    let project = new_project(store, "users-edit-answers").await;
    store.create_user(&project, &user("one", "one@example.com", "")).await.expect("kept");
    store.create_user(&project, &user("two", "two@example.com", "")).await.expect("kept");
    let email = |email: &'static str| Box::new(move |user: &mut User| email.clone_into(&mut user.email));
    assert_taken(store.change_user(&project, &user_id("two"), email("one@example.com")).await.map(drop), "email");
    let missing = store.change_user(&project, &user_id("nobody"), email("new@example.com")).await;
    assert!(matches!(missing, Err(StoreError::Missing)), "{missing:?}");
    let changed = store.change_user(&project, &user_id("two"), email("new@example.com")).await.expect("kept");
    assert_eq!(store.user_by_email(&project, "new@example.com").await.expect("an answer"), Some(changed));
}

pub(super) async fn who_is_unknown_or_blocked_is_unwelcome(store: &dyn Accounts) {
    let (project, other) = (new_project(store, "users-welcome").await, new_project(store, "users-other").await);
    for id in ["here", "blocked", "back", "deleted"] {
        new_user(store, &project, id).await;
    }
    new_user(store, &other, "elsewhere").await;
    for (id, status) in [("blocked", false), ("back", false), ("back", true)] {
        store.change_user(&project, &user_id(id), Box::new(move |user| user.status = status)).await.expect("kept");
    }
    store.delete_user(&project, &user_id("deleted"), None).await.expect("it was there");
    let asked = ["elsewhere", "here", "blocked", "back", "deleted", "never"].map(user_id).to_vec();
    let unwelcome = store.unwelcome_users(&project, asked).await.expect("an answer");
    assert_eq!(unwelcome, ["elsewhere", "blocked", "deleted", "never"].map(user_id));
    assert_eq!(store.unwelcome_users(&project, Vec::new()).await.expect("an answer"), []);
}

pub(super) async fn sequences_grow_and_are_not_given_again(store: &dyn Accounts) {
    let project = new_project(store, "users-order").await;
    for id in ["c", "a", "b"] {
        new_user(store, &project, id).await;
    }
    let before = store.users(&project).await.expect("a list");
    assert_eq!(before.iter().map(|listed| listed.user.id.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
    assert_eq!(store.count_users(&project).await.expect("a number"), 3);
    let first = store.search_users(&project, &Search::first(2)).await.expect("an answer").expect("a page");
    let first: Vec<_> = first.items.iter().map(|listed| listed.user.id.as_str()).collect();
    assert_eq!(first, ["c", "a"]);
    assert!(before.is_sorted_by(|one, next| one.sequence < next.sequence));
    store.delete_user(&project, &user_id("b"), None).await.expect("it is there");
    new_user(store, &project, "b").await;
    let after = store.users(&project).await.expect("a list");
    assert!(after[2].sequence > before[2].sequence);
}

pub(super) async fn a_user_goes_with_sessions_tokens_and_memberships(store: &dyn Accounts) {
    let project = new_project(store, "users-end").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let crew = new_team(store, &project, "crew").await;
    for (user, number) in [(&ada, "1"), (&bob, "2")] {
        store.create_session(&project, &session(number, user, number), None).await.expect("kept");
        store.create_token(&project, &token(number, user, number)).await.expect("kept");
    }
    store.create_membership(&project, &member("1", &crew, &ada)).await.expect("kept");
    store.create_membership(&project, &invited("2", &crew, &bob)).await.expect("kept");
    store.delete_user(&project, &ada, None).await.expect("it is there");
    assert!(store.sessions(&project, &ada).await.expect("a list").is_empty());
    assert_eq!(store.take_token(&project, &ada, "1", THEN).await.expect("an answer"), None);
    assert_eq!(store.membership(&project, &membership_id("1")).await.expect("an answer"), None);
    assert_eq!(store.sessions(&project, &bob).await.expect("a list").len(), 1);
    assert!(store.take_token(&project, &bob, "2", THEN).await.expect("an answer").is_some());
    assert!(store.membership(&project, &membership_id("2")).await.expect("an answer").is_some());
    // The same id again is somebody else: nothing of the former comes back.
    new_user(store, &project, "ada").await;
    assert!(store.memberships_of_user(&project, &ada).await.expect("a list").is_empty());
}
