//! A bounded queue whose places are taken before the lock and filled under it.
//!
//! Taking places waits, filling them never does: so the order of the queue can be the order of the lock.
//! Source: semantics 18.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver as StdReceiver, RecvTimeoutError, Sender as StdSender, TryRecvError, channel},
    },
    time::Duration,
};

use parking_lot::RwLock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The end that puts in.
pub struct Sender<T> {
    places: Arc<Semaphore>,
    capacity: usize,
    /// None once closed.
    items: RwLock<Option<StdSender<(T, OwnedSemaphorePermit)>>>,
}

/// The end that takes out; its methods block their thread.
pub struct Receiver<T> {
    items: StdReceiver<(T, OwnedSemaphorePermit)>,
}

/// Places in a queue that nobody else can take.
pub struct Places<'a, T> {
    sender: &'a Sender<T>,
    permit: OwnedSemaphorePermit,
}

/// A queue with `capacity` places.
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (items, taken) = channel();
    let places = Arc::new(Semaphore::new(capacity));
    (Sender { places, capacity, items: RwLock::new(Some(items)) }, Receiver { items: taken })
}

impl<T> Sender<T> {
    /// Takes `count` places, waiting `patience` at the longest; none where they did not become free.
    pub async fn reserve(&self, count: u32, patience: Duration) -> Option<Places<'_, T>> {
        let taken = match self.places.clone().try_acquire_many_owned(count) {
            Ok(permit) => permit,
            Err(_) => tokio::time::timeout(patience, self.places.clone().acquire_many_owned(count)).await.ok()?.ok()?,
        };
        Some(Places { sender: self, permit: taken })
    }

    /// Gives no more places; what has been put is still taken out, then the other end finishes.
    pub fn close(&self) {
        self.places.close();
        self.items.write().take();
    }

    /// How many items wait or have a place.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.capacity - self.places.available_permits()
    }
}

impl<T> Places<'_, T> {
    /// Puts `item` into one of the places; never waits. Where the queue was closed it is dropped.
    ///
    /// # Panics
    /// Where more is put than places were taken.
    pub fn put(&mut self, item: T) {
        let place = self.permit.split(1).expect("no more is put than places were taken");
        if let Some(items) = &*self.sender.items.read() {
            drop(items.send((item, place)));
        }
    }
}

impl<T> Receiver<T> {
    /// Waits for the next item; none once all senders are gone.
    #[must_use]
    pub fn recv(&self) -> Option<T> {
        self.items.recv().ok().map(|(item, _)| item)
    }

    /// Waits for the next item at most `patience`.
    ///
    /// # Errors
    /// [`RecvTimeoutError`] where none came, or none will come.
    pub fn recv_timeout(&self, patience: Duration) -> Result<T, RecvTimeoutError> {
        self.items.recv_timeout(patience).map(|(item, _)| item)
    }

    /// Takes the next item if one is waiting.
    #[must_use]
    pub fn try_recv(&self) -> Option<T> {
        match self.items.try_recv() {
            Ok((item, _)) => Some(item),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_makes_takers_wait_and_then_give_up() {
        let (sender, receiver) = bounded(2);
        let mut places = sender.reserve(2, Duration::ZERO).await.expect("free");
        places.put(1);
        assert!(sender.reserve(1, Duration::from_secs(5)).await.is_none());
        assert_eq!(receiver.try_recv(), Some(1));
        assert!(sender.reserve(1, Duration::from_secs(5)).await.is_some());
        drop(places);
        assert_eq!(sender.taken(), 0);
    }
}
