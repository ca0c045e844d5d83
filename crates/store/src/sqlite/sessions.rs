//! Sessions: sign-ins that end by limit, by deletion or by time.

use herenow_core::{ProjectId, SessionId, Timestamp, UserId, account::Session};
use rusqlite::{Connection, Params, Row, params};

use super::rows;
use crate::{StoreError, accounts::Kept};

const TABLE: &str = "sessions";

pub(super) fn list(connection: &Connection, project: &ProjectId, user: &UserId) -> Kept<Vec<Session>> {
    let sql = "SELECT id, data FROM sessions WHERE project = ?1 AND user = ?2 ORDER BY sequence";
    rows::list(connection, TABLE, sql, [project.as_str(), user.as_str()])
}

pub(super) fn find_by_hash(
    connection: &Connection,
    project: &ProjectId,
    user: &UserId,
    secret_hash: &str,
) -> Kept<Option<Session>> {
    let sql = "SELECT id, data FROM sessions WHERE project = ?1 AND user = ?2 AND secret_hash = ?3";
    rows::find(connection, TABLE, sql, [project.as_str(), user.as_str(), secret_hash])
}

pub(super) fn create(
    connection: &Connection,
    project: &ProjectId,
    session: &Session,
    limit: Option<usize>,
) -> Kept<Vec<SessionId>> {
    let (project, user, expire) = (project.as_str(), session.user.as_str(), session.expire.millis());
    let row = params![project, user, session.id.as_str(), session.secret_hash, expire, rows::data(session)?];
    let sql = "INSERT INTO sessions (project, user, id, secret_hash, expire, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    rows::run(connection, sql, row)?;
    let Some(limit) = limit else { return Ok(Vec::new()) };
    // The new session has the highest sequence: a limit of one keeps it, and nought counts as one.
    let kept = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
    let sql = "DELETE FROM sessions WHERE sequence IN (
                   SELECT sequence FROM sessions WHERE project = ?1 AND user = ?2
                   ORDER BY sequence DESC LIMIT -1 OFFSET ?3)
               RETURNING sequence, id";
    removed(connection, sql, params![project, user, kept], |row| parsed(&row.get::<_, String>(1)?, SessionId::parse))
}

pub(super) fn update(connection: &Connection, project: &ProjectId, session: &Session) -> Kept {
    let (project, user, expire) = (project.as_str(), session.user.as_str(), session.expire.millis());
    let row = params![project, user, session.id.as_str(), session.secret_hash, expire, rows::data(session)?];
    let sql = "UPDATE sessions SET secret_hash = ?4, expire = ?5, data = ?6
               WHERE project = ?1 AND user = ?2 AND id = ?3";
    rows::change(connection, sql, row)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, user: &UserId, id: &SessionId) -> Kept {
    let sql = "DELETE FROM sessions WHERE project = ?1 AND user = ?2 AND id = ?3";
    rows::change(connection, sql, [project.as_str(), user.as_str(), id.as_str()])
}

pub(super) fn delete_others(
    connection: &Connection,
    project: &ProjectId,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Kept<Vec<SessionId>> {
    // IS NOT, so that no session to keep means that none is kept.
    let sql = "DELETE FROM sessions WHERE project = ?1 AND user = ?2 AND id IS NOT ?3 RETURNING sequence, id";
    let params = params![project.as_str(), user.as_str(), keep.map(SessionId::as_str)];
    removed(connection, sql, params, |row| parsed(&row.get::<_, String>(1)?, SessionId::parse))
}

pub(super) fn sweep(connection: &Connection, now: Timestamp) -> Kept<Vec<(ProjectId, UserId, SessionId)>> {
    let sql = "DELETE FROM sessions WHERE expire <= ?1 RETURNING sequence, project, user, id";
    removed(connection, sql, [now.millis()], |row| {
        let project = parsed(&row.get::<_, String>(1)?, ProjectId::parse)?;
        let user = parsed(&row.get::<_, String>(2)?, UserId::parse)?;
        Ok((project, user, parsed(&row.get::<_, String>(3)?, SessionId::parse)?))
    })
}

/// What a `DELETE … RETURNING sequence, …` removed, oldest first: SQLite itself promises no order.
fn removed<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Kept<T>,
) -> Kept<Vec<T>> {
    let mut gone = rows::collect(connection, sql, params, |row| Ok((row.get::<_, i64>(0)?, read(row)?)))?;
    gone.sort_unstable_by_key(|(sequence, _)| *sequence);
    Ok(gone.into_iter().map(|(_, thing)| thing).collect())
}

fn parsed<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Kept<T> {
    parse(text).map_err(|_| StoreError::Backend(format!("a row of {TABLE} has a malformed id")))
}
