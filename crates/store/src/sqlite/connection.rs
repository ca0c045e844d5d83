//! Opens a database file, or one in memory, with the settings that all of ours have in common.

use std::{fs::OpenOptions, path::Path, time::Duration};

use rusqlite::Connection;

use crate::{StoreError, accounts::Kept};

/// How long a statement waits for another process (a backup, a shell) that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement is compiled once; more than there are in the crate.
const CACHED_STATEMENTS: usize = 128;
/// A write-ahead log that a long reader or a large deletion blew up is cut back to this.
const WAL_BYTES_KEPT: i64 = 64 << 20;

/// How far a commit reaches before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// To the operating system: survives the end of the process by any signal. A power cut may cost the whole
    /// file: waiting for the disk at checkpoints alone would already stall writers for tens of milliseconds.
    Process,
    /// To the disk: survives a power cut.
    Disk,
}

impl Durability {
    const fn synchronous(self) -> &'static str {
        match self {
            Self::Process => "OFF",
            Self::Disk => "FULL",
        }
    }
}

/// Opens a file for writing and brings it to the newest version of `migrations`; makes it where it is not there.
pub(super) fn open(path: &Path, durability: Durability, migrations: &[&str]) -> Kept<Connection> {
    create_private(path).map_err(|error| cannot_open(path, &error))?;
    let mut connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    prepare(&mut connection).map_err(|error| cannot_open(path, &error))?;
    // Before anything is written: a file of a newer program is left as it is.
    super::migrations::refuse_newer(&connection, path, migrations)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| cannot_open(path, &error))?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    connection.pragma_update(None, "synchronous", durability.synchronous())?;
    super::migrations::apply(&mut connection, path, migrations)?;
    Ok(connection)
}

/// Opens a file that [`open`] has made ready, for queries only.
pub(super) fn open_reader(path: &Path) -> Kept<Connection> {
    let mut connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    prepare(&mut connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Makes a database that ends with its connection.
pub(super) fn in_memory(migrations: &[&str]) -> Kept<Connection> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&mut connection)?;
    super::migrations::apply(&mut connection, Path::new(":memory:"), migrations)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    super::functions::add(connection)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// Makes the file readable by its owner alone; SQLite gives its log and shared memory the same mode.
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn cannot_open(path: &Path, error: &dyn std::error::Error) -> StoreError {
    StoreError::Backend(format!("cannot open {}: {error}", path.display()))
}
