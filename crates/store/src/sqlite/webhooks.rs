//! Webhooks: where the events of a project are to be sent.

use herenow_core::{ProjectId, WebhookId, account::Webhook};
use rusqlite::{Connection, params};

use super::rows;
use crate::accounts::Kept;

const TABLE: &str = "webhooks";

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<Webhook>> {
    let sql = "SELECT id, data FROM webhooks WHERE project = ?1 ORDER BY sequence";
    rows::list(connection, TABLE, sql, [project.as_str()])
}

pub(super) fn create(connection: &Connection, project: &ProjectId, webhook: &Webhook) -> Kept {
    let row = params![project.as_str(), webhook.id.as_str(), rows::data(webhook)?];
    rows::run(connection, "INSERT INTO webhooks (project, id, data) VALUES (?1, ?2, ?3)", row)
}

pub(super) fn update(connection: &Connection, project: &ProjectId, webhook: &Webhook) -> Kept {
    let row = params![project.as_str(), webhook.id.as_str(), rows::data(webhook)?];
    rows::change(connection, "UPDATE webhooks SET data = ?3 WHERE project = ?1 AND id = ?2", row)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &WebhookId) -> Kept {
    rows::change(connection, "DELETE FROM webhooks WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])
}
