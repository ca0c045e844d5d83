//! An ordered set of places: which records come one after the other by one key, ties by their creation.
//!
//! Sorted chunks under a list of their first places: 16 bytes a place and little air, where the nodes of the
//! standard library's trees stay half empty when they are filled in order. Knows no record.

/// Most places in one chunk.
const CHUNK: usize = 256;
/// A chunk grows by so many places, so that little of it is empty.
const GROWTH: usize = 32;
/// Two neighbours that together have no more than this become one.
const MERGE: usize = CHUNK / 2;
/// Over more chunks than this places are not counted: two neighbours hold more than [`MERGE`], so they are many.
const COUNTED: usize = 64;
const BITS: u32 = 48;

/// One place: 48 bits of key, 48 of the record's creation number, 32 of its slot.
///
/// Creation numbers are changes of a project: 48 bits last for 89 years of 100,000 a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u128);

impl Place {
    pub(crate) fn new(key: u64, creation: u64, slot: u32) -> Self {
        debug_assert!(key >> BITS == 0 && creation >> BITS == 0, "a key or a creation number is too large");
        Self(u128::from(key) << 80 | u128::from(creation) << 32 | u128::from(slot))
    }

    /// Before all places of this key.
    pub(crate) fn first_of(key: u64) -> Self {
        Self::new(key, 0, 0)
    }

    /// Behind all places of this key; no record has it.
    pub(crate) fn last_of(key: u64) -> Self {
        Self::new(key, (1 << BITS) - 1, u32::MAX)
    }

    pub(crate) fn key(self) -> u64 {
        (self.0 >> 80) as u64
    }

    pub(crate) fn creation(self) -> u64 {
        (self.0 >> 32) as u64 & ((1 << BITS) - 1)
    }

    pub(crate) fn slot(self) -> u32 {
        self.0 as u32
    }
}

/// The key of a time: milliseconds, cut to what a key holds.
pub(crate) fn time_key(time: crate::Timestamp) -> u64 {
    u64::try_from(time.millis()).unwrap_or(0).min((1 << BITS) - 1)
}

/// The key of a text. Two texts may share one: whoever looks one up looks at the record again.
pub(crate) fn text_key(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ hash >> BITS) & ((1 << BITS) - 1)
}

/// The set.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// None is empty.
    chunks: Vec<Vec<Place>>,
    /// The first place of each chunk.
    firsts: Vec<Place>,
    len: usize,
}

impl Places {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The chunk in which `place` is or would be.
    fn chunk_of(&self, place: Place) -> usize {
        self.firsts.partition_point(|first| *first <= place).saturating_sub(1)
    }

    /// Puts a place in; one that is there already stays.
    pub(crate) fn insert(&mut self, place: Place) {
        let mut at = self.chunk_of(place);
        // What comes in order leaves full chunks behind.
        let follows = at + 1 == self.chunks.len() && self.chunks[at].last().is_some_and(|last| *last < place);
        if self.chunks.is_empty() || (follows && self.chunks[at].len() == CHUNK) {
            self.put_chunk(self.chunks.len(), vec![place]);
            self.len += 1;
            return;
        }
        if self.chunks[at].len() == CHUNK {
            let upper = self.chunks[at].split_off(CHUNK / 2);
            self.chunks[at].shrink_to_fit();
            self.put_chunk(at + 1, upper);
            at = self.chunk_of(place);
        }
        let chunk = &mut self.chunks[at];
        let Err(index) = chunk.binary_search(&place) else { return };
        if chunk.len() == chunk.capacity() {
            chunk.reserve_exact(GROWTH);
        }
        chunk.insert(index, place);
        self.firsts[at] = chunk[0];
        self.len += 1;
    }

    /// Takes a place out, where it is in.
    pub(crate) fn remove(&mut self, place: Place) {
        let at = self.chunk_of(place);
        let Some(index) = self.chunks.get(at).and_then(|chunk| chunk.binary_search(&place).ok()) else { return };
        self.chunks[at].remove(index);
        self.len -= 1;
        if self.chunks[at].is_empty() {
            self.chunks.remove(at);
            self.firsts.remove(at);
            return;
        }
        self.firsts[at] = self.chunks[at][0];
        let with_next = |at: usize| self.chunks[at].len() + self.chunks.get(at + 1).map_or(CHUNK, Vec::len);
        let lower =
            if with_next(at) <= MERGE { Some(at) } else { at.checked_sub(1).filter(|at| with_next(*at) <= MERGE) };
        if let Some(lower) = lower {
            let upper = self.chunks.remove(lower + 1);
            self.firsts.remove(lower + 1);
            self.chunks[lower].reserve_exact(upper.len());
            self.chunks[lower].extend(upper);
        }
    }

    fn put_chunk(&mut self, at: usize, chunk: Vec<Place>) {
        self.firsts.insert(at, chunk[0]);
        self.chunks.insert(at, chunk);
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<Place> {
        self.firsts.first().copied()
    }

    /// The last of them.
    pub(crate) fn last(&self) -> Option<Place> {
        self.chunks.last().and_then(|chunk| chunk.last().copied())
    }

    /// Those from `start` on, ascending.
    pub(crate) fn from(&self, start: Place) -> impl Iterator<Item = Place> + '_ {
        let at = self.chunk_of(start);
        let skipped = self.chunks.get(at).map_or(0, |chunk| chunk.partition_point(|place| *place < start));
        self.chunks.iter().skip(at).flatten().skip(skipped).copied()
    }

    /// Those before `end`, descending.
    pub(crate) fn before(&self, end: Place) -> impl Iterator<Item = Place> + '_ {
        let at = self.chunk_of(end);
        let kept = self.chunks.get(at).map_or(0, |chunk| chunk.partition_point(|place| *place < end));
        let (whole, last) = (self.chunks.iter().take(at), self.chunks.get(at).map(|chunk| &chunk[..kept]));
        last.into_iter().flatten().rev().chain(whole.rev().flat_map(|chunk| chunk.iter().rev())).copied()
    }

    /// How many there are from `start` on and before `end`: exactly where they are few, else about.
    pub(crate) fn count(&self, start: Place, end: Place) -> usize {
        if end <= start {
            return 0;
        }
        let (from, to) = (self.chunk_of(start), self.chunk_of(end));
        if to - from > COUNTED {
            return (to - from) * CHUNK * 3 / 4;
        }
        let before = |at: usize, bound: Place| {
            self.chunks.get(at).map_or(0, |chunk| chunk.partition_point(|place| *place < bound))
        };
        let between: usize = self.chunks.get(from..to).map_or(0, |chunks| chunks.iter().map(Vec::len).sum());
        between + before(to, end) - before(from, start)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_are_what_a_plain_ordered_set_is(
            steps in prop::collection::vec((any::<bool>(), 0..4_u64, 0..700_u64), 0..3000), filled in 0..1500_u64,
        ) {
            let (mut places, mut plain) = (Places::default(), BTreeSet::new());
            for creation in 0..filled {
                places.insert(Place::new(1, creation, 7));
                plain.insert(Place::new(1, creation, 7));
            }
            for (comes, key, creation) in steps {
                let place = Place::new(key, creation, 7);
                if comes {
                    places.insert(place);
                    plain.insert(place);
                } else {
                    places.remove(place);
                    plain.remove(&place);
                }
            }
            prop_assert_eq!(places.len(), plain.len());
            prop_assert_eq!(places.first(), plain.first().copied());
            for bound in [Place::first_of(0), Place::first_of(1), Place::new(1, 350, 7), Place::last_of(2), Place::last_of(4)] {
                prop_assert!(places.from(bound).eq(plain.range(bound..).copied()));
                prop_assert!(places.before(bound).eq(plain.range(..bound).rev().copied()));
                let counted = places.count(Place::new(1, 3, 0), bound);
                prop_assert_eq!(counted, plain.range(..bound).filter(|place| **place >= Place::new(1, 3, 0)).count());
            }
            prop_assert!(places.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
        }
    }

    #[test]
    fn places_that_came_in_order_fill_their_chunks() {
        let mut places = Places::default();
        (0..10_000).for_each(|creation| places.insert(Place::new(0, creation, 0)));
        assert_eq!(places.chunks.len(), 10_000_usize.div_ceil(CHUNK));
    }

    #[test]
    fn a_place_gives_back_what_it_was_made_of() {
        let place = Place::new(0xffff_1234_5678, 0xabcd_0000_0001, u32::MAX);
        assert_eq!((place.key(), place.creation(), place.slot()), (0xffff_1234_5678, 0xabcd_0000_0001, u32::MAX));
        assert!(text_key("online") < 1 << BITS && text_key("online") != text_key("away"));
    }
}
