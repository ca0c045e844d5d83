//! [`Journal`] as two files beside the database: one takes what is appended, while the other holds what is being saved.
//!
//! An entry is its length and the CRC-32 of the rest, four bytes each with the lowest first, and the change in the format
//! of `postcard`. Nothing is waited for but the operating system, so it survives the end of the process and not a power
//! cut, as [`super::Durability::Process`] says. A process that dies while it writes leaves an entry that is cut short:
//! reading ends there, and nobody was told of it.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use herenow_core::{PresenceId, ProjectId, tracker::Record};
use serde::{Deserialize, Serialize};

use super::connection::create_private;
use crate::{Journal, Noted, Run, Saved, StoreError, accounts::Kept};

/// What the buffer of entries keeps for the next ones, in bytes.
const BUFFER_KEPT: usize = 1024 * 1024;
/// What [`Journal::probe`] writes: more than what is left in a page that is begun.
static PROBE: [u8; 64 * 1024] = [0; 64 * 1024];
/// The bytes before a change.
const HEAD: usize = 2 * size_of::<u32>();

/// One change as it is written down.
#[derive(Serialize, Deserialize)]
struct Entry<'a>(Cow<'a, ProjectId>, Cow<'a, str>, u64, Cow<'a, PresenceId>, Option<Cow<'a, Record>>);

/// The files of a journal beside the database `path`.
fn paths(path: &Path) -> [PathBuf; 2] {
    ["journal-a", "journal-b"].map(|end| path.with_extension(end))
}

/// Removes the journal beside the database `path`; what [`unsaved`] finds must have been saved before.
pub(super) fn remove(path: &Path) -> Kept {
    for path in paths(path) {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(describe(&error)),
            _ => {}
        }
    }
    Ok(())
}

/// Two files, the parts of the journal.
pub(super) struct FileJournal {
    active: Part,
    former: Part,
    buffer: Vec<u8>,
}

struct Part {
    file: File,
    /// How long it is; what lies beyond was cut short.
    len: u64,
    /// Whether something may lie beyond.
    cut: bool,
}

impl Part {
    fn open(path: &Path) -> io::Result<Self> {
        create_private(path)?;
        let mut part = Self { file: OpenOptions::new().append(true).open(path)?, len: 0, cut: true };
        part.trim()?;
        Ok(part)
    }

    /// Removes what was cut short.
    fn trim(&mut self) -> io::Result<()> {
        if self.cut {
            self.file.set_len(self.len)?;
            self.cut = false;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.trim()?;
        self.cut = true;
        self.file.write_all(bytes)?;
        self.cut = false;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.cut |= self.len > 0;
        self.len = 0;
        self.trim()
    }
}

impl FileJournal {
    /// Makes an empty journal; what [`unsaved`] finds must have been saved before.
    pub(super) fn create(path: &Path) -> Kept<Self> {
        let [active, former] = paths(path).map(|path| Part::open(&path).map_err(|error| describe(&error)));
        Ok(Self { active: active?, former: former?, buffer: Vec::new() })
    }
}

impl Journal for FileJournal {
    fn append(&mut self, batch: &mut dyn Iterator<Item = Noted<'_>>) -> Kept {
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_KEPT);
        for noted in batch {
            write_entry(&mut self.buffer, noted)?;
        }
        self.active.append(&self.buffer).map_err(|error| describe(&error))
    }

    fn begin_part(&mut self) -> Kept {
        if self.former.len > 0 {
            return Err(StoreError::Backend("the former part of the journal is still there".to_owned()));
        }
        std::mem::swap(&mut self.active, &mut self.former);
        Ok(())
    }

    fn drop_former(&mut self) -> Kept {
        self.former.clear().map_err(|error| describe(&error))
    }

    fn probe(&mut self) -> Kept {
        let len = self.active.len;
        let tried = self.active.append(&PROBE);
        (self.active.len, self.active.cut) = (len, true);
        tried.and_then(|()| self.active.trim()).map_err(|error| describe(&error))
    }
}

fn write_entry(buffer: &mut Vec<u8>, Noted { project, epoch, seq, id, record }: Noted<'_>) -> Kept {
    let start = buffer.len();
    buffer.extend([0; HEAD]);
    let record = record.map(Cow::Borrowed);
    let entry = Entry(Cow::Borrowed(project), Cow::Borrowed(epoch), seq, Cow::Borrowed(id), record);
    let unwritable = || StoreError::Backend("a change is too large for the journal".to_owned());
    *buffer = postcard::to_extend(&entry, std::mem::take(buffer)).map_err(|_| unwritable())?;
    let (head, written) = buffer[start..].split_at_mut(HEAD);
    let length = u32::try_from(written.len()).map_err(|_| unwritable())?;
    head[..HEAD / 2].copy_from_slice(&length.to_le_bytes());
    head[HEAD / 2..].copy_from_slice(&crc32fast::hash(written).to_le_bytes());
    Ok(())
}

/// What was appended beside the database `path` and is not in its `runs`, the newest state of each record.
pub(super) fn unsaved(path: &Path, runs: &HashMap<ProjectId, Run>) -> Kept<Vec<Saved>> {
    let mut newest = HashMap::<(ProjectId, PresenceId), Saved>::new();
    for path in paths(path) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(StoreError::Backend(format!("cannot read {}: {error}", path.display()))),
        };
        for Entry(project, epoch, seq, id, record) in entries(&bytes) {
            // Of a former run, or of a project that is forgotten: numbers mean nothing across runs.
            let is_missing = runs.get(&*project).is_some_and(|run| run.epoch == epoch && run.seq < seq);
            let key = (project.into_owned(), id.into_owned());
            if is_missing && newest.get(&key).is_none_or(|known| known.seq < seq) {
                let record = record.map(|record| record.into_owned().into());
                let saved = Saved { project: key.0.clone(), seq, id: key.1.clone(), record };
                newest.insert(key, saved);
            }
        }
    }
    Ok(newest.into_values().collect())
}

/// The entries up to the first that is cut short.
fn entries(mut bytes: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk()?;
        let (sum, rest) = rest.split_first_chunk()?;
        let (entry, rest) = rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
        bytes = rest;
        let is_whole = crc32fast::hash(entry) == u32::from_le_bytes(*sum);
        if is_whole { postcard::from_bytes(entry).ok() } else { None }
    })
}

fn describe(error: &io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => StoreError::Full,
        _ => StoreError::Backend(format!("the journal of presences: {error}")),
    }
}
