//! Webhooks of a project: kept and given back. Nothing is delivered yet.
//!
//! Source: http-api, section F.

use herenow_core::{
    ProjectId, WebhookId,
    account::Webhook,
    query::{Attributes, Schema, Value},
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::lists::{self, ListRequest, Listable, Listed};
use crate::{App, auth::secret, failure::Failure};

/// How many random bytes a secret has that nobody chose.
const SECRET_BYTES: usize = 64;
/// What events of webhooks begin with. Presences are not among them.
const SUBJECTS: [&str; 16] = [
    "users",
    "teams",
    "databases",
    "tablesdb",
    "buckets",
    "functions",
    "sites",
    "messaging",
    "providers",
    "topics",
    "messages",
    "proxy",
    "rules",
    "projects",
    "keys",
    "webhooks",
];

/// Whether this is the pattern of an event that webhooks may ask for, such as `users.*.create`.
#[must_use]
pub fn is_event(pattern: &str) -> bool {
    let mut parts = pattern.split('.');
    let plain = |part: &str| {
        part == "*"
            || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)))
    };
    parts.next().is_some_and(|subject| SUBJECTS.contains(&subject)) && pattern.contains('.') && parts.all(plain)
}

/// A webhook as it was asked for.
#[derive(Clone)]
pub struct WebhookInput {
    /// For people.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Of which events.
    pub events: Vec<String>,
    /// Whether the certificate there is checked; none: as before, at first not.
    pub tls: Option<bool>,
    /// Who signs in there; none: as before.
    pub auth_username: Option<String>,
    /// The password there; none: as before.
    pub auth_password: Option<String>,
    /// Whether it is to be used; none: as before, at first yes.
    pub enabled: Option<bool>,
}

impl WebhookInput {
    fn apply(self, webhook: &mut Webhook) {
        webhook.name = self.name;
        webhook.url = self.url;
        webhook.events = self.events;
        webhook.tls = self.tls.unwrap_or(webhook.tls);
        webhook.enabled = self.enabled.unwrap_or(webhook.enabled);
        if let Some(username) = self.auth_username {
            webhook.auth_username = username;
        }
        if let Some(password) = self.auth_password {
            webhook.auth_password = password;
        }
    }
}

/// Makes a webhook; without a secret it gets one.
///
/// # Errors
/// 409 `webhook_already_exists`.
pub async fn create(
    app: &App,
    project: &ProjectId,
    id: WebhookId,
    input: WebhookInput,
    secret: Option<String>,
) -> Result<Webhook, Failure> {
    let now = app.clock.now();
    let mut webhook = Webhook {
        id,
        created_at: now,
        updated_at: now,
        name: String::new(),
        url: String::new(),
        events: Vec::new(),
        tls: false,
        auth_username: String::new(),
        auth_password: String::new(),
        secret: secret.unwrap_or_else(secret::fresh::<SECRET_BYTES>),
        enabled: true,
    };
    input.apply(&mut webhook);
    app.accounts.create_webhook(project, &webhook).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::WebhookAlreadyExists.into(),
        StoreError::Missing => ErrorType::ProjectNotFound.into(),
        error => Failure::from(error),
    })?;
    Ok(webhook)
}

/// One webhook.
///
/// # Errors
/// 404 `webhook_not_found`.
pub async fn find(app: &App, project: &ProjectId, id: &WebhookId) -> Result<Webhook, Failure> {
    let webhooks = app.accounts.webhooks(project).await?;
    webhooks.into_iter().find(|webhook| webhook.id == *id).ok_or_else(|| ErrorType::WebhookNotFound.into())
}

/// Changes a webhook.
///
/// # Errors
/// 404 `webhook_not_found`.
pub async fn update(app: &App, project: &ProjectId, id: &WebhookId, input: WebhookInput) -> Result<Webhook, Failure> {
    let mut webhook = find(app, project, id).await?;
    input.apply(&mut webhook);
    keep(app, project, webhook).await
}

/// Gives a webhook a new secret, chosen or made.
///
/// # Errors
/// 404 `webhook_not_found`.
pub async fn set_secret(
    app: &App,
    project: &ProjectId,
    id: &WebhookId,
    secret: Option<String>,
) -> Result<Webhook, Failure> {
    let webhook = find(app, project, id).await?;
    let secret = secret.unwrap_or_else(secret::fresh::<SECRET_BYTES>);
    keep(app, project, Webhook { secret, ..webhook }).await
}

async fn keep(app: &App, project: &ProjectId, webhook: Webhook) -> Result<Webhook, Failure> {
    let webhook = Webhook { updated_at: app.clock.now(), ..webhook };
    app.accounts.update_webhook(project, &webhook).await.map_err(missing)?;
    Ok(webhook)
}

/// Removes a webhook.
///
/// # Errors
/// 404 `webhook_not_found`.
pub async fn delete(app: &App, project: &ProjectId, id: &WebhookId) -> Result<(), Failure> {
    app.accounts.delete_webhook(project, id).await.map_err(missing)
}

/// Lists webhooks.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let webhooks = app.accounts.webhooks(project).await?;
    let rows = (1..).zip(webhooks).map(|(sequence, webhook)| Row { sequence, webhook });
    lists::list(rows.collect(), &Schema::WEBHOOKS, request).await
}

/// A webhook in a list, with its place in the order of creation.
pub struct Row {
    sequence: i64,
    /// The webhook.
    pub webhook: Webhook,
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.webhook.id.as_str()),
            "$createdAt" => Value::Time(self.webhook.created_at),
            "$updatedAt" => Value::Time(self.webhook.updated_at),
            "$sequence" => Value::Integer(self.sequence),
            "name" => Value::Text(&self.webhook.name),
            "url" => Value::Text(&self.webhook.url),
            "events" => Value::Texts(&self.webhook.events),
            "enabled" => Value::Boolean(self.webhook.enabled),
            "tls" => Value::Boolean(self.webhook.tls),
            "authUsername" => Value::Text(&self.webhook.auth_username),
            _ => Value::Null,
        }
    }
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.webhook.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.webhook.id.as_str(), &self.webhook.name, &self.webhook.url]
    }
}

fn missing(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::WebhookNotFound.into(),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_event;

    #[test]
    fn webhooks_may_ask_for_known_subjects_and_not_for_presences() {
        for pattern in ["users.*", "databases.*", "teams.*.memberships.*.update.status", "buckets.b_1.files.*"] {
            assert!(is_event(pattern), "{pattern}");
        }
        for pattern in ["presences.*", "users", "*", "", "users.", "users..create", "users.a b"] {
            assert!(!is_event(pattern), "{pattern}");
        }
    }
}
