//! All projects in memory: every request needs one, and they change rarely.

use std::{collections::HashMap, sync::Arc};

use herenow_core::{ProjectId, account::Project};
use herenow_store::{Accounts, StoreError};
use parking_lot::RwLock;
use tokio::sync::Mutex;

/// A project with what has to be looked up with it.
#[derive(Debug)]
pub struct KnownProject {
    /// The project.
    pub project: Project,
    /// Host names that a browser may call from: the project's own and those of its platforms.
    pub hosts: Vec<String>,
}

/// All projects.
#[derive(Default)]
pub struct Projects {
    known: RwLock<HashMap<ProjectId, Arc<KnownProject>>>,
    /// Held by whoever reads one again: of two reads at once, the later one must stay.
    reading: Mutex<()>,
}

impl Projects {
    /// The project of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<KnownProject>> {
        self.known.read().get(id).cloned()
    }

    /// Reads a project again from the store, after it changed or was made.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn refresh(&self, accounts: &dyn Accounts, id: &ProjectId) -> Result<(), StoreError> {
        let _reading = self.reading.lock().await;
        match accounts.project(id).await? {
            Some(project) => {
                let platforms = accounts.platforms(id).await?;
                let named = platforms
                    .into_iter()
                    .map(|platform| if platform.hostname.is_empty() { platform.key } else { platform.hostname });
                let hosts = project.allowed_origins.iter().cloned().chain(named).collect();
                self.known.write().insert(id.clone(), Arc::new(KnownProject { project, hosts }));
            }
            None => {
                self.known.write().remove(id);
            }
        }
        Ok(())
    }

    /// The ids of all projects.
    #[must_use]
    pub fn ids(&self) -> Vec<ProjectId> {
        self.known.read().keys().cloned().collect()
    }
}
