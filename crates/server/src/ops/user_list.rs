//! The list of a project's users.
//!
//! Source: http-api, section C; queries, section 3 ("Allowed attributes").

use std::sync::Arc;

use herenow_core::{
    ProjectId, UserId,
    account::User,
    query::{Attributes, Schema, Value},
    tracker::Count,
};
use herenow_store::ListedUser;

use super::lists::{self, ListRequest, Listable, Listed};
use crate::{App, failure::Failure};

/// A user as lists see it.
#[derive(Debug)]
pub struct Row(ListedUser);

impl Row {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

/// Lists users.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let query = lists::parse(request, &Schema::USERS)?;
    if let Some(page) = lists::plain(&query, request, UserId::parse) {
        let found = app.accounts.user_page(project, &page).await?;
        let users = lists::in_order(found, &query)?;
        let total = if request.count == Count::All { app.accounts.count_users(project).await? } else { 0 };
        return Ok(Listed { total, items: users.into_iter().map(|user| Arc::new(Row(user))).collect() });
    }
    let rows = app.accounts.users(project).await?.into_iter().map(Row).collect();
    lists::list(rows, &Schema::USERS, request).await
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.user().id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        let user = self.user();
        vec![user.id.as_str(), &user.email, &user.phone, &user.name]
    }
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        let user = self.user();
        // An address that was never given is null to a query, though an answer shows it as an empty text.
        let address = |text| if str::is_empty(text) { Value::Null } else { Value::Text(text) };
        match name {
            "$id" => Value::Text(user.id.as_str()),
            "$createdAt" | "registration" => Value::Time(user.created_at),
            "$updatedAt" => Value::Time(user.updated_at),
            "$sequence" => Value::Integer(self.0.sequence),
            "name" => Value::Text(&user.name),
            "email" => address(&user.email),
            "phone" => address(&user.phone),
            "status" => Value::Boolean(user.status),
            "passwordUpdate" => user.password_update.map_or(Value::Null, Value::Time),
            "accessedAt" => user.accessed_at.map_or(Value::Null, Value::Time),
            "emailVerification" => Value::Boolean(user.email_verification),
            "phoneVerification" => Value::Boolean(user.phone_verification),
            "impersonator" => Value::Boolean(false),
            "labels" => Value::Texts(&user.labels),
            _ => Value::Null,
        }
    }
}
