//! The one thread that writes: what has gathered becomes one transaction, so that many writers share
//! one flush to the disk. Nothing is acknowledged before the commit.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::failure;
use crate::{StoreError, accounts::Kept};

/// So many writes are committed together at most.
const GROUP: usize = 256;

/// What became of a job's changes inside its transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// They wait for the commit.
    Done,
    /// They must be undone.
    Failed,
}

/// One write: run inside a transaction, perhaps a second time after the first came to nothing; then told its fate.
pub(super) trait Job: Send {
    /// Does the work.
    fn run(&mut self, connection: &Connection) -> Outcome;
    /// Answers whoever waits: with what the last run gave, or with why its transaction failed.
    fn settle(self: Box<Self>, failure: Option<StoreError>);
}

/// A [`Job`] made of a closure and somebody who waits for its answer.
pub(super) struct Write<T, W> {
    pub(super) work: W,
    pub(super) result: Option<Kept<T>>,
    pub(super) answer: oneshot::Sender<Kept<T>>,
}

impl<T, W> Job for Write<T, W>
where
    T: Send,
    W: Fn(&Connection) -> Kept<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> Outcome {
        let result = (self.work)(connection);
        let outcome = if result.is_ok() { Outcome::Done } else { Outcome::Failed };
        self.result = Some(result);
        outcome
    }

    fn settle(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.result) {
            (None, Some(result)) => result,
            (Some(failure), _) => Err(failure),
            (None, None) => Err(StoreError::Backend("the write was not run".to_owned())),
        };
        // Nobody may be waiting any more; what was written stays.
        drop(self.answer.send(answer));
    }
}

/// Why the transaction of a group came to nothing.
enum Undone {
    /// It could not begin, and would not for any of the jobs: another process holds the file, or the disk failed.
    Before(rusqlite::Error),
    /// It began and was lost, perhaps through one of the jobs alone.
    Within,
}

/// Writes until every sender is gone and the queue is empty.
pub(super) fn write_until_closed(connection: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
        // A single job needs no savepoint.
        let undone = if group.len() > 1 { together(connection, &mut group).err() } else { Some(Undone::Within) };
        for mut job in group.drain(..) {
            let failure = match &undone {
                None => None,
                Some(Undone::Before(error)) => Some(failure::describe(error)),
                Some(Undone::Within) => alone(connection, job.as_mut()).err().as_ref().map(failure::describe),
            };
            job.settle(failure);
        }
    }
}

/// Runs a group in one transaction in which each job can be undone by itself. Some failures, a full disk
/// among them, may end the whole transaction: then nothing is kept, and each job is to get its own.
fn together(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), Undone> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(Undone::Before)?;
    for job in group {
        one_of_many(connection, job.as_mut()).map_err(|_| Undone::Within)?;
    }
    transaction.commit().map_err(|_| Undone::Within)
}

fn one_of_many(connection: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    execute(connection, "SAVEPOINT job")?;
    if job.run(connection) == Outcome::Failed {
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")
}

/// Runs one job in a transaction of its own.
fn alone(connection: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    match job.run(connection) {
        Outcome::Done => transaction.commit(),
        // Dropping it rolls back, where SQLite has not done so itself; the job knows what failed.
        Outcome::Failed => Ok(()),
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rusqlite::Connection;
    use tokio::sync::{mpsc, oneshot};

    use super::{Job, Write, write_until_closed};
    use crate::{StoreError, accounts::Kept};

    type Answer = oneshot::Receiver<Kept<()>>;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, data BLOB)").expect("a table");
        connection
    }

    fn job(work: impl Fn(&Connection) -> Kept<()> + Send + 'static) -> (Box<dyn Job>, Answer) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Write { work, result: None, answer }), answered)
    }

    fn insert(id: i64, bytes: i64) -> (Box<dyn Job>, Answer) {
        job(move |connection| {
            connection.execute("INSERT INTO things VALUES (?1, zeroblob(?2))", [id, bytes])?;
            Ok(())
        })
    }

    /// Runs jobs that have gathered before the writer looks, so that they make one group.
    fn run_as_one_group(connection: &Connection, jobs: Vec<(Box<dyn Job>, Answer)>) -> Vec<Kept<()>> {
        let (queue, waiting) = mpsc::channel(jobs.len());
        let mut answers = Vec::new();
        for (job, answer) in jobs {
            assert!(queue.try_send(job).is_ok(), "there is room");
            answers.push(answer);
        }
        drop(queue);
        write_until_closed(connection, waiting);
        answers.into_iter().map(|mut answer| answer.try_recv().expect("every job is answered")).collect()
    }

    fn kept(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT id FROM things ORDER BY id").expect("a query");
        let ids = statement.query_map([], |row| row.get(0)).expect("rows");
        ids.collect::<Result<_, _>>().expect("ids")
    }

    #[test]
    fn a_job_that_fails_is_undone_and_its_neighbours_are_kept() {
        let connection = database();
        let failing = job(|connection| {
            connection.execute("INSERT INTO things (id) VALUES (2)", [])?;
            Err(StoreError::Missing)
        });
        let answers = run_as_one_group(&connection, vec![insert(1, 1), failing, insert(3, 1)]);
        assert!(matches!(answers[..], [Ok(()), Err(StoreError::Missing), Ok(())]), "{answers:?}");
        assert_eq!(kept(&connection), [1, 3]);
    }

    #[test]
    fn a_job_that_does_not_fit_costs_its_neighbours_nothing() {
        let connection = database();
        connection.pragma_update(None, "max_page_count", 20).expect("a small disk");
        let answers = run_as_one_group(&connection, vec![insert(1, 1), insert(2, 1 << 20), insert(3, 1)]);
        assert!(matches!(answers[..], [Ok(()), Err(StoreError::Full), Ok(())]), "{answers:?}");
        assert_eq!(kept(&connection), [1, 3]);
    }

    #[test]
    fn a_transaction_that_ends_below_a_job_takes_no_other_along() {
        let connection = database();
        let breaking = job(|connection| {
            // What SQLite does by itself after some failures of the disk.
            connection.execute_batch("ROLLBACK")?;
            Err(StoreError::Full)
        });
        let answers = run_as_one_group(&connection, vec![insert(1, 1), breaking, insert(3, 1)]);
        assert!(matches!(answers[..], [Ok(()), Err(StoreError::Full), Ok(())]), "{answers:?}");
        assert_eq!(kept(&connection), [1, 3]);
    }

    #[test]
    fn what_was_not_committed_is_not_acknowledged() {
        let connection = database();
        let sql = "PRAGMA foreign_keys = ON;
                   CREATE TABLE parts (thing REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)";
        connection.execute_batch(sql).expect("a table whose rule is looked at when a transaction commits");
        let orphan = || {
            job(|connection| {
                connection.execute("INSERT INTO parts VALUES (99)", [])?;
                Ok(())
            })
        };
        let answers = run_as_one_group(&connection, vec![insert(1, 1), orphan()]);
        assert!(matches!(answers[..], [Ok(()), Err(StoreError::Missing)]), "{answers:?}");
        let answers = run_as_one_group(&connection, vec![orphan()]);
        assert!(matches!(answers[..], [Err(StoreError::Missing)]), "{answers:?}");
        assert_eq!(kept(&connection), [1]);
    }

    #[test]
    fn a_group_that_cannot_begin_is_refused_after_one_wait() {
        static WAITS: AtomicUsize = AtomicUsize::new(0);
        let count = |_| WAITS.fetch_add(1, Ordering::Relaxed) == usize::MAX;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("data.db");
        let mut connection = Connection::open(&path).expect("a database");
        connection.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, data BLOB)").expect("a table");
        connection.busy_handler(Some(count)).expect("waits are counted, and end at once");
        let holder = Connection::open(&path).expect("the same database");
        holder.execute_batch("BEGIN IMMEDIATE").expect("it is held");
        let answers = run_as_one_group(&connection, vec![insert(1, 1), insert(2, 1)]);
        assert!(matches!(answers[..], [Err(StoreError::Backend(_)), Err(StoreError::Backend(_))]), "{answers:?}");
        assert_eq!(WAITS.load(Ordering::Relaxed), 1);
        holder.execute_batch("ROLLBACK").expect("it is let go");
        let answers = run_as_one_group(&connection, vec![insert(3, 1), insert(4, 1)]);
        assert!(matches!(answers[..], [Ok(()), Ok(())]), "{answers:?}");
        assert_eq!(kept(&connection), [3, 4]);
    }
}
