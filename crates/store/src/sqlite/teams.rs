//! Teams. Their totals are counted when they are read.

use herenow_core::{
    ProjectId, TeamId, UserId,
    account::{Membership, Team},
    query::PageError,
};
use rusqlite::{Connection, Params, Row, params};

use super::{
    memberships, rows,
    search::{self, Kind, Things, column},
};
use crate::{Found, Search, accounts::Kept};

const TABLE: &str = "teams";

/// How many confirmed members a team has.
macro_rules! total {
    () => {
        "(SELECT count(*) FROM memberships INDEXED BY memberships_confirmed
          WHERE memberships.project = teams.project AND memberships.team = teams.id AND confirmed = 1)"
    };
}

/// Selects teams with their totals and places in the order of creation; a condition follows.
macro_rules! select_teams {
    ($condition:literal) => {
        concat!("SELECT id, data, sequence, ", total!(), " FROM teams WHERE ", $condition)
    };
}

/// The list of all teams of a project.
const LISTED: Things = Things {
    select: concat!("SELECT id, data, sequence, ", total!(), " FROM teams"),
    table: TABLE,
    scope: "project = ?1",
    columns: &[
        column("$id", "id", Kind::Always),
        column("$createdAt", "(data ->> '$.created_at')", Kind::Always),
        column("$updatedAt", "(data ->> '$.updated_at')", Kind::Always),
        column("$sequence", "sequence", Kind::Always),
        column("name", "(data ->> '$.name')", Kind::Always),
        column("total", total!(), Kind::Always),
    ],
    searched: "id, (data ->> '$.name')",
};

/// The list of the teams that a user is in. Begins with their memberships, so that the teams of others are not read:
/// the plus keeps SQLite from the index of the order.
const OWN: Things = Things {
    scope: "project = ?1 AND id IN
                (SELECT team FROM memberships
                 WHERE memberships.project = ?1 AND memberships.user = ?2 AND memberships.confirmed = 1)",
    columns: &[
        column("$id", "id", Kind::Always),
        column("$createdAt", "(data ->> '$.created_at')", Kind::Always),
        column("$updatedAt", "(data ->> '$.updated_at')", Kind::Always),
        column("$sequence", "+sequence", Kind::Always),
        column("name", "(data ->> '$.name')", Kind::Always),
        column("total", total!(), Kind::Always),
    ],
    ..LISTED
};

/// Makes the list that was asked for: of all teams, or of those in which the user is confirmed.
pub(super) fn search(
    connection: &Connection,
    project: &ProjectId,
    of: Option<&UserId>,
    search: &Search,
) -> Kept<Result<Found<(i64, Team)>, PageError>> {
    let things = if of.is_some() { &OWN } else { &LISTED };
    let ids = std::iter::once(project.as_str()).chain(of.map(UserId::as_str));
    let scope: Vec<_> = ids.map(|id| id.to_owned().into()).collect();
    search::list(connection, things, &scope, search, read)
}

pub(super) fn list(connection: &Connection, project: &ProjectId) -> Kept<Vec<(i64, Team)>> {
    counted(connection, select_teams!("project = ?1 ORDER BY sequence"), [project.as_str()])
}

pub(super) fn find(connection: &Connection, project: &ProjectId, id: &TeamId) -> Kept<Option<Team>> {
    let found = counted(connection, select_teams!("project = ?1 AND id = ?2"), [project.as_str(), id.as_str()])?;
    Ok(found.into_iter().next().map(|(_, team)| team))
}

pub(super) fn create(connection: &Connection, project: &ProjectId, team: &Team, first: Option<&Membership>) -> Kept {
    let row = params![project.as_str(), team.id.as_str(), rows::data(team)?];
    rows::run(connection, "INSERT INTO teams (project, id, data) VALUES (?1, ?2, ?3)", row)?;
    first.map_or(Ok(()), |membership| memberships::create(connection, project, membership))
}

pub(super) fn update(connection: &Connection, project: &ProjectId, team: &Team) -> Kept {
    let row = params![project.as_str(), team.id.as_str(), rows::data(team)?];
    rows::change(connection, "UPDATE teams SET data = ?3 WHERE project = ?1 AND id = ?2", row)
}

pub(super) fn delete(connection: &Connection, project: &ProjectId, id: &TeamId) -> Kept<Vec<Membership>> {
    let members = memberships::list_of_team(connection, project, id)?;
    rows::change(connection, "DELETE FROM teams WHERE project = ?1 AND id = ?2", [project.as_str(), id.as_str()])?;
    Ok(members.into_iter().map(|(_, membership)| membership).collect())
}

fn counted(connection: &Connection, sql: &str, params: impl Params) -> Kept<Vec<(i64, Team)>> {
    rows::collect(connection, sql, params, read)
}

fn read(row: &Row<'_>) -> Kept<(i64, Team)> {
    let mut team: Team = rows::thing(TABLE, row)?;
    team.total = row.get::<_, i64>(3)?.unsigned_abs();
    Ok((row.get(2)?, team))
}
