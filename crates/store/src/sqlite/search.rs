//! Lists in SQL: filters, searches, orders and cursors become one statement, whose values are all parameters, and
//! only the rows of the page are read.
//!
//! Says the same as `herenow_core::query` does of records in memory, which the suite of all backends holds. Knows no
//! table.

mod conditions;
mod order;

use herenow_core::{
    query::{ListQuery, PageError},
    tracker::Count,
};
use rusqlite::{Connection, ErrorCode, Row, params_from_iter, types::Value};

use self::{conditions::Conditions, order::Way};
use super::{failure, functions, rows};
use crate::{Found, Search, StoreError, accounts::Kept};

/// What a list is made of.
pub(super) struct Things {
    /// Selects what is read of a thing, up to and with `FROM`; `id` comes first.
    pub(super) select: &'static str,
    /// The table.
    pub(super) table: &'static str,
    /// Which rows the list is of; names its parameters from `?1` on.
    pub(super) scope: &'static str,
    /// What may be asked about.
    pub(super) columns: &'static [Column],
    /// The texts that a search looks at.
    pub(super) searched: &'static str,
}

/// An attribute, as SQL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    pub(super) kind: Kind,
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, a time, a number or a truth that is always there.
    Always,
    /// The same, or null.
    Perhaps,
    /// A text of a column of its own, where the empty one stands for null.
    Filled,
    /// A list of texts, as JSON.
    Texts,
}

/// An attribute of this name.
pub(super) const fn column(name: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql, kind }
}

impl Things {
    fn column(&self, name: &str) -> Column {
        // A schema that names more than the table has finds nothing there, as in memory.
        self.columns.iter().find(|column| column.name == name).copied().unwrap_or(column("", "NULL", Kind::Perhaps))
    }
}

/// Makes the page that was asked for; `scope` has the parameters of [`Things::scope`].
pub(super) fn list<T>(
    connection: &Connection,
    things: &Things,
    scope: &[Value],
    search: &Search,
    read: impl FnMut(&Row<'_>) -> Kept<T>,
) -> Kept<Result<Found<T>, PageError>> {
    functions::bounded(|| run(connection, things, scope, search, read))
}

fn run<T>(
    connection: &Connection,
    things: &Things,
    scope: &[Value],
    search: &Search,
    read: impl FnMut(&Row<'_>) -> Kept<T>,
) -> Kept<Result<Found<T>, PageError>> {
    let query = &search.query;
    let way = match Way::find(connection, things, scope, query)? {
        Ok(way) => way,
        Err(error) => return Ok(Err(error)),
    };
    let mut conditions = Conditions::new(things, scope);
    conditions.filters(&query.filters);
    conditions.words(&search.words);
    let matching = conditions.sql();
    let total = if search.count == Count::All {
        let sql = format!("SELECT count(*) FROM {} WHERE {matching}", things.table);
        let counted = collect(connection, &sql, conditions.values(), |row| Ok(row.get::<_, i64>(0)?))?;
        counted.first().map_or(0, |count| usize::try_from(*count).unwrap_or(0))
    } else {
        0
    };
    let sql = page(things, &way, &mut conditions, query);
    let mut items = collect(connection, &sql, conditions.values(), read)?;
    if way.is_backwards() {
        items.reverse();
    }
    Ok(Ok(Found { total, items }))
}

/// The statement that reads the page.
fn page(things: &Things, way: &Way, conditions: &mut Conditions<'_>, query: &ListQuery) -> String {
    way.begin(things, conditions);
    let (limit, offset) = (conditions.bind(number(query.limit)), conditions.bind(number(query.offset)));
    let (select, matching, order) = (things.select, conditions.sql(), way.order_by(things, query));
    format!("{select} WHERE {matching} ORDER BY {order} LIMIT {limit} OFFSET {offset}")
}

/// How SQLite would read the page.
#[cfg(test)]
pub(super) fn plan(connection: &Connection, things: &Things, scope: &[Value], search: &Search) -> String {
    let way = Way::find(connection, things, scope, &search.query).expect("an answer").expect("the cursor is there");
    let mut conditions = Conditions::new(things, scope);
    conditions.filters(&search.query.filters);
    let sql = format!("EXPLAIN QUERY PLAN {}", page(things, &way, &mut conditions, &search.query));
    let steps = collect(connection, &sql, conditions.values(), |row| Ok(row.get::<_, String>("detail")?));
    steps.expect("a plan").join("; ")
}

fn number(number: usize) -> Value {
    Value::Integer(rows::number(number))
}

/// Reads all rows of a statement that is made for one list, and not worth keeping compiled.
fn collect<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    mut read: impl FnMut(&Row<'_>) -> Kept<T>,
) -> Kept<Vec<T>> {
    let told = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => StoreError::TooMuch,
        _ => failure::describe(&error),
    };
    let mut statement = connection.prepare(sql).map_err(told)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(told)?;
    let mut things = Vec::new();
    while let Some(row) = rows.next().map_err(told)? {
        things.push(read(row)?);
    }
    Ok(things)
}
