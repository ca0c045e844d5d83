//! Tokens: secrets that are exchanged once for a session.

use herenow_core::{ProjectId, Timestamp, UserId, account::Token};
use rusqlite::{Connection, params};

use super::rows;
use crate::accounts::Kept;

const TABLE: &str = "tokens";

pub(super) fn create(connection: &Connection, project: &ProjectId, token: &Token) -> Kept {
    let (project, user, expire) = (project.as_str(), token.user.as_str(), token.expire.millis());
    let row = params![project, user, token.id.as_str(), token.secret_hash, expire, rows::data(token)?];
    let sql = "INSERT INTO tokens (project, user, id, secret_hash, expire, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    rows::run(connection, sql, row)
}

/// Removing it and reading it are one statement, so no second caller finds it.
pub(super) fn take(
    connection: &Connection,
    project: &ProjectId,
    user: &UserId,
    secret_hash: &str,
    now: Timestamp,
) -> Kept<Option<Token>> {
    let sql = "DELETE FROM tokens WHERE project = ?1 AND user = ?2 AND secret_hash = ?3 AND expire > ?4
               RETURNING id, data";
    rows::find(connection, TABLE, sql, params![project.as_str(), user.as_str(), secret_hash, now.millis()])
}

/// Removes those that nobody can take any more.
pub(super) fn sweep(connection: &Connection, now: Timestamp) -> Kept {
    rows::run(connection, "DELETE FROM tokens WHERE expire <= ?1", [now.millis()])
}
