//! Memberships: users in teams, invited or confirmed.

use herenow_core::{MembershipId, ProjectId, TeamId, UserId, account::Membership, query::PageError};
use rusqlite::{Connection, params, types::Value};

use super::{
    rows,
    search::{self, Column, Kind, Things, column},
};
use crate::{Edit, Found, KnownUsers, Search, StoreError, TeamRule, accounts::Kept};

const TABLE: &str = "memberships";

pub(super) fn list_of_team(
    connection: &Connection,
    project: &ProjectId,
    team: &TeamId,
) -> Kept<Vec<(i64, Membership)>> {
    let sql = "SELECT id, data, sequence FROM memberships WHERE project = ?1 AND team = ?2 ORDER BY sequence";
    rows::collect(connection, sql, [project.as_str(), team.as_str()], |row| Ok((row.get(2)?, rows::thing(TABLE, row)?)))
}

/// The list of the members of a team, in which everybody's id is known.
const LISTED: Things = Things {
    select: "SELECT id, data, sequence FROM memberships",
    table: TABLE,
    scope: "project = ?1 AND team = ?2",
    columns: &columns("user"),
    searched: "id, user",
};

/// The same, in which only one id is known; every other counts as an empty text.
const GUARDED: Things = Things {
    // Names the parameter, whether or not anything else asks about users.
    scope: "project = ?1 AND team = ?2 AND ?3 IS NOT NULL",
    columns: &columns("(CASE WHEN user = ?3 THEN user ELSE '' END)"),
    searched: "id, (CASE WHEN user = ?3 THEN user ELSE '' END)",
    ..LISTED
};

const fn columns(user: &'static str) -> [Column; 10] {
    [
        column("$id", "id", Kind::Always),
        column("$createdAt", "(data ->> '$.created_at')", Kind::Always),
        column("$updatedAt", "(data ->> '$.updated_at')", Kind::Always),
        column("$sequence", "sequence", Kind::Always),
        column("userId", user, Kind::Always),
        column("teamId", "team", Kind::Always),
        column("invited", "(data ->> '$.invited')", Kind::Always),
        column("joined", "(data ->> '$.joined')", Kind::Perhaps),
        column("confirm", "confirmed", Kind::Always),
        column("roles", "(data -> '$.roles')", Kind::Texts),
    ]
}

/// Makes the list that was asked for.
pub(super) fn search(
    connection: &Connection,
    project: &ProjectId,
    team: &TeamId,
    known: &KnownUsers,
    search: &Search,
) -> Kept<Result<Found<(i64, Membership)>, PageError>> {
    let mut scope: Vec<Value> = vec![project.as_str().to_owned().into(), team.as_str().to_owned().into()];
    let things = match known {
        KnownUsers::All => &LISTED,
        KnownUsers::Only(user) => {
            scope.push(user.as_str().to_owned().into());
            &GUARDED
        }
        KnownUsers::Nobody => {
            // No user's id is empty.
            scope.push(String::new().into());
            &GUARDED
        }
    };
    search::list(connection, things, &scope, search, |row| Ok((row.get(2)?, rows::thing(TABLE, row)?)))
}

pub(super) fn list_of_user(connection: &Connection, project: &ProjectId, user: &UserId) -> Kept<Vec<Membership>> {
    let sql = "SELECT id, data FROM memberships WHERE project = ?1 AND user = ?2 ORDER BY sequence";
    rows::list(connection, TABLE, sql, [project.as_str(), user.as_str()])
}

pub(super) fn find(connection: &Connection, project: &ProjectId, id: &MembershipId) -> Kept<Option<Membership>> {
    let sql = "SELECT id, data FROM memberships WHERE project = ?1 AND id = ?2";
    rows::find(connection, TABLE, sql, [project.as_str(), id.as_str()])
}

pub(super) fn create(connection: &Connection, project: &ProjectId, membership: &Membership) -> Kept {
    let sql = "INSERT INTO memberships (project, id, team, user, confirmed, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (team, user, confirmed) = (membership.team.as_str(), membership.user.as_str(), membership.confirm);
    let row = params![project.as_str(), membership.id.as_str(), team, user, confirmed, rows::data(membership)?];
    rows::run(connection, sql, row)
}

pub(super) fn update(connection: &Connection, project: &ProjectId, membership: &Membership) -> Kept {
    let sql = "UPDATE memberships SET team = ?3, user = ?4, confirmed = ?5, data = ?6 WHERE project = ?1 AND id = ?2";
    let (team, user, confirmed) = (membership.team.as_str(), membership.user.as_str(), membership.confirm);
    let row = params![project.as_str(), membership.id.as_str(), team, user, confirmed, rows::data(membership)?];
    rows::change(connection, sql, row)
}

pub(super) fn change(
    connection: &Connection,
    project: &ProjectId,
    id: &MembershipId,
    edit: &Edit<Membership>,
    rule: Option<&TeamRule>,
) -> Kept<Membership> {
    let before = find(connection, project, id)?.ok_or(StoreError::Missing)?;
    let mut after = before.clone();
    edit(&mut after);
    if after != before {
        obey(connection, project, &before, Some(&after), rule)?;
        update(connection, project, &after)?;
    }
    Ok(after)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &MembershipId, rule: Option<&TeamRule>) -> Kept {
    if rule.is_some() {
        let before = find(connection, project, id)?.ok_or(StoreError::Missing)?;
        obey(connection, project, &before, None, rule)?;
    }
    let sql = "DELETE FROM memberships WHERE project = ?1 AND id = ?2";
    rows::change(connection, sql, [project.as_str(), id.as_str()])
}

/// Asks the rule about the team of `before`, with `after` in its place.
fn obey(
    connection: &Connection,
    project: &ProjectId,
    before: &Membership,
    after: Option<&Membership>,
    rule: Option<&TeamRule>,
) -> Kept {
    let Some(rule) = rule else { return Ok(()) };
    let team = counting(connection, project, &before.team)?;
    let others = team.iter().filter(|other| other.id != before.id);
    let changed: Vec<Membership> = others.chain(after).cloned().collect();
    if rule(&team, &changed) { Ok(()) } else { Err(StoreError::Refused) }
}

/// Asks the rule about every team of a user, as it would be without them.
pub(super) fn obey_without(connection: &Connection, project: &ProjectId, user: &UserId, rule: &TeamRule) -> Kept {
    for membership in list_of_user(connection, project, user)? {
        obey(connection, project, &membership, None, Some(rule))?;
    }
    Ok(())
}

/// The memberships of a team but those of users who are blocked: they could do nothing with what they may.
fn counting(connection: &Connection, project: &ProjectId, team: &TeamId) -> Kept<Vec<Membership>> {
    let sql = "SELECT memberships.id, memberships.data FROM memberships
               JOIN users ON users.project = memberships.project AND users.id = memberships.user
               WHERE memberships.project = ?1 AND memberships.team = ?2 AND (users.data ->> '$.status')
               ORDER BY memberships.sequence";
    rows::list(connection, TABLE, sql, [project.as_str(), team.as_str()])
}
