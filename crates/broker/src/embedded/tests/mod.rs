//! The broker of one process: the suite of all brokers, and what is its own.

mod expiry;
mod failing;
mod forgetting;
mod full;
mod gone;
mod journal;
mod log;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use async_trait::async_trait;
use herenow_core::{ProjectId, order::Entry};
use herenow_store::{
    NullPresences, PresenceStore,
    sqlite::{Durability, SqlitePresences},
};

use super::{Embedded, EmbeddedOptions, Ends};
use crate::{
    Acknowledge, Broker,
    conformance::{GRACE, ManualClock, Memory, Stage, everything},
    queue::Queue,
};

const OPTIONS: EmbeddedOptions = EmbeddedOptions { acknowledge: Acknowledge::WhenKept, start_grace: GRACE };

/// Where a stage keeps its presences.
enum Place {
    File(tempfile::TempDir, Durability),
    Nowhere,
}

impl Place {
    fn path(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("presences.db")
    }

    fn open(&self) -> Box<dyn PresenceStore> {
        match self {
            Self::File(folder, durability) => {
                Box::new(SqlitePresences::open(&Self::path(folder), *durability).expect("it opens"))
            }
            Self::Nowhere => Box::new(NullPresences),
        }
    }
}

/// A broker whose writer has a thread, as in the server.
struct EmbeddedStage {
    broker: Arc<Embedded>,
    clock: Arc<ManualClock>,
    entries: Arc<Queue<Entry>>,
    writer: JoinHandle<()>,
    place: Place,
}

impl EmbeddedStage {
    fn new(place: Place, clock: Arc<ManualClock>) -> Self {
        let (broker, Ends { entries, writer }) = new_embedded(place.open(), clock.clone(), OPTIONS);
        let writer = std::thread::spawn(move || writer.run());
        Self { broker: Arc::new(broker), clock, entries, writer, place }
    }
}

#[async_trait]
impl Stage for EmbeddedStage {
    fn broker(&self) -> Arc<dyn Broker> {
        self.broker.clone()
    }

    fn clock(&self) -> Arc<ManualClock> {
        self.clock.clone()
    }

    fn memory(&self) -> Memory {
        match self.place {
            Place::File(..) => Memory::Lasts,
            Place::Nowhere => Memory::EndsWithTheProcess,
        }
    }

    async fn next_entry(&mut self) -> Entry {
        self.entries.try_recv().expect("an entry is there before what put it is answered")
    }

    async fn end_due(&mut self) {
        self.broker.end_due(&|_| ()).await;
    }

    async fn restart(self) -> Self {
        self.broker.close();
        self.writer.join().expect("the writer ends when everything is kept");
        Self::new(self.place, self.clock)
    }
}

/// A broker whose runs have names of their own.
fn new_embedded(store: Box<dyn PresenceStore>, clock: Arc<ManualClock>, options: EmbeddedOptions) -> (Embedded, Ends) {
    static EPOCH: AtomicU64 = AtomicU64::new(0);
    Embedded::new(store, clock, options, || format!("epoch-{}", EPOCH.fetch_add(1, Ordering::Relaxed)))
}

fn project_id() -> ProjectId {
    ProjectId::parse("project").expect("an id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passes_the_suite_with_a_file_and_a_journal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    everything(EmbeddedStage::new(Place::File(folder, Durability::Process), Arc::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passes_the_suite_with_a_file_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    everything(EmbeddedStage::new(Place::File(folder, Durability::Disk), Arc::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passes_the_suite_with_no_memory() {
    everything(EmbeddedStage::new(Place::Nowhere, Arc::default())).await;
}
