//! What SQLite's refusals mean to the store. No text made here carries a value from a row.

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        describe(&error)
    }
}

/// Says what `error` means; a group of writes that failed together is told once each.
pub(super) fn describe(error: &Error) -> StoreError {
    let Error::SqliteFailure(failure, text) = error else {
        return StoreError::Backend(error.to_string());
    };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            taken(text.as_deref().unwrap_or_default()).unwrap_or_else(|| StoreError::Backend(error.to_string()))
        }
        // The project, user or team that the row belongs to is not there.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Missing,
        // SQLite answers SQLITE_FULL where a write meets ENOSPC, but this where the file that its
        // readers share cannot grow.
        ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full,
        _ if failure.code == ErrorCode::DiskFull => StoreError::Full,
        _ => StoreError::Backend(error.to_string()),
    }
}

/// Finds the column in `UNIQUE constraint failed: users.project, users.email`: the last one is what differs
/// from index to index.
fn taken(text: &str) -> Option<StoreError> {
    let column = match text.rsplit('.').next()? {
        "id" => "id",
        "email" => "email",
        "phone" => "phone",
        "secret_hash" => "secret",
        "user" => "user",
        _ => return None,
    };
    Some(StoreError::Taken(column))
}
