//! How many sockets there may be: each has a seat from its upgrade to its end, also while it is being opened. Knows
//! nothing of what sockets are for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The seats of a server.
#[derive(Debug, Default)]
pub(crate) struct Seats(Arc<AtomicUsize>);

/// One seat; dropping it makes room.
#[derive(Debug)]
pub struct Seat(Arc<AtomicUsize>);

impl Seats {
    /// Takes a seat; none where `most` are taken.
    #[must_use]
    pub(crate) fn take(&self, most: usize) -> Option<Seat> {
        let one_more = |taken: usize| (taken < most).then_some(taken + 1);
        let taken = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        taken.is_ok().then(|| Seat(self.0.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_when_its_socket_is_gone() {
        let seats = Seats::default();
        let (first, second) = (seats.take(2), seats.take(2));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(2).is_none(), "all are taken");
        drop(first);
        assert!(seats.take(2).is_some());
    }
}
