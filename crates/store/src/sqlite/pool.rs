//! The threads of one database: a writer, and readers that do not wait for it. Each owns its connection.

use std::{
    path::Path,
    sync::Arc,
    thread::{Builder, JoinHandle},
};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    connection::{self, Durability},
    writer::{Job, Write, write_until_closed},
};
use crate::{StoreError, accounts::Kept};

/// So many writes wait at most; further callers wait for a place.
const WRITES_WAITING: usize = 1024;
/// So many queries wait at most; further callers wait for a place.
const READS_WAITING: usize = 1024;
/// So many queries run at once.
const READERS: usize = 3;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The way to a database and back.
pub(super) struct Pool {
    writes: mpsc::Sender<Box<dyn Job>>,
    /// None: there is one connection only, and queries take their turn among the writes.
    reads: Option<mpsc::Sender<Read>>,
    /// After the senders: fields are dropped in this order, and the threads end once no sender is left.
    _threads: Joined,
}

/// Threads that are waited for when this is dropped, so that a closed store has let go of its file.
struct Joined(Vec<JoinHandle<()>>);

impl Drop for Joined {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            drop(thread.join());
        }
    }
}

impl Pool {
    /// Opens a file with a writer and some readers.
    pub(super) fn open(path: &Path, migrations: &[&str]) -> Kept<Self> {
        let writer = connection::open(path, Durability::Disk, migrations)?;
        let readers = (0..READERS).map(|_| connection::open_reader(path)).collect::<Kept<Vec<_>>>()?;
        let mut threads = Joined(Vec::new());
        let writes = start_writer(writer, &mut threads)?;
        // One queue for all: a query never waits behind a long one while another reader is idle.
        let (reads, queue) = mpsc::channel(READS_WAITING);
        let queue = Arc::new(Mutex::new(queue));
        for reader in readers {
            let queue = Arc::clone(&queue);
            threads.0.push(start("store-reader", move || read_until_closed(&reader, &queue))?);
        }
        Ok(Self { writes, reads: Some(reads), _threads: threads })
    }

    /// Makes a database in memory. It has one connection: SQLite's shared cache would make readers fail on
    /// locked tables instead of waiting.
    pub(super) fn in_memory(migrations: &[&str]) -> Kept<Self> {
        let mut threads = Joined(Vec::new());
        let writes = start_writer(connection::in_memory(migrations)?, &mut threads)?;
        Ok(Self { writes, reads: None, _threads: threads })
    }

    /// Runs `work` in a transaction and answers once that is committed; an error undoes what it did. It may
    /// run twice, where the first transaction came to nothing.
    pub(super) async fn write<T, W>(&self, work: W) -> Kept<T>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Kept<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Write { work, result: None, answer });
        self.writes.send(job).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Runs `work`, which only queries. It sees every write that was answered before.
    pub(super) async fn read<T, W>(&self, work: W) -> Kept<T>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> Kept<T> + Send + 'static,
    {
        let Some(reads) = &self.reads else { return self.write(work).await };
        let (answer, answered) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            if !answer.is_closed() {
                drop(answer.send(work(connection)));
            }
        });
        reads.send(read).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

fn start_writer(connection: Connection, threads: &mut Joined) -> Kept<mpsc::Sender<Box<dyn Job>>> {
    let (writes, jobs) = mpsc::channel(WRITES_WAITING);
    threads.0.push(start("store-writer", move || write_until_closed(&connection, jobs))?);
    Ok(writes)
}

fn read_until_closed(connection: &Connection, queue: &Mutex<mpsc::Receiver<Read>>) {
    loop {
        // The lock is what an idle reader waits under: it stands for the end of the queue, and is
        // let go of before the query runs.
        let next = queue.lock().blocking_recv();
        match next {
            Some(read) => read(connection),
            None => return,
        }
    }
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Kept<JoinHandle<()>> {
    let started = Builder::new().name(name.to_owned()).spawn(run);
    started.map_err(|error| StoreError::Backend(format!("cannot start the thread {name}: {error}")))
}

fn stopped() -> StoreError {
    StoreError::Backend("the thread that serves the database has ended".to_owned())
}
