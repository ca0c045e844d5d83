//! One order of changes for all: every change of a project, also an expiry, a closed socket or a dead
//! node, passes through a broker, which decides it, folds it, keeps it and hands it on.
//!
//! Knows nothing of sockets or HTTP. [`Embedded`] is one process with SQLite behind it.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod embedded;
pub mod queue;

use async_trait::async_trait;
pub use embedded::{Embedded, EmbeddedOptions, Ends, Life, QUEUE_PLACES, Writer};
use herenow_core::{
    Presence, ProjectId, Rejection, Timestamp, Tracker,
    order::{Ask, Notice, Ticket},
    tracker::{Change, Command},
};

/// When a write is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledge {
    /// At once.
    AtOnce,
    /// When the store has kept it.
    #[default]
    WhenKept,
}

/// What a command did.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// This.
    Changed(std::sync::Arc<Change>),
    /// Nothing: the record stands as it is.
    Unchanged(std::sync::Arc<Presence>),
    /// Nothing: there was nothing to end.
    Nothing,
}

/// Why a command was not carried out, or not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The rules refuse it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The queues stayed full for too long.
    #[error("too much is waiting to be delivered or kept")]
    Overloaded,
    /// The store has no room.
    #[error("the disk is full")]
    StorageFull,
    /// The store failed.
    #[error("the store failed")]
    StorageFailed,
    /// The project is not open here, or was deleted.
    #[error("the project is not open")]
    UnknownProject,
}

/// One moment of a project, for readers.
pub struct Moment<'a> {
    /// Its records.
    pub tracker: &'a Tracker,
    /// The run of its sequence numbers.
    pub epoch: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// Orders the changes of all projects.
#[async_trait]
pub trait Broker: Send + Sync + 'static {
    /// Decides, folds, keeps and hands on what `command` changes.
    ///
    /// # Errors
    /// [`Refusal`]; with a storage refusal the change may stand all the same, unacknowledged.
    async fn apply(&self, project: &ProjectId, command: Command) -> Result<Outcome, Refusal>;

    /// Puts an entry into the project's order that changes nothing and carries what `ask` asks for.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] or [`Refusal::UnknownProject`].
    async fn ask(&self, project: &ProjectId, ticket: Ticket, ask: Ask) -> Result<(), Refusal>;

    /// Puts a notice into the project's order.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] or [`Refusal::UnknownProject`].
    async fn announce(&self, project: &ProjectId, notice: Notice) -> Result<(), Refusal>;

    /// Shows the present moment of a project to `read`. Prefer [`read`].
    ///
    /// # Errors
    /// [`Refusal::UnknownProject`].
    async fn show(&self, project: &ProjectId, read: &mut (dyn for<'m> FnMut(Moment<'m>) + Send))
    -> Result<(), Refusal>;

    /// Begins to order a project; harmless where it is open.
    ///
    /// # Errors
    /// A storage refusal.
    async fn open(&self, project: &ProjectId) -> Result<(), Refusal>;

    /// Forgets a project and its presences.
    ///
    /// # Errors
    /// A storage refusal.
    async fn forget(&self, project: &ProjectId) -> Result<(), Refusal>;
}

/// Reads the present moment of a project.
///
/// # Errors
/// [`Refusal::UnknownProject`].
pub async fn read<T: Send>(
    broker: &dyn Broker,
    project: &ProjectId,
    read: impl FnOnce(Moment<'_>) -> T + Send,
) -> Result<T, Refusal> {
    let (mut read, mut result) = (Some(read), None);
    let mut once = |moment: Moment<'_>| result = read.take().map(|read| read(moment));
    broker.show(project, &mut once).await?;
    result.ok_or(Refusal::UnknownProject)
}
