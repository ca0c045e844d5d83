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

impl Saved {
    /// The same on its way into a [`Journal`], as a change of the run `epoch`.
    #[must_use]
    pub fn noted<'a>(&'a self, epoch: &'a str) -> Noted<'a> {
        let Self { project, seq, id, record } = self;
        Noted { project, epoch, seq: *seq, id, record: record.as_deref() }
    }
}

/// One change on its way into a [`Journal`].
#[derive(Clone, Copy, Debug)]
pub struct Noted<'a> {
    /// Whose it is.
    pub project: &'a ProjectId,
    /// The run that its number belongs to.
    pub epoch: &'a str,
    /// The sequence number that it took.
    pub seq: u64,
    /// The record.
    pub id: &'a PresenceId,
    /// What it is now; none: gone.
    pub record: Option<&'a Record>,
}

/// Keeps changes in their order, sooner and cheaper than [`PresenceStore::save`] can: one write, no index. Opening the
/// store again brings what is here and was not saved into it, so each change has to be both appended and saved.
pub trait Journal: Send + 'static {
    /// Keeps all of `batch`, or nothing that a later call would build on.
    ///
    /// # Errors
    /// [`crate::StoreError`] where it cannot be written.
    fn append(&mut self, batch: &mut dyn Iterator<Item = Noted<'_>>) -> Result<(), crate::StoreError>;

    /// Begins a new part. What was appended so far is the former part, until it is dropped.
    ///
    /// # Errors
    /// [`crate::StoreError`] where there is a former part already, or the backend fails.
    fn begin_part(&mut self) -> Result<(), crate::StoreError>;

    /// Drops the former part, all of which is saved by now.
    ///
    /// # Errors
    /// [`crate::StoreError`] where the backend fails.
    fn drop_former(&mut self) -> Result<(), crate::StoreError>;

    /// Tries whether something could be appended.
    ///
    /// # Errors
    /// [`crate::StoreError`] where not.
    fn probe(&mut self) -> Result<(), crate::StoreError>;
}

/// Where presences are kept. Used by one writer at a time; blocks while it writes.
pub trait PresenceStore: Send + 'static {
    /// The journal beside this store, where it has one: once something is appended there, it is kept. Asked for once.
    fn journal(&mut self) -> Option<Box<dyn Journal>>;

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
