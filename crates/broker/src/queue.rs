//! A bounded queue whose places are taken before the lock and filled under it.
//!
//! Taking places waits, filling them never does: so the order of the queue can be the order of the lock.
//! Source: semantics 18.

use std::{collections::VecDeque, future::Future, task::Poll, time::Duration};

use parking_lot::{Condvar, Mutex};
use tokio::sync::Semaphore;

/// One place in so many is for who has nobody waiting.
pub const BACKGROUND_PART: usize = 16;

/// Which item of a queue, counted from 1.
pub type Number = u64;

/// A queue that many put into, and one takes out of.
pub struct Queue<T> {
    places: Semaphore,
    /// Who has nobody waiting shares these: what they put must not make others wait.
    background: Semaphore,
    capacity: usize,
    items: Mutex<Items<T>>,
    came: Condvar,
}

struct Items<T> {
    waiting: VecDeque<Item<T>>,
    /// The number of the last item that was put.
    last: Number,
    closed: bool,
}

struct Item<T> {
    value: T,
    in_background: bool,
}

/// Places in a queue that nobody else can take.
pub struct Places<'a, T> {
    queue: &'a Queue<T>,
    count: u32,
    in_background: bool,
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

impl<T> Queue<T> {
    /// A queue with `capacity` places, of which one in `background_part` is for who has nobody waiting.
    #[must_use]
    pub fn new(capacity: usize, background_part: usize) -> Self {
        Self {
            places: Semaphore::new(capacity),
            background: Semaphore::new((capacity / background_part).max(1)),
            capacity,
            items: Mutex::new(Items { waiting: VecDeque::new(), last: 0, closed: false }),
            came: Condvar::new(),
        }
    }

    /// Takes `count` places once they are free; none where the queue is closed.
    pub async fn reserve(&self, count: u32) -> Option<Places<'_, T>> {
        self.places.acquire_many(count).await.ok()?.forget();
        Some(Places { queue: self, count, in_background: false })
    }

    /// The same for what nobody waits for: of those places there are few, so that others find the queue short.
    /// At most the background's part of the capacity can be asked for.
    pub async fn reserve_in_background(&self, count: u32) -> Option<Places<'_, T>> {
        let background = self.background.acquire_many(count).await.ok()?;
        let mut places = self.reserve(count).await?;
        background.forget();
        places.in_background = true;
        Some(places)
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
        self.items.lock().closed = true;
        self.came.notify_all();
    }

    /// How many items wait or have a place.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.capacity - self.places.available_permits()
    }

    /// The number of the last item that was put.
    #[must_use]
    pub fn last(&self) -> Number {
        self.items.lock().last
    }

    /// The number of the last item that was taken out.
    #[must_use]
    pub fn last_out(&self) -> Number {
        let items = self.items.lock();
        items.last - items.waiting.len() as Number
    }

    /// Shows the items that wait and came after that number, in their order.
    pub fn look(&self, after: Number, mut see: impl FnMut(&T)) {
        let items = self.items.lock();
        let behind = usize::try_from(items.last.saturating_sub(after)).unwrap_or(usize::MAX);
        let first = items.waiting.len().saturating_sub(behind);
        items.waiting.range(first..).for_each(|item| see(&item.value));
    }

    /// Blocks the thread until an item waits, or for `patience`. False: nothing waits, and nothing will come.
    #[must_use]
    pub fn wait(&self, patience: Option<Duration>) -> bool {
        let mut items = self.items.lock();
        let is_idle = |items: &mut Items<T>| items.waiting.is_empty() && !items.closed;
        match patience {
            Some(patience) => drop(self.came.wait_while_for(&mut items, is_idle, patience)),
            None => self.came.wait_while(&mut items, is_idle),
        }
        !(items.waiting.is_empty() && items.closed)
    }

    /// Waits for the next item, blocking the thread; none once the queue is closed and empty.
    #[must_use]
    pub fn recv(&self) -> Option<T> {
        loop {
            match self.try_recv() {
                None if self.wait(None) => {}
                item => return item,
            }
        }
    }

    /// Takes the next item if one is waiting.
    #[must_use]
    pub fn try_recv(&self) -> Option<T> {
        let item = self.items.lock().waiting.pop_front()?;
        self.free(1, item.in_background);
        Some(item.value)
    }

    /// Takes those that wait, up to this number and at most so many.
    #[must_use]
    pub fn take(&self, upto: Number, most: usize) -> Vec<T> {
        let out: Vec<_> = {
            let mut items = self.items.lock();
            let waiting = items.waiting.len();
            let behind = usize::try_from(items.last.saturating_sub(upto)).unwrap_or(usize::MAX);
            items.waiting.drain(..waiting.saturating_sub(behind).min(most)).collect()
        };
        self.places.add_permits(out.len());
        self.background.add_permits(out.iter().filter(|item| item.in_background).count());
        out.into_iter().map(|item| item.value).collect()
    }

    fn free(&self, count: usize, in_background: bool) {
        self.places.add_permits(count);
        if in_background {
            self.background.add_permits(count);
        }
    }
}

impl<T> Places<'_, T> {
    /// Puts `item` into one of the places, never waits, and says which it is. Where the queue was closed it is dropped.
    ///
    /// # Panics
    /// Where more is put than places were taken.
    pub fn put(&mut self, item: T) -> Number {
        self.count = self.count.checked_sub(1).expect("no more is put than places were taken");
        let mut items = self.queue.items.lock();
        if items.closed {
            self.queue.free(1, self.in_background);
            return items.last;
        }
        items.waiting.push_back(Item { value: item, in_background: self.in_background });
        items.last += 1;
        let number = items.last;
        drop(items);
        self.queue.came.notify_one();
        number
    }
}

impl<T> Drop for Places<'_, T> {
    fn drop(&mut self) {
        if self.count > 0 {
            self.queue.free(self.count as usize, self.in_background);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_makes_takers_wait_and_then_give_up() {
        let queue = Queue::new(2, BACKGROUND_PART);
        let patience = Duration::from_secs(5);
        let mut places = queue.reserve(2).await.expect("free");
        places.put(1);
        let before = tokio::time::Instant::now();
        assert!(within(patience, queue.reserve(1)).await.is_none());
        assert_eq!(before.elapsed(), patience);
        assert_eq!(queue.try_recv(), Some(1));
        assert!(within(patience, queue.reserve(1)).await.is_some());
        assert_eq!(before.elapsed(), patience, "a free place is taken at once");
    }

    #[tokio::test]
    async fn places_that_are_not_used_are_free_again() {
        let queue = Queue::new(4, BACKGROUND_PART);
        let mut places = queue.reserve(3).await.expect("free");
        places.put(1);
        assert_eq!(queue.taken(), 3);
        drop(places);
        assert_eq!(queue.taken(), 1);
        assert_eq!(queue.recv(), Some(1));
        assert_eq!(queue.taken(), 0);
        assert!(queue.reserve(4).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_leaves_places_to_others() {
        let queue = Queue::new(2 * BACKGROUND_PART, BACKGROUND_PART);
        let mut places = queue.reserve_in_background(2).await.expect("free");
        places.put(1);
        places.put(2);
        assert!(within(Duration::from_secs(600), queue.reserve_in_background(1)).await.is_none(), "no more of them");
        assert!(queue.reserve(1).await.is_some(), "and there is room");
        assert_eq!(queue.recv(), Some(1));
        assert!(queue.reserve_in_background(1).await.is_some(), "until one is taken out");
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_becomes_free() {
        let queue = Queue::new(1, BACKGROUND_PART);
        queue.reserve(1).await.expect("free").put(1);
        let takes = async { within(Duration::from_secs(600), queue.reserve(1)).await.expect("free").put(2) };
        let frees = async { assert_eq!(queue.try_recv(), Some(1)) };
        tokio::join!(takes, frees);
        assert_eq!(queue.try_recv(), Some(2));
    }

    #[tokio::test]
    async fn what_was_put_before_a_close_is_still_taken_out_and_then_nothing() {
        let queue = Queue::new(8, BACKGROUND_PART);
        let mut places = queue.reserve(3).await.expect("free");
        places.put(1);
        places.put(2);
        queue.close();
        places.put(3);
        assert!(queue.is_closed());
        assert!(within(Duration::from_secs(600), queue.reserve(1)).await.is_none(), "at once");
        assert_eq!((queue.recv(), queue.recv(), queue.recv()), (Some(1), Some(2), None));
        assert!(!queue.wait(Some(Duration::from_secs(600))), "at once");
        assert_eq!(queue.taken(), 0);
    }

    #[tokio::test]
    #[should_panic(expected = "no more is put than places were taken")]
    async fn more_than_was_taken_cannot_be_put() {
        let queue = Queue::new(8, BACKGROUND_PART);
        let mut places = queue.reserve(1).await.expect("free");
        places.put(1);
        places.put(2);
    }

    #[tokio::test]
    async fn items_have_numbers_by_which_they_are_seen_and_taken() {
        let queue = Queue::new(8, BACKGROUND_PART);
        let mut places = queue.reserve(5).await.expect("free");
        let numbers = [10, 20, 30, 40, 50].map(|item| places.put(item));
        assert_eq!((numbers, queue.last(), queue.last_out()), ([1, 2, 3, 4, 5], 5, 0));
        assert_eq!(queue.take(3, 2), [10, 20]);
        assert_eq!((queue.last_out(), queue.taken()), (2, 3));
        let seen = |after: Number| {
            let mut seen = Vec::new();
            queue.look(after, |item| seen.push(*item));
            seen
        };
        assert_eq!([seen(0), seen(3), seen(5)], [vec![30, 40, 50], vec![40, 50], vec![]]);
        assert_eq!(queue.take(3, 8), [30]);
        assert!(queue.take(3, 8).is_empty());
        assert_eq!(queue.take(Number::MAX, 8), [40, 50]);
        assert_eq!((queue.last(), queue.last_out(), queue.taken()), (5, 5, 0));
    }

    #[test]
    fn who_waits_is_woken_by_what_comes_and_by_the_close() {
        let queue = std::sync::Arc::new(Queue::new(8, BACKGROUND_PART));
        let reader = queue.clone();
        let taken = std::thread::spawn(move || [reader.recv(), reader.recv()]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(queue.reserve(1)).expect("free").put(1);
        assert!(queue.wait(Some(Duration::ZERO)), "it is open");
        queue.close();
        assert_eq!(taken.join().expect("it ends"), [Some(1), None]);
    }
}
