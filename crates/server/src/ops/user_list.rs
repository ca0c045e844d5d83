//! The list of a project's users.
//!
//! Source: http-api, section C; queries, section 3 ("Allowed attributes").

use herenow_core::{ProjectId, account::User, query::Schema};

use super::lists::{self, ListRequest, Listed};
use crate::{App, failure::Failure};

/// Lists users.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere, lists that would look at too much.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<User>, Failure> {
    let search = lists::search(request, &Schema::USERS)?;
    let found = lists::found(app.accounts.search_users(project, &search).await?)?;
    Ok(Listed::of(found.total, found.items.into_iter().map(|listed| listed.user)))
}
