//! The list of a project's users.
//!
//! Source: http-api, section C; queries, section 3 ("Allowed attributes").

use herenow_core::{ProjectId, UserId, account::User, query::Schema, tracker::Count};

use super::lists::{self, ListRequest, Listed};
use crate::{App, failure::Failure};

/// Lists users.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere, lists that would look at too much.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<User>, Failure> {
    let query = lists::parse(request, &Schema::USERS)?;
    if let Some(page) = lists::plain(&query, request, UserId::parse) {
        let found = app.accounts.user_page(project, &page).await?;
        let users = lists::in_order(found, &query)?;
        let total = if request.count == Count::All { app.accounts.count_users(project).await? } else { 0 };
        return Ok(Listed::of(total, users.into_iter().map(|listed| listed.user)));
    }
    let found = app.accounts.search_users(project, &lists::search(query, request)).await?;
    let found = found.map_err(lists::refused_page)?;
    Ok(Listed::of(found.total, found.items.into_iter().map(|listed| listed.user)))
}
