//! Brings a database forward to the version that this program knows; never back.
//!
//! A database's version (`PRAGMA user_version`) is the number of files that were run on it. A file that
//! has been released is never changed: a change is a new file.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{StoreError, accounts::Kept};

/// Those of `accounts.db`.
pub(super) const ACCOUNTS: &[&str] = &[
    include_str!("../../migrations/sqlite/accounts/0001_initial.sql"),
    include_str!("../../migrations/sqlite/accounts/0002_webhooks.sql"),
    include_str!("../../migrations/sqlite/accounts/0003_lists_in_order.sql"),
    include_str!("../../migrations/sqlite/accounts/0004_lists_by_attribute.sql"),
];
/// Those of `presences.db`.
pub(super) const PRESENCES: &[&str] = &[
    include_str!("../../migrations/sqlite/presences/0001_initial.sql"),
    include_str!("../../migrations/sqlite/presences/0002_states_once.sql"),
];

const VERSION: &str = "user_version";

/// Refuses a database of a version that this program does not know.
pub(super) fn refuse_newer(connection: &Connection, path: &Path, migrations: &[&str]) -> Kept {
    let found = version(connection, path)?;
    if found <= migrations.len() {
        return Ok(());
    }
    let number = |version: usize| u32::try_from(version).unwrap_or(u32::MAX);
    Err(StoreError::Newer { path: path.display().to_string(), found: number(found), known: number(migrations.len()) })
}

/// Runs what is missing, all of it or nothing.
pub(super) fn apply(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Kept {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Once more, now that nobody else can change it.
    refuse_newer(&transaction, path, migrations)?;
    let found = version(&transaction, path)?;
    for migration in &migrations[found..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, VERSION, i64::try_from(migrations.len()).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    if found < migrations.len() {
        tracing::info!(path = %path.display(), from = found, to = migrations.len(), "The database was migrated.");
    }
    Ok(())
}

pub(super) fn version(connection: &Connection, path: &Path) -> Kept<usize> {
    let found: i64 = connection
        .pragma_query_value(None, VERSION, |row| row.get(0))
        .map_err(|error| StoreError::Backend(format!("cannot read {}: {error}", path.display())))?;
    usize::try_from(found)
        .map_err(|_| StoreError::Backend(format!("{} has the version {found}, which no program wrote", path.display())))
}
