//! Projects. Whatever belongs to one goes with it: the tables refer to each other.

use herenow_core::{ProjectId, account::Project};
use rusqlite::{Connection, params};

use super::rows;
use crate::{Edit, StoreError, accounts::Kept};

const TABLE: &str = "projects";

pub(super) fn list(connection: &Connection) -> Kept<Vec<Project>> {
    rows::list(connection, TABLE, "SELECT id, data FROM projects ORDER BY sequence", [])
}

pub(super) fn find(connection: &Connection, id: &ProjectId) -> Kept<Option<Project>> {
    rows::find(connection, TABLE, "SELECT id, data FROM projects WHERE id = ?1", [id.as_str()])
}

pub(super) fn create(connection: &Connection, project: &Project) -> Kept {
    let row = params![project.id.as_str(), rows::data(project)?];
    rows::run(connection, "INSERT INTO projects (id, data) VALUES (?1, ?2)", row)
}

pub(super) fn update(connection: &Connection, project: &Project) -> Kept {
    let row = params![project.id.as_str(), rows::data(project)?];
    rows::change(connection, "UPDATE projects SET data = ?2 WHERE id = ?1", row)
}

pub(super) fn change(connection: &Connection, id: &ProjectId, edit: &Edit<Project>) -> Kept<Project> {
    let before = find(connection, id)?.ok_or(StoreError::Missing)?;
    let mut project = before.clone();
    edit(&mut project);
    if project != before {
        update(connection, &project)?;
    }
    Ok(project)
}

pub(super) fn delete(connection: &Connection, id: &ProjectId) -> Kept {
    rows::change(connection, "DELETE FROM projects WHERE id = ?1", [id.as_str()])
}
