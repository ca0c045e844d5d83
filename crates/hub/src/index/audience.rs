//! Who hears one event: whole sets of seats of the index, so that an event costs no walk over those who hear it until it
//! is known that they are others than those who heard the one before.

use indexmap::IndexSet;
use smallvec::SmallVec;

use super::Seat;

/// A set of so few seats may be a part of another: an owner hears what everybody hears.
const FEW_SEATS: usize = 4;
/// Among more sets nobody looks for such.
const FEW_SETS: usize = 8;

/// Sets of seats; a seat may be in more than one of them.
#[derive(Default)]
pub(crate) struct Audience<'a>(SmallVec<[&'a IndexSet<Seat>; 4]>);

/// Which set of the index it is: valid until anything is filed in the index or taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SetId(usize);

impl<'a> Audience<'a> {
    /// Adds the seats of a set.
    pub(super) fn add(&mut self, seats: &'a IndexSet<Seat>) {
        if !seats.is_empty() {
            self.0.push(seats);
        }
    }

    /// The same seats in fewer sets, where a few of them are in another set too.
    pub(crate) fn condensed(mut self) -> Self {
        if (2..=FEW_SETS).contains(&self.0.len()) {
            for place in (0..self.0.len()).rev() {
                let few = self.0[place];
                let mut others = self.0.iter().enumerate().filter(|(other, _)| *other != place);
                if few.len() <= FEW_SEATS && others.any(|(_, seats)| few.is_subset(seats)) {
                    self.0.remove(place);
                }
            }
        }
        self
    }

    /// Which sets they are.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SetId> {
        self.0.iter().map(|seats| SetId(std::ptr::from_ref(*seats).addr()))
    }

    /// The seats, some more than once.
    pub(crate) fn seats(&self) -> impl Iterator<Item = Seat> {
        self.0.iter().copied().flatten().copied()
    }

    /// Whether nobody hears it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn seat(number: u32) -> Seat {
        Seat { connection: number, subscription: 0 }
    }

    #[test]
    fn an_owner_among_all_is_no_set_of_its_own() {
        let (all, owner, other) =
            ((0..100).map(seat).collect(), IndexSet::from([seat(7)]), IndexSet::from([seat(100)]));
        let of = |sets: &[&'static str]| {
            let mut audience = Audience::default();
            for set in sets {
                audience.add(match *set {
                    "all" => &all,
                    "owner" => &owner,
                    _ => &other,
                });
            }
            audience.condensed().ids().collect::<Vec<_>>()
        };
        assert_eq!(of(&["all", "owner"]), of(&["all"]));
        assert_eq!(of(&["owner", "all"]), of(&["all"]));
        assert_eq!(of(&["all", "other"]).len(), 2);
        assert_eq!(of(&["owner", "owner"]).len(), 1, "one of two that are the same stays");
    }

    proptest! {
        #[test]
        fn what_is_condensed_has_the_same_seats(
            sets in prop::collection::vec(prop::collection::vec(0..12_u32, 0..8), 0..10),
        ) {
            let sets: Vec<IndexSet<Seat>> = sets.into_iter().map(|set| set.into_iter().map(seat).collect()).collect();
            let mut audience = Audience::default();
            sets.iter().for_each(|set| audience.add(set));
            let numbers = |audience: &Audience<'_>| audience.seats().map(|seat| seat.connection).collect::<BTreeSet<_>>();
            let before = numbers(&audience);
            prop_assert_eq!(numbers(&audience.condensed()), before);
        }
    }
}
