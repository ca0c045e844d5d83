//! Presences on a disk that outlives the server's process, keeps whole batches only, and can fail or be full.

use std::{collections::BTreeMap, sync::Arc};

use herenow_core::{ProjectId, tracker::Record};
use herenow_store::{PresenceStore, Run, Saved, StoreError};
use parking_lot::Mutex;

/// How the disk answers a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    Full,
    Failing,
}

#[derive(Default)]
struct State {
    mood: Mood,
    run: Option<Run>,
    /// As text, as a database keeps them: what cannot be written down is lost.
    records: BTreeMap<String, (u64, String)>,
}

/// The disk; its clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

impl Disk {
    pub(crate) fn set_mood(&self, mood: Mood) {
        self.0.lock().mood = mood;
    }

    pub(crate) fn mood(&self) -> Mood {
        self.0.lock().mood
    }

    /// The number of the last change that is kept.
    pub(crate) fn kept_up_to(&self) -> u64 {
        self.0.lock().run.as_ref().map_or(0, |run| run.seq)
    }
}

impl State {
    fn check(&self) -> Result<(), StoreError> {
        match self.mood {
            Mood::Well => Ok(()),
            Mood::Full => Err(StoreError::Full),
            Mood::Failing => Err(StoreError::Backend("the disk makes a noise".to_owned())),
        }
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}

impl PresenceStore for Disk {
    fn load(&mut self, _project: &ProjectId) -> Result<Option<(Run, Vec<Record>)>, StoreError> {
        let state = self.0.lock();
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
        state.check()?;
        state.run = Some(run.clone());
        Ok(())
    }

    fn save(&mut self, batch: &[Saved]) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        state.check()?;
        for saved in batch {
            match &saved.record {
                Some(record) => {
                    let text = serde_json::to_string(&**record).map_err(unreadable)?;
                    state.records.insert(saved.id.to_string(), (record.presence.creation, text));
                }
                None => drop(state.records.remove(saved.id.as_str())),
            }
            if let Some(run) = &mut state.run {
                run.seq = run.seq.max(saved.seq);
            }
        }
        Ok(())
    }

    fn forget(&mut self, _project: &ProjectId) -> Result<(), StoreError> {
        *self.0.lock() = State::default();
        Ok(())
    }
}
