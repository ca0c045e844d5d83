//! Users. Sessions, tokens and memberships go with them: the tables refer to each other.

use herenow_core::{ProjectId, UserId, account::User, query::PageError};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    memberships, rows,
    search::{self, Kind, Things, column},
};
use crate::{Found, ListedUser, Page, Search, StoreError, TeamRule, Toward, UserEdit, accounts::Kept};

const TABLE: &str = "users";

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<ListedUser>> {
    let sql = "SELECT id, data, sequence FROM users WHERE project = ?1 ORDER BY sequence";
    rows::collect(connection, sql, [project.as_str()], |row| {
        Ok(ListedUser { sequence: row.get(2)?, user: rows::thing(TABLE, row)? })
    })
}

/// The list of all users of a project. What is not a column of its own stands in brackets, as its indexes have it.
const LISTED: Things = Things {
    select: "SELECT id, data, sequence FROM users",
    table: TABLE,
    scope: "project = ?1",
    columns: &[
        column("$id", "id", Kind::Always),
        column("$createdAt", "(data ->> '$.created_at')", Kind::Always),
        column("$updatedAt", "(data ->> '$.updated_at')", Kind::Always),
        column("$sequence", "sequence", Kind::Always),
        column("name", "(data ->> '$.name')", Kind::Always),
        column("email", "email", Kind::Filled),
        column("phone", "phone", Kind::Filled),
        column("status", "(data ->> '$.status')", Kind::Always),
        column("passwordUpdate", "(data ->> '$.password_update')", Kind::Perhaps),
        column("registration", "(data ->> '$.created_at')", Kind::Always),
        column("accessedAt", "(data ->> '$.accessed_at')", Kind::Perhaps),
        column("emailVerification", "(data ->> '$.email_verification')", Kind::Always),
        column("phoneVerification", "(data ->> '$.phone_verification')", Kind::Always),
        // Nobody is one.
        column("impersonator", "(id IS NULL)", Kind::Always),
        column("labels", "(data -> '$.labels')", Kind::Texts),
    ],
    searched: "id, email, phone, (data ->> '$.name')",
};

/// Makes the list that was asked for.
pub(super) fn search(
    connection: &Connection,
    project: &ProjectId,
    search: &Search,
) -> Kept<Result<Found<ListedUser>, PageError>> {
    let scope = [project.as_str().to_owned().into()];
    search::list(connection, &LISTED, &scope, search, |row| {
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

/// As [`change`], unless the user would be blocked and a rule minds.
pub(super) fn change_member(
    connection: &Connection,
    project: &ProjectId,
    id: &UserId,
    edit: &UserEdit,
    rule: &TeamRule,
) -> Kept<User> {
    let before = find(connection, project, id)?.ok_or(StoreError::Missing)?;
    let mut after = before.clone();
    edit(&mut after);
    if before.status && !after.status {
        memberships::obey_without(connection, project, id, rule)?;
    }
    change(connection, project, id, edit)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &UserId, rule: Option<&TeamRule>) -> Kept {
    if let Some(rule) = rule {
        memberships::obey_without(connection, project, id, rule)?;
    }
    rows::change(connection, "DELETE FROM users WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])
}
