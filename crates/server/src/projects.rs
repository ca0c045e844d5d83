//! All projects in memory: every request needs one, and they change rarely.

use std::{collections::HashMap, sync::Arc};

use herenow_core::{ProjectId, account::Project};
use herenow_store::{Accounts, StoreError};
use parking_lot::RwLock;

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
pub struct Projects(RwLock<HashMap<ProjectId, Arc<KnownProject>>>);

impl Projects {
    /// The project of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<KnownProject>> {
        self.0.read().get(id).cloned()
    }

    /// Reads a project again from the store, after it changed or was made.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn refresh(&self, accounts: &dyn Accounts, id: &ProjectId) -> Result<(), StoreError> {
        match accounts.project(id).await? {
            Some(project) => {
                let platforms = accounts.platforms(id).await?;
                let named = platforms
                    .into_iter()
                    .map(|platform| if platform.hostname.is_empty() { platform.key } else { platform.hostname });
                let hosts = project.allowed_origins.iter().cloned().chain(named).collect();
                self.0.write().insert(id.clone(), Arc::new(KnownProject { project, hosts }));
            }
            None => {
                self.0.write().remove(id);
            }
        }
        Ok(())
    }

    /// The ids of all projects.
    #[must_use]
    pub fn ids(&self) -> Vec<ProjectId> {
        self.0.read().keys().cloned().collect()
    }
}
