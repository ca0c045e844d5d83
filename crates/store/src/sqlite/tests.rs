//! Both stores through the suite of all backends, and what is SQLite's own.

use std::path::{Path, PathBuf};

use herenow_core::{ProjectId, UserId, account::User};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Durability, SqliteAccounts, SqlitePresences};
use crate::{Accounts, NullPresences, PresenceStore, Run, StoreError, conformance};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("data.db");
    (folder, path)
}

/// Opens a file beside the store, as a shell would.
fn tamper(path: &Path, sql: &str) {
    Connection::open(path).expect("the file opens").execute_batch(sql).expect("the statement runs");
}

#[tokio::test]
async fn accounts_in_memory_do_what_every_backend_does() {
    conformance::accounts(&SqliteAccounts::in_memory().expect("a store")).await;
}

#[tokio::test]
async fn accounts_in_a_file_do_what_every_backend_does() {
    let (_folder, path) = folder();
    conformance::accounts(&SqliteAccounts::open(&path).expect("a store")).await;
}

#[tokio::test]
async fn accounts_outlive_their_store() {
    let (_folder, path) = folder();
    let store = SqliteAccounts::open(&path).expect("a store");
    conformance::accounts_before_reopening(&store).await;
    drop(store);
    let store = SqliteAccounts::open(&path).expect("the same store");
    conformance::accounts_after_reopening(&store).await;
}

#[test]
fn presences_do_what_every_backend_does() {
    for durability in [Durability::Process, Durability::Disk] {
        let (_folder, path) = folder();
        conformance::presences(&mut || Box::new(SqlitePresences::open(&path, durability).expect("a store")));
    }
}

#[test]
fn the_journal_does_what_every_journal_does() {
    let (_folder, path) = folder();
    conformance::journal(&mut || Box::new(SqlitePresences::open(&path, Durability::Process).expect("a store")));
}

#[test]
fn an_entry_that_was_cut_short_is_none_and_costs_no_other() {
    let (folder, path) = folder();
    let project = ProjectId::parse("p").expect("an id");
    let note = |journal: &mut dyn crate::Journal, seq: u64, id: &str| {
        let saved = conformance::fixtures::written(&project, seq, &conformance::fixtures::record(id, seq, "here"));
        journal.append(&mut [saved.noted("e")].into_iter()).expect("kept");
    };
    let mut store = SqlitePresences::open(&path, Durability::Process).expect("a store");
    store.begin(&project, &Run { epoch: "e".to_owned(), seq: 0 }).expect("a run");
    let mut journal = store.journal().expect("a journal");
    note(journal.as_mut(), 1, "a");
    let file = folder.path().join("data.journal-a");
    let whole = std::fs::metadata(&file).expect("it is there").len();
    note(journal.as_mut(), 2, "b");
    drop((store, journal));
    let bytes = std::fs::read(&file).expect("it is there");
    for length in usize::try_from(whole).expect("small")..bytes.len() {
        // As a process leaves it that dies while it writes; and with what a file system may put there after a power cut.
        for rest in [&[][..], &[0; 64], b"\xff\xff\xff\xffx"] {
            let left = [&bytes[..length], rest].concat();
            if left.starts_with(&bytes) {
                // Zeros were just what had been cut off: the entry is whole.
                continue;
            }
            std::fs::write(&file, left).expect("written");
            let mut store = SqlitePresences::open(&path, Durability::Process).expect("it opens");
            let (run, kept) = store.load(&project).expect("an answer").expect("a run");
            assert_eq!((run.seq, kept.len()), (1, 1), "{length}");
        }
    }
}

#[test]
fn a_store_that_waits_for_the_disk_takes_over_what_another_left_in_its_journal() {
    let (folder, path) = folder();
    let project = ProjectId::parse("p").expect("an id");
    let mut store = SqlitePresences::open(&path, Durability::Process).expect("a store");
    store.begin(&project, &Run { epoch: "e".to_owned(), seq: 0 }).expect("a run");
    let one = conformance::fixtures::record("a", 1, "here");
    let saved = conformance::fixtures::written(&project, 1, &one);
    store.journal().expect("a journal").append(&mut [saved.noted("e")].into_iter()).expect("kept");
    drop(store);
    for _ in 0..2 {
        let mut store = SqlitePresences::open(&path, Durability::Disk).expect("a store");
        assert!(store.journal().is_none());
        assert_eq!(store.load(&project).expect("an answer").expect("a run").1, [one.as_ref().clone()]);
        assert!(!folder.path().join("data.journal-a").exists());
    }
}

#[test]
fn the_null_store_keeps_nothing() {
    let project = ProjectId::parse("p").expect("an id");
    let mut store = NullPresences;
    store.begin(&project, &Run { epoch: "e".to_owned(), seq: 1 }).expect("it agrees");
    store.save(&[]).expect("it agrees");
    assert!(store.load(&project).expect("an answer").is_none());
}

#[test]
fn newer_data_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    tamper(&path, "PRAGMA user_version = 9");
    let before = std::fs::read(&path).expect("the file");
    let errors = [
        SqliteAccounts::open(&path).err().expect("accounts are refused"),
        SqlitePresences::open(&path, Durability::Process).err().expect("presences are refused"),
    ];
    for error in errors {
        let StoreError::Newer { path: named, found: 9, known: 1..9 } = error else { panic!("{error}") };
        assert_eq!(named, path.display().to_string());
    }
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let (_folder, path) = folder();
    std::fs::write(&path, "no database at all, and long enough to have a header ".repeat(20)).expect("written");
    let error = SqliteAccounts::open(&path).err().expect("refused");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    let _store = SqliteAccounts::open(&path).expect("a store");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        assert_eq!(entry.metadata().expect("its mode").permissions().mode() & 0o077, 0, "{:?}", entry.path());
        names.push(entry.file_name());
    }
    assert!(names.len() >= 2, "the database and its log: {names:?}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_and_not_quoted() {
    let (_folder, path) = folder();
    let store = SqliteAccounts::open(&path).expect("a store");
    conformance::accounts_before_reopening(&store).await;
    tamper(&path, r#"UPDATE users SET data = '{"id": "ada", "created_at": "confidential"}'"#);
    let project = ProjectId::parse("survival").expect("an id");
    let error = store.user_by_email(&project, "ada@example.com").await.expect_err("unreadable").to_string();
    assert!(error.contains("row ada of users"), "{error}");
    assert!(!error.contains("confidential"), "{error}");
}

#[tokio::test]
async fn a_file_held_by_another_process_is_waited_for() {
    let (_folder, path) = folder();
    let store = SqliteAccounts::open(&path).expect("a store");
    conformance::accounts_before_reopening(&store).await;
    let project = ProjectId::parse("survival").expect("an id");
    let bob = User::new(UserId::parse("bob").expect("an id"), herenow_core::Timestamp::default());
    let holder = Connection::open(&path).expect("the file opens");
    holder.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    let write = store.create_user(&project, &bob);
    let release = async {
        // Readers do not wait for whoever writes.
        assert_eq!(store.users(&project).await.expect("a list").len(), 1);
        holder.execute_batch("COMMIT").expect("it is let go");
    };
    let (written, ()) = tokio::join!(write, release);
    written.expect("the write came through");
    assert_eq!(store.users(&project).await.expect("a list").len(), 2);
}
