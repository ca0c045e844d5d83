//! Users from the command line, by the same operations as over HTTP.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use herenow_core::{UserId, account::User};
use serde_json::value::to_raw_value;

use super::{Answer, NewUser, Status, UserRow, projects::find, sentence};
use crate::{App, clock::random_u64, http::params, ops};

pub(super) async fn create(app: &App, project: &str, new: NewUser) -> Result<Answer> {
    let project = find(app, project).await?.id;
    let (now, random) = (app.clock.now(), random_u64());
    let id = UserId::parse_custom(new.id.as_deref().unwrap_or("unique()"), now, random);
    let input = ops::users::NewUser {
        id: id.map_err(|error| anyhow!("the user id is not valid: {error}"))?,
        email: checked("email", new.email, params::email)?,
        phone: checked("phone", new.phone, params::phone)?,
        password: checked("password", new.password, params::password)?,
        name: checked("name", new.name, params::text(1, 128))?.unwrap_or_default(),
    };
    let user = ops::users::create(app, &project, input).await.map_err(|failure| sentence(&failure))?;
    Ok(Answer::User(row(user)))
}

pub(super) async fn list(app: &App, project: &str) -> Result<Answer> {
    let project = find(app, project).await?.id;
    Ok(Answer::Users(app.accounts.users(&project).await?.into_iter().map(|listed| row(listed.user)).collect()))
}

pub(super) async fn delete(app: &Arc<App>, project: &str, id: &str) -> Result<Answer> {
    let project = find(app, project).await?.id;
    let id = UserId::parse(id).map_err(|error| anyhow!("the user id is not valid: {error}"))?;
    ops::users::delete(app, &project, &id).await.map_err(|failure| sentence(&failure))?;
    Ok(Answer::Done)
}

/// A value under the rule that holds for it over HTTP.
fn checked<T>(
    name: &str,
    value: Option<String>,
    rule: impl Fn(params::Raw<'_>) -> Result<T, String>,
) -> Result<Option<T>> {
    let Some(value) = value else { return Ok(None) };
    let checked =
        rule((&*to_raw_value(&value)?).into()).map_err(|error| anyhow!("the {name} is not valid: {error}"))?;
    Ok(Some(checked))
}

fn row(user: User) -> UserRow {
    UserRow {
        id: user.id.to_string(),
        name: user.name,
        email: user.email,
        phone: user.phone,
        created: user.created_at.to_string(),
        status: if user.status { Status::Active } else { Status::Blocked },
    }
}
