//! Presences on a disk that outlives the server's process, keeps whole batches only, and can fail or be full. Some have a
//! journal beside what is saved.

use std::{collections::BTreeMap, sync::Arc};

use herenow_core::{PresenceId, ProjectId, tracker::Record};
use herenow_store::{Journal, Noted, PresenceStore, Run, Saved, StoreError};
use parking_lot::Mutex;

/// How the disk answers a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    Full,
    Failing,
    /// Somebody else holds the database; a journal can be written.
    Held,
}

#[derive(Default)]
struct State {
    mood: Mood,
    run: Option<Run>,
    /// As text, as a database keeps them: what cannot be written down is lost.
    records: BTreeMap<String, (u64, String)>,
    /// None: the disk has no journal.
    journal: Option<Parts>,
}

/// A record's id and, where it has not ended, its place and text.
type Written = (String, Option<(u64, String)>);

/// The parts of a journal: each change with its run and number.
#[derive(Default)]
struct Parts {
    active: Vec<(String, u64, Written)>,
    former: Vec<(String, u64, Written)>,
}

/// The disk; its clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

impl Disk {
    pub(crate) fn with_journal() -> Self {
        Self(Arc::new(Mutex::new(State { journal: Some(Parts::default()), ..State::default() })))
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.0.lock().mood = mood;
    }

    pub(crate) fn mood(&self) -> Mood {
        self.0.lock().mood
    }

    /// The number of the last change that is kept.
    pub(crate) fn kept_up_to(&self) -> u64 {
        let state = self.0.lock();
        let saved = state.run.as_ref().map_or(0, |run| run.seq);
        state.unsaved().map(|(_, seq, _)| *seq).fold(saved, u64::max)
    }
}

impl State {
    /// What the journal has and was not saved.
    fn unsaved(&self) -> impl Iterator<Item = &(String, u64, Written)> {
        let all = self.journal.iter().flat_map(|parts| parts.former.iter().chain(&parts.active));
        all.filter(|(epoch, seq, _)| self.run.as_ref().is_some_and(|run| run.epoch == *epoch && run.seq < *seq))
    }

    fn put(&mut self, seq: u64, (id, written): Written) {
        match written {
            Some(record) => drop(self.records.insert(id, record)),
            None => drop(self.records.remove(&id)),
        }
        if let Some(run) = &mut self.run {
            run.seq = run.seq.max(seq);
        }
    }

    fn check_database(&self) -> Result<(), StoreError> {
        match self.mood {
            Mood::Held => Err(StoreError::Backend("the database is held".to_owned())),
            _ => self.check_files(),
        }
    }

    fn check_files(&self) -> Result<(), StoreError> {
        match self.mood {
            Mood::Well | Mood::Held => Ok(()),
            Mood::Full => Err(StoreError::Full),
            Mood::Failing => Err(StoreError::Backend("the disk makes a noise".to_owned())),
        }
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}

fn write_down(id: &PresenceId, record: Option<&Record>) -> Result<Written, StoreError> {
    let text = |record: &Record| {
        Ok::<_, StoreError>((record.presence.creation, serde_json::to_string(record).map_err(unreadable)?))
    };
    Ok((id.to_string(), record.map(text).transpose()?))
}

impl Disk {
    fn parts<T>(&self, work: impl FnOnce(&mut Parts) -> T) -> Result<T, StoreError> {
        let mut state = self.0.lock();
        state.check_files()?;
        state.journal.as_mut().map(work).ok_or_else(|| StoreError::Backend("there is no journal".to_owned()))
    }
}

impl Journal for Disk {
    fn append(&mut self, batch: &mut dyn Iterator<Item = Noted<'_>>) -> Result<(), StoreError> {
        let entry =
            |Noted { epoch, seq, id, record, .. }: Noted<'_>| Ok((epoch.to_owned(), seq, write_down(id, record)?));
        let entries = batch.map(entry).collect::<Result<Vec<_>, StoreError>>()?;
        self.parts(|parts| parts.active.extend(entries))
    }

    fn begin_part(&mut self) -> Result<(), StoreError> {
        self.parts(|parts| {
            assert!(parts.former.is_empty(), "the former part is dropped first");
            std::mem::swap(&mut parts.active, &mut parts.former);
        })
    }

    fn drop_former(&mut self) -> Result<(), StoreError> {
        self.parts(|parts| parts.former.clear())
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.parts(|_| ())
    }
}

impl PresenceStore for Disk {
    fn journal(&mut self) -> Option<Box<dyn Journal>> {
        self.0.lock().journal.is_some().then(|| Box::new(self.clone()) as _)
    }

    fn load(&mut self, _project: &ProjectId) -> Result<Option<(Run, Vec<Record>)>, StoreError> {
        let mut state = self.0.lock();
        for (_, seq, written) in state.unsaved().cloned().collect::<Vec<_>>() {
            state.put(seq, written);
        }
        state.journal.iter_mut().for_each(|parts| *parts = Parts::default());
        let Some(run) = state.run.clone() else { return Ok(None) };
        let mut kept: Vec<_> = state.records.values().collect();
        kept.sort_unstable();
        let records = kept.into_iter().map(|(_, text)| serde_json::from_str(text).map_err(unreadable));
        Ok(Some((run, records.collect::<Result<_, _>>()?)))
    }

    /// The simulation has one project and asks for none.
    fn projects(&mut self) -> Result<Vec<ProjectId>, StoreError> {
        Ok(Vec::new())
    }

    fn begin(&mut self, _project: &ProjectId, run: &Run) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        state.check_database()?;
        state.run = Some(run.clone());
        Ok(())
    }

    fn save(&mut self, batch: &[Saved]) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        state.check_database()?;
        for saved in batch {
            state.put(saved.seq, write_down(&saved.id, saved.record.as_deref())?);
        }
        Ok(())
    }

    fn forget(&mut self, _project: &ProjectId) -> Result<(), StoreError> {
        *self.0.lock() = State::default();
        Ok(())
    }
}
