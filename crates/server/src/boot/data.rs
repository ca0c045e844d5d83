//! The data folder: one server at a time.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// The data folder is another process's.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "the data folder {} is in use by the process {process}: stop it first, or name another folder with --data",
    folder.display()
)]
pub struct InUse {
    /// The folder.
    pub folder: PathBuf,
    /// The number of the process, as it wrote it down itself.
    pub process: String,
}

/// A data folder that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct DataFolder {
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is missing, and takes it.
    ///
    /// # Errors
    /// Where another process has it, or it cannot be made.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("cannot make the data folder {}", path.display()))?;
        let file = path.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("cannot open {}", file.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            lock.read_to_string(&mut holder)?;
            bail!(InUse { folder: path.to_owned(), process: holder.trim().to_owned() });
        }
        lock.set_len(0)?;
        lock.rewind()?;
        writeln!(lock, "{}", std::process::id())?;
        Ok(Self { _lock: lock })
    }
}

/// Which process has a folder, if any; nothing is changed or made.
pub(super) fn holder(path: &Path) -> std::io::Result<Option<String>> {
    let mut lock = match File::open(path.join("lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if flock(&lock, FlockOperation::NonBlockingLockShared).is_ok() {
        return Ok(None);
    }
    let mut holder = String::new();
    lock.read_to_string(&mut holder)?;
    Ok(Some(holder.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_server_and_says_which() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataFolder::take(folder.path()).expect("free");
        let error = DataFolder::take(folder.path()).expect_err("taken").to_string();
        assert!(error.contains(&format!("in use by the process {}", std::process::id())), "{error}");
        let process = std::process::id().to_string();
        assert_eq!(holder(folder.path()).expect("it can be read"), Some(process));
        drop(first);
        assert_eq!(holder(folder.path()).expect("it can be read"), None);
        DataFolder::take(folder.path()).expect("free again");
    }
}
