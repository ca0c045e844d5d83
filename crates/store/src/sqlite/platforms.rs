//! Platforms: the origins that may call a project.

use herenow_core::{PlatformId, ProjectId, account::Platform};
use rusqlite::{Connection, params};

use super::rows;
use crate::accounts::Kept;

const TABLE: &str = "platforms";

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<Platform>> {
    let sql = "SELECT id, data FROM platforms WHERE project = ?1 ORDER BY sequence";
    rows::list(connection, TABLE, sql, [project.as_str()])
}

pub(super) fn create(connection: &Connection, project: &ProjectId, platform: &Platform) -> Kept {
    let row = params![project.as_str(), platform.id.as_str(), rows::data(platform)?];
    rows::run(connection, "INSERT INTO platforms (project, id, data) VALUES (?1, ?2, ?3)", row)
}

pub(super) fn update(connection: &Connection, project: &ProjectId, platform: &Platform) -> Kept {
    let row = params![project.as_str(), platform.id.as_str(), rows::data(platform)?];
    rows::change(connection, "UPDATE platforms SET data = ?3 WHERE project = ?1 AND id = ?2", row)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &PlatformId) -> Kept {
    rows::change(connection, "DELETE FROM platforms WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])
}
