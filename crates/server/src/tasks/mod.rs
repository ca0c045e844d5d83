//! The one place that spawns: every task has a name, is counted, and ends with the server.

use std::{collections::HashMap, future::Future, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

/// The running tasks of a server.
pub struct Tasks {
    stop: watch::Sender<bool>,
    running: Arc<Mutex<HashMap<&'static str, usize>>>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { stop: watch::Sender::new(false), running: Arc::default() }
    }
}

struct Counted(Arc<Mutex<HashMap<&'static str, usize>>>, &'static str);

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(count) = self.0.lock().get_mut(self.1) {
            *count -= 1;
        }
    }
}

impl Tasks {
    /// Runs `task` until it ends by itself or the server has been told to stop at once.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        *self.running.lock().entry(name).or_default() += 1;
        let counted = Counted(self.running.clone(), name);
        let mut stop = self.stop.subscribe();
        // What an async block captures, it keeps beside the copy that it polls: the task is boxed, to be there once.
        let task = Box::pin(task);
        tokio::spawn(async move {
            let _counted = counted;
            tokio::select! {
                () = task => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// How many tasks of each name run.
    #[must_use]
    pub fn running(&self) -> Vec<(&'static str, usize)> {
        self.running.lock().iter().map(|(name, count)| (*name, *count)).collect()
    }

    /// How many tasks of this name run.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.running.lock().get(name).copied().unwrap_or(0)
    }

    /// Ends all tasks.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}
