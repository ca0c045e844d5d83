//! When keys and users were last seen: noted at most once a day, behind the request.

use std::{sync::Arc, time::Duration};

use herenow_core::{
    ProjectId, Timestamp,
    account::{Key, User},
};

use crate::App;

/// What was seen less than so long ago is not noted again.
const AT_MOST_EVERY: Duration = Duration::from_secs(86_400);

fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| last.plus(AT_MOST_EVERY) <= now)
}

/// SDKs that use keys, by the names that they send: others are not noted, so that nobody fills a key with names.
const SDKS: [&str; 11] = ["Node.js", "Deno", "PHP", "Python", "Ruby", "Go", ".NET", "Dart", "Kotlin", "Swift", "Rust"];

/// Notes that a key was used, and by which SDK.
pub fn key(app: &Arc<App>, project: &ProjectId, key: &Key, sdk: Option<&str>, now: Timestamp) {
    let sdk = sdk.filter(|sdk| SDKS.contains(sdk) && !key.sdks.iter().any(|known| known == sdk)).map(str::to_owned);
    if sdk.is_none() && !is_due(key.accessed_at, now) {
        return;
    }
    let (project, id, again) = (project.clone(), key.id.clone(), app.clone());
    app.tasks.spawn("touch_key", async move {
        // The key as it is kept by then: it may have got other scopes meanwhile.
        let seen = Box::new(move |key: &mut Key| {
            key.accessed_at = Some(now);
            if let Some(sdk) = sdk.as_ref().filter(|sdk| !key.sdks.contains(*sdk)) {
                key.sdks.push(sdk.clone());
            }
        });
        // A failure costs a date that nobody relies on.
        if again.accounts.change_key(&project, &id, seen).await.is_ok() {
            again.sign_ins.forget_project_keys(&project);
        }
    });
}

/// Notes that a user was seen.
pub fn user(app: &Arc<App>, project: &ProjectId, user: &User, now: Timestamp) {
    if !is_due(user.accessed_at, now) {
        return;
    }
    let (project, id, again) = (project.clone(), user.id.clone(), app.clone());
    app.tasks.spawn("touch_user", async move {
        let seen = Box::new(move |user: &mut User| user.accessed_at = Some(now));
        // A failure costs a date that nobody relies on.
        if again.accounts.change_user(&project, &id, seen).await.is_ok() {
            again.sign_ins.forget_user(&project, &id);
        }
    });
}
