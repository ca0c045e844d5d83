//! The one place that spawns: every task has a name, is counted, and ends with the server.

use std::{collections::HashMap, future::Future, sync::Arc};

use parking_lot::Mutex;
use tokio::task::AbortHandle;

/// The running tasks of a server.
#[derive(Default)]
pub struct Tasks(Arc<Mutex<Running>>);

#[derive(Default)]
struct Running {
    counts: HashMap<&'static str, usize>,
    /// By what ends them: a task that asked whether to stop would ask each time that it runs. None: it just begins.
    handles: HashMap<u64, Option<AbortHandle>>,
    last: u64,
    stopped: bool,
}

/// One running task.
struct Counted {
    running: Arc<Mutex<Running>>,
    name: &'static str,
    number: u64,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut running = self.running.lock();
        if let Some(count) = running.counts.get_mut(self.name) {
            *count -= 1;
        }
        running.handles.remove(&self.number);
    }
}

impl Tasks {
    /// Runs `task` until it ends by itself or the server has been told to stop at once.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let counted = self.begin(name);
        let number = counted.number;
        // What an async block captures, it keeps beside the copy that it polls: the task is boxed, to be there once.
        let task = Box::pin(task);
        let handle = tokio::spawn(async move {
            let _counted = counted;
            task.await;
        });
        let mut running = self.0.lock();
        if running.stopped {
            handle.abort();
        } else if let Some(begun) = running.handles.get_mut(&number) {
            // Else it has ended already.
            *begun = Some(handle.abort_handle());
        }
    }

    fn begin(&self, name: &'static str) -> Counted {
        let mut running = self.0.lock();
        *running.counts.entry(name).or_default() += 1;
        running.last += 1;
        let number = running.last;
        running.handles.insert(number, None);
        Counted { running: self.0.clone(), name, number }
    }

    /// How many tasks of each name run.
    #[must_use]
    pub fn running(&self) -> Vec<(&'static str, usize)> {
        self.0.lock().counts.iter().map(|(name, count)| (*name, *count)).collect()
    }

    /// How many tasks of this name run.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.0.lock().counts.get(name).copied().unwrap_or(0)
    }

    /// Ends all tasks.
    pub fn stop(&self) {
        let mut running = self.0.lock();
        running.stopped = true;
        running.handles.values().flatten().for_each(AbortHandle::abort);
    }
}
