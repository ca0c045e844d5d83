//! Tasks that run only when told to, one poll at a time: who goes next is the simulation's choice.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task {
    name: &'static str,
    future: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Flag>,
}

/// All tasks of one simulation.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: RefCell<BTreeMap<u64, Task>>,
    next: Cell<u64>,
}

impl Executor {
    pub(crate) fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + 'static) {
        let id = self.next.replace(self.next.get() + 1);
        let task = Task { name, future: Box::pin(future), woken: Arc::new(Flag(AtomicBool::new(true))) };
        self.tasks.borrow_mut().insert(id, task);
    }

    /// The tasks that have something to do, the oldest first.
    pub(crate) fn ready(&self) -> Vec<u64> {
        let tasks = self.tasks.borrow();
        tasks.iter().filter(|(_, task)| task.woken.0.load(Ordering::Relaxed)).map(|(id, _)| *id).collect()
    }

    /// Lets one task run to its next point of waiting; answers with its name.
    pub(crate) fn poll(&self, id: u64) -> Option<&'static str> {
        let mut task = self.tasks.borrow_mut().remove(&id)?;
        task.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(task.woken.clone());
        let name = task.name;
        if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.borrow_mut().insert(id, task);
        }
        Some(name)
    }

    /// Makes every task look again: time has passed.
    pub(crate) fn wake_all(&self) {
        for task in self.tasks.borrow().values() {
            task.woken.0.store(true, Ordering::Relaxed);
        }
    }

    /// How many tasks of this name there are.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.tasks.borrow().values().filter(|task| task.name == name).count()
    }

    /// Drops every task where it stands, as a crash does.
    pub(crate) fn clear(&self) {
        let tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        drop(tasks);
    }
}

/// Lets others run: wherever the real server looks something up or could be on another thread.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls once, without waiting.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}
