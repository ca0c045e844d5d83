//! A bounded queue whose places are taken before the lock and filled under it.
//!
//! Taking places waits, filling them never does: so the order of the queue can be the order of the lock.
//! Source: semantics 18.

use std::{
    future::Future,
    sync::{
        Arc,
        mpsc::{Receiver as StdReceiver, RecvTimeoutError, Sender as StdSender, TryRecvError, channel},
    },
    task::Poll,
    time::Duration,
};

use parking_lot::RwLock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One place in so many is for who has nobody waiting.
pub const BACKGROUND_PART: usize = 16;

/// The end that puts in.
pub struct Sender<T> {
    places: Arc<Semaphore>,
    /// Who has nobody waiting shares these: what they put must not make others wait.
    background: Arc<Semaphore>,
    capacity: usize,
    /// None once closed.
    items: RwLock<Option<StdSender<Item<T>>>>,
}

/// What waits, with the place that becomes free when it is taken out.
struct Item<T> {
    value: T,
    _place: Place,
}

type Place = (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>);

/// The end that takes out; its methods block their thread.
pub struct Receiver<T> {
    items: StdReceiver<Item<T>>,
    places: Arc<Semaphore>,
    capacity: usize,
}

/// Places in a queue that nobody else can take.
pub struct Places<'a, T> {
    sender: &'a Sender<T>,
    permit: OwnedSemaphorePermit,
    background: Option<OwnedSemaphorePermit>,
}

/// What `places` gives within `patience`. Where it need not wait, no timer is set.
pub async fn within<P>(patience: Duration, places: impl Future<Output = Option<P>>) -> Option<P> {
    let mut places = std::pin::pin!(places);
    let ready = std::future::poll_fn(|context| Poll::Ready(places.as_mut().poll(context))).await;
    match ready {
        Poll::Ready(places) => places,
        Poll::Pending => tokio::time::timeout(patience, places).await.ok()?,
    }
}

/// A queue with `capacity` places.
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    shared(capacity, BACKGROUND_PART)
}

/// The same, of which one place in `background_part` is for who has nobody waiting.
#[must_use]
pub fn shared<T>(capacity: usize, background_part: usize) -> (Sender<T>, Receiver<T>) {
    let (items, taken) = channel();
    let places = Arc::new(Semaphore::new(capacity));
    let background = Arc::new(Semaphore::new((capacity / background_part).max(1)));
    let receiver = Receiver { items: taken, places: places.clone(), capacity };
    (Sender { places, background, capacity, items: RwLock::new(Some(items)) }, receiver)
}

impl<T> Sender<T> {
    /// Takes `count` places once they are free; none where the queue is closed.
    pub async fn reserve(&self, count: u32) -> Option<Places<'_, T>> {
        let permit = self.places.clone().acquire_many_owned(count).await.ok()?;
        Some(Places { sender: self, permit, background: None })
    }

    /// The same for what nobody waits for: of those places there are few, so that others find the queue short.
    /// At most the capacity by [`BACKGROUND_PART`] can be asked for.
    pub async fn reserve_in_background(&self, count: u32) -> Option<Places<'_, T>> {
        let background = self.background.clone().acquire_many_owned(count).await.ok()?;
        Some(Places { background: Some(background), ..self.reserve(count).await? })
    }

    /// Whether it gives no more places.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// Gives no more places; what has been put is still taken out, then the other end finishes.
    pub fn close(&self) {
        self.places.close();
        self.background.close();
        self.items.write().take();
    }

    /// How many items wait or have a place.
    #[must_use]
    pub fn taken(&self) -> usize {
        taken(&self.places, self.capacity)
    }
}

fn taken(places: &Semaphore, capacity: usize) -> usize {
    capacity - places.available_permits()
}

impl<T> Places<'_, T> {
    /// Puts `item` into one of the places; never waits. Where the queue was closed it is dropped.
    ///
    /// # Panics
    /// Where more is put than places were taken.
    pub fn put(&mut self, item: T) {
        let place = self.permit.split(1).expect("no more is put than places were taken");
        let background = self.background.as_mut().and_then(|background| background.split(1));
        if let Some(items) = &*self.sender.items.read() {
            drop(items.send(Item { value: item, _place: (place, background) }));
        }
    }
}

impl<T> Receiver<T> {
    /// Waits for the next item; none once all senders are gone.
    #[must_use]
    pub fn recv(&self) -> Option<T> {
        self.items.recv().ok().map(|item| item.value)
    }

    /// Waits for the next item at most `patience`.
    ///
    /// # Errors
    /// [`RecvTimeoutError`] where none came, or none will come.
    pub fn recv_timeout(&self, patience: Duration) -> Result<T, RecvTimeoutError> {
        self.items.recv_timeout(patience).map(|item| item.value)
    }

    /// How many items wait or have a place.
    #[must_use]
    pub fn taken(&self) -> usize {
        taken(&self.places, self.capacity)
    }

    /// Whether nothing more is put than what waits.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// Takes the next item if one is waiting.
    #[must_use]
    pub fn try_recv(&self) -> Option<T> {
        match self.items.try_recv() {
            Ok(item) => Some(item.value),
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
        let patience = Duration::from_secs(5);
        let mut places = sender.reserve(2).await.expect("free");
        places.put(1);
        let before = tokio::time::Instant::now();
        assert!(within(patience, sender.reserve(1)).await.is_none());
        assert_eq!(before.elapsed(), patience);
        assert_eq!(receiver.try_recv(), Some(1));
        assert!(within(patience, sender.reserve(1)).await.is_some());
        assert_eq!(before.elapsed(), patience, "a free place is taken at once");
    }

    #[tokio::test]
    async fn places_that_are_not_used_are_free_again() {
        let (sender, receiver) = bounded(4);
        let mut places = sender.reserve(3).await.expect("free");
        places.put(1);
        assert_eq!(sender.taken(), 3);
        drop(places);
        assert_eq!(sender.taken(), 1);
        assert_eq!(receiver.recv(), Some(1));
        assert_eq!(sender.taken(), 0);
        assert!(sender.reserve(4).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_leaves_places_to_others() {
        let (sender, receiver) = bounded(2 * BACKGROUND_PART);
        let mut places = sender.reserve_in_background(2).await.expect("free");
        places.put(1);
        places.put(2);
        assert!(within(Duration::from_secs(600), sender.reserve_in_background(1)).await.is_none(), "no more of them");
        assert!(sender.reserve(1).await.is_some(), "and there is room");
        assert_eq!(receiver.recv(), Some(1));
        assert!(sender.reserve_in_background(1).await.is_some(), "until one is taken out");
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_becomes_free() {
        let (sender, receiver) = bounded(1);
        sender.reserve(1).await.expect("free").put(1);
        let takes = async { within(Duration::from_secs(600), sender.reserve(1)).await.expect("free").put(2) };
        let frees = async { assert_eq!(receiver.try_recv(), Some(1)) };
        tokio::join!(takes, frees);
        assert_eq!(receiver.try_recv(), Some(2));
    }

    #[tokio::test]
    async fn what_was_put_before_a_close_is_still_taken_out_and_then_nothing() {
        let (sender, receiver) = bounded(8);
        let mut places = sender.reserve(3).await.expect("free");
        places.put(1);
        places.put(2);
        sender.close();
        places.put(3);
        assert!(sender.is_closed());
        assert!(within(Duration::from_secs(600), sender.reserve(1)).await.is_none(), "at once");
        assert_eq!((receiver.recv(), receiver.recv(), receiver.recv()), (Some(1), Some(2), None));
        assert_eq!(receiver.recv_timeout(Duration::from_secs(600)), Err(RecvTimeoutError::Disconnected));
    }

    #[tokio::test]
    #[should_panic(expected = "no more is put than places were taken")]
    async fn more_than_was_taken_cannot_be_put() {
        let (sender, _receiver) = bounded(8);
        let mut places = sender.reserve(1).await.expect("free");
        places.put(1);
        places.put(2);
    }
}
