//! Looks at a database file and changes nothing.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::migrations;
use crate::{StoreError, accounts::Kept};

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inspected {
    /// There is none.
    Missing,
    /// It is of the version that this program knows.
    Current,
    /// It is older, and would be brought forward.
    Older,
}

/// Looks at a database of accounts.
///
/// # Errors
/// [`StoreError::Newer`] where a newer program wrote it, [`StoreError::Backend`] where it cannot be read.
pub fn inspect_accounts(path: &Path) -> Result<Inspected, StoreError> {
    inspect(path, migrations::ACCOUNTS)
}

/// Looks at a database of presences.
///
/// # Errors
/// As [`inspect_accounts`].
pub fn inspect_presences(path: &Path) -> Result<Inspected, StoreError> {
    inspect(path, migrations::PRESENCES)
}

fn inspect(path: &Path, migrations: &[&str]) -> Kept<Inspected> {
    if !path.exists() {
        return Ok(Inspected::Missing);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| StoreError::Backend(format!("cannot open {}: {error}", path.display())))?;
    migrations::refuse_newer(&connection, path, migrations)?;
    let current = migrations::version(&connection, path)? == migrations.len();
    Ok(if current { Inspected::Current } else { Inspected::Older })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::SqliteAccounts;

    #[test]
    fn a_file_is_looked_at_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.db");
        let inspected = || inspect_accounts(&path);
        assert!(matches!(inspected(), Ok(Inspected::Missing)) && !path.exists());
        drop(SqliteAccounts::open(&path).expect("it opens"));
        assert!(matches!(inspected(), Ok(Inspected::Current)), "{:?}", inspected());
        let set = |version: usize| {
            let connection = Connection::open(&path).expect("it opens");
            connection.pragma_update(None, "user_version", i64::try_from(version).expect("small")).expect("set");
        };
        set(migrations::ACCOUNTS.len() - 1);
        assert!(matches!(inspected(), Ok(Inspected::Older)), "{:?}", inspected());
        set(migrations::ACCOUNTS.len() + 1);
        assert!(matches!(inspected(), Err(StoreError::Newer { .. })), "{:?}", inspected());
        std::fs::write(&path, "no database, but long enough to be taken for the head of one ".repeat(9))
            .expect("written");
        assert!(matches!(inspected(), Err(StoreError::Backend(_))), "{:?}", inspected());
    }
}
