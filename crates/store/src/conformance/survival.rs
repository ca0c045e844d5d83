//! Checks that what was answered is there after the store was closed and opened again.

use super::fixtures::{
    THEN, key, member, membership_id, new_project, platform, project_id, session, team, team_id, token, user, user_id,
    webhook,
};
use crate::Accounts;

const PROJECT: &str = "survival";

/// Writes one of each; then the store is closed.
pub async fn accounts_before_reopening(store: &dyn Accounts) {
    let project = new_project(store, PROJECT).await;
    store.create_key(&project, &key("key", "key-hash")).await.expect("kept");
    store.create_platform(&project, &platform("platform", "example.com")).await.expect("kept");
    store.create_webhook(&project, &webhook("webhook", "http://example.com")).await.expect("kept");
    let ada = user("ada", "ada@example.com", "+4912345");
    store.create_user(&project, &ada).await.expect("kept");
    store.create_session(&project, &session("session", &ada.id, "session-hash"), None).await.expect("kept");
    store.create_token(&project, &token("token", &ada.id, "token-hash")).await.expect("kept");
    let crew = team("crew");
    store.create_team(&project, &crew, Some(&member("member", &crew.id, &ada.id))).await.expect("kept");
}

/// Finds all that [`accounts_before_reopening`] wrote, in a store that was opened on the same data.
pub async fn accounts_after_reopening(store: &dyn Accounts) {
    let (project, ada) = (project_id(PROJECT), user_id("ada"));
    assert!(store.project(&project).await.expect("an answer").is_some());
    assert_eq!(store.keys(&project).await.expect("a list"), [key("key", "key-hash")]);
    assert_eq!(store.platforms(&project).await.expect("a list"), [platform("platform", "example.com")]);
    assert_eq!(store.webhooks(&project).await.expect("a list"), [webhook("webhook", "http://example.com")]);
    let found = store.user_by_email(&project, "ada@example.com").await.expect("an answer");
    assert_eq!(found, Some(user("ada", "ada@example.com", "+4912345")));
    assert_eq!(store.sessions(&project, &ada).await.expect("a list"), [session("session", &ada, "session-hash")]);
    let taken = store.take_token(&project, &ada, "token-hash", THEN).await.expect("an answer");
    assert_eq!(taken, Some(token("token", &ada, "token-hash")));
    assert_eq!(store.team(&project, &team_id("crew")).await.expect("an answer").expect("it is there").total, 1);
    assert!(store.membership(&project, &membership_id("member")).await.expect("an answer").is_some());
}
