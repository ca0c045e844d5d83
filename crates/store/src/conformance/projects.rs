//! Checks of projects: what belongs to one, and what one never sees of another.

use herenow_core::{KeyId, ProjectId, account::Project};

use super::fixtures::{
    LATER, THEN, assert_missing, assert_taken, key, member, membership_id, new_project, new_team, new_user, platform,
    project_id, session, session_id, team, team_id, token, user, user_id, webhook,
};
use crate::Accounts;

pub(super) async fn ids_are_unique_and_lists_are_in_the_order_of_creation(store: &dyn Accounts) {
    let ids = ["order-c", "order-a", "order-b"];
    for id in ids {
        new_project(store, id).await;
    }
    let mut changed = Project::new(project_id("order-c"), "Another name", THEN);
    changed.session_limit = 3;
    store.update_project(&changed).await.expect("it is there");
    assert_taken(store.create_project(&changed).await, "id");
    let listed = store.projects().await.expect("a list");
    let listed: Vec<_> = listed.iter().map(|project| project.id.as_str()).filter(|id| ids.contains(id)).collect();
    assert_eq!(listed, ids);
    assert_eq!(store.project(&changed.id).await.expect("an answer"), Some(changed));
}

pub(super) async fn what_is_not_there_cannot_be_changed(store: &dyn Accounts) {
    let project = new_project(store, "nothing").await;
    let (nobody, no_team) = (user_id("nobody"), team_id("no-team"));
    let platform = platform("p", "example.com");
    assert_missing(store.update_project(&Project::new(project_id("no-project"), "", THEN)).await);
    assert_missing(store.delete_project(&project_id("no-project")).await);
    assert_missing(store.update_key(&project, &key("k", "hash")).await);
    assert_missing(store.delete_key(&project, &KeyId::parse("k").expect("an id")).await);
    assert_missing(store.update_platform(&project, &platform).await);
    assert_missing(store.delete_platform(&project, &platform.id).await);
    assert_missing(store.change_project(&project_id("no-project"), Box::new(|_| ())).await);
    assert_missing(store.change_key(&project, &KeyId::parse("k").expect("an id"), Box::new(|_| ())).await);
    assert_missing(store.update_webhook(&project, &webhook("w", "http://example.com")).await);
    assert_missing(store.delete_webhook(&project, &webhook("w", "").id).await);
    assert_missing(store.update_user(&project, &user("nobody", "", "")).await);
    assert_missing(store.delete_user(&project, &nobody, None).await);
    assert_missing(store.update_session(&project, &session("s", &nobody, "hash")).await);
    assert_missing(store.delete_session(&project, &nobody, &session_id("s")).await);
    assert_missing(store.update_team(&project, &team("no-team")).await);
    assert_missing(store.delete_team(&project, &no_team).await);
    assert_missing(store.update_membership(&project, &member("m", &no_team, &nobody)).await);
    assert_missing(store.delete_membership(&project, &membership_id("m"), None).await);
}

pub(super) async fn a_change_of_a_project_starts_from_what_is_kept(store: &dyn Accounts) {
    let project = new_project(store, "changed").await;
    let limit = store.change_project(&project, Box::new(|project| project.session_limit = 3));
    let name = store.change_project(&project, Box::new(|project| "New".clone_into(&mut project.name)));
    let (limit, name) = tokio::join!(limit, name);
    limit.expect("it is there");
    name.expect("it is there");
    let kept = store.project(&project).await.expect("an answer").expect("it is there");
    assert_eq!((kept.session_limit, kept.name.as_str()), (3, "New"));
}

/// Fills a project with one of each.
async fn furnish(store: &dyn Accounts, project: &ProjectId) {
    store.create_key(project, &key("key", "key-hash")).await.expect("kept");
    store.create_platform(project, &platform("platform", "example.com")).await.expect("kept");
    store.create_webhook(project, &webhook("webhook", "http://example.com")).await.expect("kept");
    let person = user("person", "person@example.com", "+4912345");
    store.create_user(project, &person).await.expect("kept");
    store.create_session(project, &session("session", &person.id, "session-hash"), None).await.expect("kept");
    store.create_token(project, &token("token", &person.id, "token-hash")).await.expect("kept");
    let team = team("team");
    store.create_team(project, &team, Some(&member("member", &team.id, &person.id))).await.expect("kept");
}

/// Fails if anything of [`furnish`] is found from `project`.
async fn assert_bare(store: &dyn Accounts, project: &ProjectId) {
    let (person, team) = (user_id("person"), team_id("team"));
    assert!(store.keys(project).await.expect("a list").is_empty());
    assert_eq!(store.key_by_hash(project, "key-hash").await.expect("an answer"), None);
    assert!(store.platforms(project).await.expect("a list").is_empty());
    assert!(store.webhooks(project).await.expect("a list").is_empty());
    assert!(store.users(project).await.expect("a list").is_empty());
    assert_eq!(store.user(project, &person).await.expect("an answer"), None);
    assert_eq!(store.user_by_email(project, "person@example.com").await.expect("an answer"), None);
    assert_eq!(store.user_by_phone(project, "+4912345").await.expect("an answer"), None);
    assert!(store.sessions(project, &person).await.expect("a list").is_empty());
    assert_eq!(store.session_by_hash(project, &person, "session-hash").await.expect("an answer"), None);
    assert_eq!(store.take_token(project, &person, "token-hash", THEN).await.expect("an answer"), None);
    assert!(store.teams(project).await.expect("a list").is_empty());
    assert_eq!(store.team(project, &team).await.expect("an answer"), None);
    assert!(store.memberships_of_team(project, &team).await.expect("a list").is_empty());
    assert!(store.memberships_of_user(project, &person).await.expect("a list").is_empty());
    assert_eq!(store.membership(project, &membership_id("member")).await.expect("an answer"), None);
}

pub(super) async fn nothing_is_seen_from_another_project(store: &dyn Accounts) {
    let (full, bare) = (new_project(store, "sight-full").await, new_project(store, "sight-bare").await);
    furnish(store, &full).await;
    assert_bare(store, &bare).await;
    assert_missing(store.update_user(&bare, &user("person", "", "")).await);
    assert_missing(store.delete_user(&bare, &user_id("person"), None).await);
    assert_missing(store.delete_session(&bare, &user_id("person"), &session_id("session")).await);
    assert_missing(store.delete_team(&bare, &team_id("team")).await);
    assert_missing(store.delete_membership(&bare, &membership_id("member"), None).await);
    let removed = store.delete_sessions(&bare, &user_id("person"), None).await.expect("an answer");
    assert!(removed.is_empty());
    assert!(store.session_by_hash(&full, &user_id("person"), "session-hash").await.expect("an answer").is_some());
}

pub(super) async fn ids_and_unique_values_may_repeat_in_another_project(store: &dyn Accounts) {
    for id in ["twin-a", "twin-b"] {
        let project = new_project(store, id).await;
        furnish(store, &project).await;
    }
    let (first, second) = (project_id("twin-a"), project_id("twin-b"));
    store.delete_user(&first, &user_id("person"), None).await.expect("it is there");
    assert!(store.user(&second, &user_id("person")).await.expect("an answer").is_some());
    let team = store.team(&second, &team_id("team")).await.expect("an answer").expect("it is there");
    assert_eq!(team.total, 1);
}

pub(super) async fn nothing_begins_in_a_project_that_is_not_there(store: &dyn Accounts) {
    let project = project_id("absent");
    assert_missing(store.create_key(&project, &key("k", "hash")).await);
    assert_missing(store.create_platform(&project, &platform("p", "example.com")).await);
    assert_missing(store.create_webhook(&project, &webhook("w", "http://example.com")).await);
    assert_missing(store.create_user(&project, &user("u", "", "")).await);
    assert_missing(store.create_team(&project, &team("t"), None).await);
    let project = new_project(store, "present").await;
    let (person, crew) = (new_user(store, &project, "person").await, new_team(store, &project, "crew").await);
    assert_missing(store.create_session(&project, &session("s", &user_id("nobody"), "hash"), Some(1)).await);
    assert_missing(store.create_token(&project, &token("t", &user_id("nobody"), "hash")).await);
    assert_missing(store.create_membership(&project, &member("m", &crew, &user_id("nobody"))).await);
    assert_missing(store.create_membership(&project, &member("m", &team_id("no-team"), &person)).await);
}

pub(super) async fn a_project_goes_with_everything_in_it(store: &dyn Accounts) {
    let project = new_project(store, "doomed").await;
    furnish(store, &project).await;
    store.delete_project(&project).await.expect("it is there");
    assert_eq!(store.project(&project).await.expect("an answer"), None);
    new_project(store, "doomed").await;
    assert_bare(store, &project).await;
    let swept = store.sweep_sessions(LATER).await.expect("an answer");
    assert!(!swept.iter().any(|(whose, ..)| *whose == project));
    furnish(store, &project).await;
}
