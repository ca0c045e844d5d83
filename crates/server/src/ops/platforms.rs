//! Platforms of a project: the pages and apps that may call it, beside the origins that a file declares.
//!
//! Source: http-api, section F; auth-and-permissions, section 9.

use herenow_core::{
    PlatformId, ProjectId,
    account::Platform,
    query::{Attributes, Schema, Value},
};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use super::lists::{self, ListRequest, Listable, Listed};
use crate::{App, failure::Failure, realtime::effects};

/// A platform as it was asked for.
#[derive(Debug, Clone)]
pub struct PlatformInput {
    /// For people.
    pub name: String,
    /// `web`, or the kind of a native app.
    pub kind: String,
    /// Host name of a web platform; `*.example.com` for subdomains.
    pub hostname: String,
    /// Bundle or package id of a native one.
    pub key: String,
}

/// Adds a platform: it may call at once.
///
/// # Errors
/// 409 `platform_already_exists`.
pub async fn create(app: &App, project: &ProjectId, id: PlatformId, input: PlatformInput) -> Result<Platform, Failure> {
    let now = app.clock.now();
    let PlatformInput { name, kind, hostname, key } = input;
    let platform = Platform { id, created_at: now, updated_at: now, name, kind, hostname, key };
    app.accounts.create_platform(project, &platform).await.map_err(|error| match error {
        StoreError::Taken(_) => ErrorType::PlatformAlreadyExists.into(),
        StoreError::Missing => ErrorType::ProjectNotFound.into(),
        error => Failure::from(error),
    })?;
    app.projects.refresh(&*app.accounts, project).await?;
    Ok(platform)
}

/// One platform.
///
/// # Errors
/// 404 `platform_not_found`.
pub async fn find(app: &App, project: &ProjectId, id: &PlatformId) -> Result<Platform, Failure> {
    let platforms = app.accounts.platforms(project).await?;
    platforms.into_iter().find(|platform| platform.id == *id).ok_or_else(|| ErrorType::PlatformNotFound.into())
}

/// What of a platform changes; the kind stays.
#[derive(Debug, Clone)]
pub struct PlatformEdit {
    /// For people.
    pub name: String,
    /// The host name; none: as before.
    pub hostname: Option<String>,
    /// The bundle or package id; none: as before.
    pub key: Option<String>,
}

/// Changes a platform, likewise.
///
/// # Errors
/// 404 `platform_not_found`.
pub async fn update(app: &App, project: &ProjectId, id: &PlatformId, edit: PlatformEdit) -> Result<Platform, Failure> {
    let before = find(app, project, id).await?;
    let platform = Platform {
        name: edit.name,
        hostname: edit.hostname.unwrap_or_else(|| before.hostname.clone()),
        key: edit.key.unwrap_or_else(|| before.key.clone()),
        updated_at: app.clock.now(),
        ..before
    };
    app.accounts.update_platform(project, &platform).await.map_err(missing)?;
    app.projects.refresh(&*app.accounts, project).await?;
    effects::origins_changed(app, project);
    Ok(platform)
}

/// Removes a platform; what pages have open that it alone let in closes.
///
/// # Errors
/// 404 `platform_not_found`.
pub async fn delete(app: &App, project: &ProjectId, id: &PlatformId) -> Result<(), Failure> {
    app.accounts.delete_platform(project, id).await.map_err(missing)?;
    app.projects.refresh(&*app.accounts, project).await?;
    effects::origins_changed(app, project);
    Ok(())
}

/// Lists platforms.
///
/// # Errors
/// Queries that are not understood, cursors that lead nowhere.
pub async fn list(app: &App, project: &ProjectId, request: &ListRequest) -> Result<Listed<Row>, Failure> {
    let platforms = app.accounts.platforms(project).await?;
    let rows = (1..).zip(platforms).map(|(sequence, platform)| Row { sequence, platform });
    lists::list(rows.collect(), &Schema::PLATFORMS, request).await
}

/// A platform in a list, with its place in the order of creation.
#[derive(Debug)]
pub struct Row {
    sequence: i64,
    /// The platform.
    pub platform: Platform,
}

impl Attributes for Row {
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.platform.id.as_str()),
            "$createdAt" => Value::Time(self.platform.created_at),
            "$updatedAt" => Value::Time(self.platform.updated_at),
            "$sequence" => Value::Integer(self.sequence),
            "name" => Value::Text(&self.platform.name),
            "type" => Value::Text(&self.platform.kind),
            "hostname" => Value::Text(&self.platform.hostname),
            "key" => Value::Text(&self.platform.key),
            _ => Value::Null,
        }
    }
}

impl Listable for Row {
    fn id(&self) -> &str {
        self.platform.id.as_str()
    }

    fn searched(&self) -> Vec<&str> {
        vec![self.platform.id.as_str(), &self.platform.name, &self.platform.hostname, &self.platform.key]
    }
}

fn missing(error: StoreError) -> Failure {
    match error {
        StoreError::Missing => ErrorType::PlatformNotFound.into(),
        error => error.into(),
    }
}
