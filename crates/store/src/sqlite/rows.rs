//! Rows to things and back: every thing is the JSON in its row's `data`.

use rusqlite::{Connection, Params, Row};
use serde::{Serialize, de::DeserializeOwned};

use crate::{StoreError, accounts::Kept};

/// Reads the thing in a row whose first column is its id and whose second is its JSON.
pub(super) fn thing<T: DeserializeOwned>(table: &'static str, row: &Row<'_>) -> Kept<T> {
    let data = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
    serde_json::from_slice(data).map_err(|error| {
        let id: String = row.get(0).unwrap_or_default();
        // serde's own text may quote the data, so only the kind and place of the fault are told.
        let (kind, column) = (error.classify(), error.column());
        StoreError::Backend(format!("the row {id} of {table} cannot be read: {kind:?} error at column {column}"))
    })
}

/// Reads all rows of a query.
pub(super) fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Kept<T>,
) -> Kept<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut things = Vec::new();
    while let Some(row) = rows.next()? {
        things.push(read(row)?);
    }
    Ok(things)
}

/// Reads the things of a query that selects id and data.
pub(super) fn list<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Kept<Vec<T>> {
    collect(connection, sql, params, |row| thing(table, row))
}

/// Reads the thing of a query that selects id and data and finds at most one row.
pub(super) fn find<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Kept<Option<T>> {
    Ok(list(connection, table, sql, params)?.pop())
}

/// Runs a statement that makes one row, or any number.
pub(super) fn run(connection: &Connection, sql: &str, params: impl Params) -> Kept {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

/// Runs a statement that must find its row.
pub(super) fn change(connection: &Connection, sql: &str, params: impl Params) -> Kept {
    match connection.prepare_cached(sql)?.execute(params)? {
        0 => Err(StoreError::Missing),
        _ => Ok(()),
    }
}

/// The JSON that is kept of a thing.
pub(super) fn data<T: Serialize>(thing: &T) -> Kept<String> {
    serde_json::to_string(thing).map_err(|_| StoreError::Backend("a thing has no JSON form".to_owned()))
}

/// A number as SQLite takes it.
pub(super) fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in the first row.
pub(super) fn number_of(connection: &Connection, sql: &str, params: impl Params) -> Kept<Option<i64>> {
    let found = collect(connection, sql, params, |row| Ok(row.get(0)?))?;
    Ok(found.into_iter().next())
}

/// The count in the first row.
pub(super) fn count(connection: &Connection, sql: &str, params: impl Params) -> Kept<usize> {
    Ok(number_of(connection, sql, params)?.map_or(0, |count| usize::try_from(count).unwrap_or(0)))
}
