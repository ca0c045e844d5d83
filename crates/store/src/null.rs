//! Saved presences for a server that is to forget them: nothing is kept.

use herenow_core::{ProjectId, tracker::Record};

use crate::{Journal, PresenceStore, Run, Saved, accounts::Kept};

/// Keeps nothing: presences end with the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct NullPresences;

impl PresenceStore for NullPresences {
    fn journal(&mut self) -> Option<Box<dyn Journal>> {
        None
    }

    fn load(&mut self, _project: &ProjectId) -> Kept<Option<(Run, Vec<Record>)>> {
        Ok(None)
    }

    fn projects(&mut self) -> Kept<Vec<ProjectId>> {
        Ok(Vec::new())
    }

    fn begin(&mut self, _project: &ProjectId, _run: &Run) -> Kept {
        Ok(())
    }

    fn save(&mut self, _batch: &[Saved]) -> Kept {
        Ok(())
    }

    fn forget(&mut self, _project: &ProjectId) -> Kept {
        Ok(())
    }
}
