//! Users. Sessions, tokens and memberships go with them: the tables refer to each other.

use herenow_core::{ProjectId, UserId, account::User, query::PageError};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    memberships, rows,
    search::{self, Kind, Things, column},
};
use crate::{Found, ListedUser, Search, StoreError, TeamRule, UserEdit, accounts::Kept};

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

#[cfg(test)]
mod tests {
    use herenow_core::{
        Timestamp,
        account::Project,
        query::{ListQuery, Schema},
        tracker::Count,
    };

    use super::*;
    use crate::sqlite::{connection, migrations, projects};

    #[test]
    fn what_is_often_asked_for_is_read_from_an_index_without_sorting() {
        let connection = connection::in_memory(migrations::ACCOUNTS).expect("a database");
        let (id, now) = (ProjectId::parse("p").expect("an id"), Timestamp::default());
        projects::create(&connection, &Project::new(id.clone(), "P", now)).expect("kept");
        create(&connection, &id, &User::new(UserId::parse("u").expect("an id"), now)).expect("kept");
        let after = r#"{"method":"cursorAfter","values":["u"]}"#;
        let (name, made) =
            (r#"{"method":"orderAsc","attribute":"name"}"#, r#"{"method":"orderDesc","attribute":"$createdAt"}"#);
        for (queries, index) in [
            (vec![], "users_in_order"),
            (vec![after], "users_in_order"),
            (vec![r#"{"method":"orderDesc"}"#, after], "users_in_order"),
            (vec![name], "users_by_name"),
            (vec![name, after], "users_by_name"),
            (vec![made], "users_by_creation"),
            (vec![r#"{"method":"equal","attribute":"name","values":["Ada"]}"#], "users_by_name"),
            (vec![r#"{"method":"equal","attribute":"email","values":["a@example.com"]}"#], "users_by_email"),
            (vec![r#"{"method":"equal","attribute":"phone","values":["+49"]}"#], "users_by_phone"),
            (vec![r#"{"method":"equal","attribute":"$id","values":["u"]}"#], "sqlite_autoindex_users"),
        ] {
            let texts: Vec<String> = queries.iter().map(|&query| query.to_owned()).collect();
            let query = ListQuery::parse(&texts, &Schema::USERS).expect("valid");
            let search = Search { query, words: Vec::new(), count: Count::Nothing };
            let scope = [id.as_str().to_owned().into()];
            let plan = search::plan(&connection, &LISTED, &scope, &search);
            assert!(plan.contains(index), "{queries:?}: {plan}");
            assert!(!plan.contains("SCAN") && (!plan.contains("TEMP B-TREE") || index.contains("auto")), "{plan}");
        }
    }
}
