//! Users. Sessions, tokens and memberships go with them: the tables refer to each other.

use herenow_core::{ProjectId, UserId, account::User};
use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use crate::{ListedUser, Page, StoreError, Toward, UserEdit, accounts::Kept};

const TABLE: &str = "users";

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<ListedUser>> {
    let sql = "SELECT id, data, sequence FROM users WHERE project = ?1 ORDER BY sequence";
    rows::collect(connection, sql, [project.as_str()], |row| {
        Ok(ListedUser { sequence: row.get(2)?, user: rows::thing(TABLE, row)? })
    })
}

/// Reads from one place in the index alone, however many users there are.
pub(super) fn page(connection: &Connection, project: &ProjectId, page: &Page<UserId>) -> Kept<Option<Vec<ListedUser>>> {
    let place = |id: &UserId| sequence(connection, project, id);
    let Some(from) = rows::start(page, place)? else { return Ok(None) };
    let sql = match page.toward {
        Toward::Later => {
            "SELECT id, data, sequence FROM users WHERE project = ?1 AND sequence > ?2
             ORDER BY sequence LIMIT ?3 OFFSET ?4"
        }
        Toward::Earlier => {
            "SELECT id, data, sequence FROM users WHERE project = ?1 AND sequence < ?2
             ORDER BY sequence DESC LIMIT ?3 OFFSET ?4"
        }
    };
    let row = params![project.as_str(), from, rows::number(page.limit), rows::number(page.skip)];
    let users = rows::collect(connection, sql, row, |row| {
        Ok(ListedUser { sequence: row.get(2)?, user: rows::thing(TABLE, row)? })
    })?;
    Ok(Some(users))
}

fn sequence(connection: &Connection, project: &ProjectId, id: &UserId) -> Kept<Option<i64>> {
    let sql = "SELECT sequence FROM users WHERE project = ?1 AND id = ?2";
    rows::number_of(connection, sql, [project.as_str(), id.as_str()])
}

pub(super) fn count(connection: &Connection, project: &ProjectId) -> Kept<usize> {
    let sql = "SELECT count(*) FROM users WHERE project = ?1";
    rows::count(connection, sql, [project.as_str()])
}

pub(super) fn find(connection: &Connection, project: &ProjectId, id: &UserId) -> Kept<Option<User>> {
    let sql = "SELECT id, data FROM users WHERE project = ?1 AND id = ?2";
    rows::find(connection, TABLE, sql, [project.as_str(), id.as_str()])
}

/// Reads of each row no more than whether the user is blocked: there may be a million.
pub(super) fn unwelcome(connection: &Connection, project: &ProjectId, users: &[UserId]) -> Kept<Vec<UserId>> {
    let sql = "SELECT json_extract(data, '$.status') FROM users WHERE project = ?1 AND id = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut unwelcome = Vec::new();
    for user in users {
        let active = statement.query_row([project.as_str(), user.as_str()], |row| row.get(0)).optional()?;
        if active != Some(true) {
            unwelcome.push(user.clone());
        }
    }
    Ok(unwelcome)
}

// The two below repeat the condition of their partial index, else SQLite could not use it.

pub(super) fn find_by_email(connection: &Connection, project: &ProjectId, email: &str) -> Kept<Option<User>> {
    let sql = "SELECT id, data FROM users WHERE project = ?1 AND email = ?2 AND email <> ''";
    rows::find(connection, TABLE, sql, [project.as_str(), email])
}

pub(super) fn find_by_phone(connection: &Connection, project: &ProjectId, phone: &str) -> Kept<Option<User>> {
    let sql = "SELECT id, data FROM users WHERE project = ?1 AND phone = ?2 AND phone <> ''";
    rows::find(connection, TABLE, sql, [project.as_str(), phone])
}

pub(super) fn create(connection: &Connection, project: &ProjectId, user: &User) -> Kept {
    let row = params![project.as_str(), user.id.as_str(), user.email, user.phone, rows::data(user)?];
    rows::run(connection, "INSERT INTO users (project, id, email, phone, data) VALUES (?1, ?2, ?3, ?4, ?5)", row)
}

pub(super) fn update(connection: &Connection, project: &ProjectId, user: &User) -> Kept {
    let row = params![project.as_str(), user.id.as_str(), user.email, user.phone, rows::data(user)?];
    let sql = "UPDATE users SET email = ?3, phone = ?4, data = ?5 WHERE project = ?1 AND id = ?2";
    rows::change(connection, sql, row)
}

pub(super) fn change(connection: &Connection, project: &ProjectId, id: &UserId, edit: &UserEdit) -> Kept<User> {
    let before = find(connection, project, id)?.ok_or(StoreError::Missing)?;
    let mut user = before.clone();
    edit(&mut user);
    if user != before {
        update(connection, project, &user)?;
    }
    Ok(user)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &UserId) -> Kept {
    rows::change(connection, "DELETE FROM users WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])
}
