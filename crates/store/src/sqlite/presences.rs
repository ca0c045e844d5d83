//! [`PresenceStore`] on SQLite, in a file of its own.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use herenow_core::{ProjectId, tracker::Record};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub use super::connection::Durability;
use super::{
    connection,
    journal::{self, FileJournal},
    migrations, rows,
};
use crate::{Journal, PresenceStore, Run, Saved, StoreError, accounts::Kept};

const TABLE: &str = "presences";

/// Saved presences in an SQLite database, with a [`FileJournal`] where nobody waits for the disk.
pub struct SqlitePresences {
    connection: Connection,
    journal: Option<FileJournal>,
}

impl SqlitePresences {
    /// Opens a file, makes it where it is not there, and brings it to the version that this program knows. What a
    /// process that died had in its journal is saved.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where a newer program wrote it, [`StoreError::Backend`] where it cannot be opened,
    /// [`StoreError::Full`] where there is no room for the journal's changes.
    pub fn open(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        let connection = connection::open(path, durability, migrations::PRESENCES)?;
        let mut store = Self { connection, journal: None };
        let unsaved = journal::unsaved(path, &store.runs()?)?;
        store.save(&unsaved)?;
        match durability {
            Durability::Process => store.journal = Some(FileJournal::create(path)?),
            // It waits for the disk with each commit: a journal would have to do the same.
            Durability::Disk => journal::remove(path)?,
        }
        Ok(store)
    }

    fn runs(&self) -> Kept<HashMap<ProjectId, Run>> {
        let runs = rows::collect(&self.connection, "SELECT project, epoch, seq FROM runs", [], |row| {
            let run = Run { epoch: row.get(1)?, seq: row.get::<_, i64>(2)?.unsigned_abs() };
            Ok((project_id(&row.get::<_, String>(0)?)?, run))
        })?;
        Ok(runs.into_iter().collect())
    }
}

impl PresenceStore for SqlitePresences {
    fn journal(&mut self) -> Option<Box<dyn Journal>> {
        Some(Box::new(self.journal.take()?))
    }

    fn load(&mut self, project: &ProjectId) -> Kept<Option<(Run, Vec<Record>)>> {
        let transaction = self.connection.transaction()?;
        let run = transaction
            .prepare_cached("SELECT epoch, seq FROM runs WHERE project = ?1")?
            .query_row([project.as_str()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        let Some((epoch, seq)) = run else { return Ok(None) };
        let sql = "SELECT id, data FROM presences WHERE project = ?1 ORDER BY creation";
        let records = rows::list(&transaction, TABLE, sql, [project.as_str()])?;
        Ok(Some((Run { epoch, seq: seq.unsigned_abs() }, records)))
    }

    fn projects(&mut self) -> Kept<Vec<ProjectId>> {
        let sql = "SELECT project FROM runs ORDER BY project";
        rows::collect(&self.connection, sql, [], |row| project_id(&row.get::<_, String>(0)?))
    }

    fn begin(&mut self, project: &ProjectId, run: &Run) -> Kept {
        let sql = "INSERT INTO runs (project, epoch, seq) VALUES (?1, ?2, ?3)
                   ON CONFLICT (project) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq";
        rows::run(&self.connection, sql, params![project.as_str(), run.epoch, number(run.seq)?])
    }

    fn save(&mut self, batch: &[Saved]) -> Kept {
        // Dropped on the way out of an error, it rolls back, and the connection is as good as before.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let running = advance(&transaction, batch)?;
        for saved in batch.iter().filter(|saved| running.contains(&saved.project)) {
            keep(&transaction, saved)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn forget(&mut self, project: &ProjectId) -> Kept {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        rows::run(&transaction, "DELETE FROM presences WHERE project = ?1", [project.as_str()])?;
        rows::run(&transaction, "DELETE FROM runs WHERE project = ?1", [project.as_str()])?;
        transaction.commit()?;
        Ok(())
    }
}

fn project_id(id: &str) -> Kept<ProjectId> {
    ProjectId::parse(id).map_err(|_| StoreError::Backend(format!("{id:?} is no project's id")))
}

/// Moves the runs on to the newest numbers in `batch`; answers with the projects that have a run. What is
/// still on its way for a project that was forgotten meanwhile has none.
fn advance<'batch>(connection: &Connection, batch: &'batch [Saved]) -> Kept<HashSet<&'batch ProjectId>> {
    let mut newest = HashMap::<&ProjectId, u64>::new();
    for saved in batch {
        let seq = newest.entry(&saved.project).or_default();
        *seq = saved.seq.max(*seq);
    }
    let mut update = connection.prepare_cached("UPDATE runs SET seq = max(seq, ?2) WHERE project = ?1")?;
    let mut running = HashSet::new();
    for (project, seq) in newest {
        if update.execute(params![project.as_str(), number(seq)?])? > 0 {
            running.insert(project);
        }
    }
    Ok(running)
}

fn keep(connection: &Connection, saved: &Saved) -> Kept {
    let (project, id) = (saved.project.as_str(), saved.id.as_str());
    let Some(record) = &saved.record else {
        return rows::run(connection, "DELETE FROM presences WHERE project = ?1 AND id = ?2", [project, id]);
    };
    let sql = "INSERT INTO presences (project, id, creation, seq, data) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (project, id) DO UPDATE
               SET creation = excluded.creation, seq = excluded.seq, data = excluded.data";
    let (creation, seq) = (number(record.presence.creation)?, number(saved.seq)?);
    rows::run(connection, sql, params![project, id, creation, seq, rows::data(record.as_ref())?])
}

/// SQLite's integers have a sign.
fn number(number: u64) -> Kept<i64> {
    i64::try_from(number).map_err(|_| StoreError::Backend(format!("{number} is no number that SQLite can keep")))
}

#[cfg(test)]
mod tests {
    use herenow_core::ProjectId;

    use super::{Durability, SqlitePresences};
    use crate::{
        PresenceStore, Run, StoreError,
        conformance::fixtures::{record, written},
    };

    fn limit(store: &SqlitePresences, pages: u32) {
        store.connection.pragma_update(None, "max_page_count", pages).expect("a limit");
    }

    #[test]
    fn a_batch_that_does_not_fit_leaves_nothing_and_the_store_works_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = SqlitePresences::open(&folder.path().join("data.db"), Durability::Process).expect("a store");
        let project = ProjectId::parse("project").expect("an id");
        store.begin(&project, &Run { epoch: "epoch".to_owned(), seq: 0 }).expect("kept");
        let (small, large) = (record("small", 1, "here"), record("large", 2, &"x".repeat(1 << 20)));
        let batch = [written(&project, 1, &small), written(&project, 2, &large)];
        limit(&store, 20);
        for _ in 0..2 {
            let error = store.save(&batch).expect_err("there is no room");
            assert!(matches!(error, StoreError::Full), "{error}");
        }
        let (run, records) = store.load(&project).expect("an answer").expect("a run");
        assert_eq!((run.seq, records.len()), (0, 0));
        store.save(&batch[..1]).expect("what fits is kept");
        limit(&store, 10_000);
        store.save(&batch).expect("there is room");
        let (run, records) = store.load(&project).expect("an answer").expect("a run");
        assert_eq!((run.seq, records.len()), (2, 2));
    }
}
