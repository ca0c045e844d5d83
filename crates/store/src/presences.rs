//! Saved presences: what is read at the start, and the batches that are written behind the tracker.

use herenow_core::{PresenceId, ProjectId, tracker::Record};

/// A run of sequence numbers of one project. Source: semantics 22.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Names the run.
    pub epoch: String,
    /// The last number that was given.
    pub seq: u64,
}

/// One change to keep. Writing the same one twice is harmless.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Whose it is.
    pub project: ProjectId,
    /// The sequence number that it took.
    pub seq: u64,
    /// The record.
    pub id: PresenceId,
    /// What it is now; none: gone.
    pub record: Option<std::sync::Arc<Record>>,
}

/// Where presences are kept. Used by one writer at a time; blocks while it writes.
pub trait PresenceStore: Send + 'static {
    /// Reads what was kept of a project, in the order of creation; `None` where nothing ever was.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn load(&mut self, project: &ProjectId) -> Result<Option<(Run, Vec<Record>)>, crate::StoreError>;

    /// The projects of which something is kept.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn projects(&mut self) -> Result<Vec<ProjectId>, crate::StoreError>;

    /// Begins a run of sequence numbers; records that were kept stay.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn begin(&mut self, project: &ProjectId, run: &Run) -> Result<(), crate::StoreError>;

    /// Keeps all of `batch`, or nothing; the last change of a record wins. Changes of a project that has no
    /// run, because it was forgotten while they were on their way, are passed over.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn save(&mut self, batch: &[Saved]) -> Result<(), crate::StoreError>;

    /// Forgets a project.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn forget(&mut self, project: &ProjectId) -> Result<(), crate::StoreError>;
}
