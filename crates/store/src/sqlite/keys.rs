//! API keys.

use herenow_core::{KeyId, ProjectId, account::Key};
use rusqlite::{Connection, params};

use super::rows;
use crate::{Edit, StoreError, accounts::Kept};

const TABLE: &str = "keys";

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<Key>> {
    let sql = "SELECT id, data FROM keys WHERE project = ?1 ORDER BY sequence";
    rows::list(connection, TABLE, sql, [project.as_str()])
}

pub(super) fn find_by_hash(connection: &Connection, project: &ProjectId, secret_hash: &str) -> Kept<Option<Key>> {
    let sql = "SELECT id, data FROM keys WHERE project = ?1 AND secret_hash = ?2";
    rows::find(connection, TABLE, sql, [project.as_str(), secret_hash])
}

pub(super) fn create(connection: &Connection, project: &ProjectId, key: &Key) -> Kept {
    let row = params![project.as_str(), key.id.as_str(), key.secret_hash, rows::data(key)?];
    rows::run(connection, "INSERT INTO keys (project, id, secret_hash, data) VALUES (?1, ?2, ?3, ?4)", row)
}

pub(super) fn update(connection: &Connection, project: &ProjectId, key: &Key) -> Kept {
    let row = params![project.as_str(), key.id.as_str(), key.secret_hash, rows::data(key)?];
    rows::change(connection, "UPDATE keys SET secret_hash = ?3, data = ?4 WHERE project = ?1 AND id = ?2", row)
}

pub(super) fn change(connection: &Connection, project: &ProjectId, id: &KeyId, edit: &Edit<Key>) -> Kept<Key> {
    let sql = "SELECT id, data FROM keys WHERE project = ?1 AND id = ?2";
    let found: Option<Key> = rows::find(connection, TABLE, sql, [project.as_str(), id.as_str()])?;
    let before = found.ok_or(StoreError::Missing)?;
    let mut key = before.clone();
    edit(&mut key);
    if key != before {
        update(connection, project, &key)?;
    }
    Ok(key)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &KeyId) -> Kept {
    rows::change(connection, "DELETE FROM keys WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])
}
