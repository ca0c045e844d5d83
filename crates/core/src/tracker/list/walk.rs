//! Records in the order that a list asks for, where an index has that order.

use std::sync::Arc;

use super::{
    Wish,
    plan::BUDGET,
    source::{Source, Way},
};
use crate::{
    query::{Cursor, Direction, Order},
    tracker::{
        Record,
        index::{Index, Place, Places, time_key},
    },
};

/// An order that an index has.
pub(super) enum Walk<'a> {
    /// That of creation, over no more than a source holds.
    Created(&'a Source<'a>, Way),
    /// That of a time, ties by creation.
    Timed { places: &'a Places, times: Way, ties: Way, attribute: &'static str },
}

impl<'a> Walk<'a> {
    /// The order of `wish`, where an index has it and it leads past few that the list does not want.
    pub(super) fn of(index: &'a Index, wish: &Wish, source: &'a Source<'a>) -> Option<Self> {
        if wish.query.random {
            return None;
        }
        let backwards = matches!(wish.query.cursor, Some(Cursor::Before(_)));
        let way = |direction: Direction| {
            let way = if direction == Direction::Ascending { Way::Up } else { Way::Down };
            if backwards { way.turned() } else { way }
        };
        let tied = |ties: &[Order]| match ties {
            [Order { attribute: "$sequence", direction }, ..] => Some(way(*direction)),
            _ => None,
        };
        let (first, rest) = wish.query.orders.split_first()?;
        let timed = |places, attribute| {
            // Few records are sorted sooner than found in the order of all.
            let few = source.len() <= BUDGET && !matches!(source, Source::All(_));
            let (times, ties) = (way(first.direction), tied(rest)?);
            (!few).then_some(Self::Timed { places, times, ties, attribute })
        };
        match first.attribute {
            "$sequence" => Some(Self::Created(source, way(first.direction))),
            "$createdAt" if index.is_ordered_by_time() && tied(rest)? == way(first.direction) => {
                Some(Self::Created(source, way(first.direction)))
            }
            "$updatedAt" => timed(index.updated(), first.attribute),
            "expiresAt" => timed(index.expiring(), first.attribute),
            _ => None,
        }
    }

    /// The records in this order, from the cursor on.
    pub(super) fn records(
        &'a self,
        index: &'a Index,
        wish: &'a Wish,
    ) -> Box<dyn Iterator<Item = &'a Arc<Record>> + 'a> {
        let cursor = wish.cursor.as_ref();
        match *self {
            Self::Created(source, way) => source.created(index, cursor.map(|cursor| cursor.creation), way),
            Self::Timed { places, times, ties, attribute } => {
                let start = cursor.map(|cursor| {
                    let time = if attribute == "$updatedAt" { cursor.updated_at } else { cursor.state.expires_at };
                    (time_key(time), cursor.creation)
                });
                Box::new(timed(places, times, ties, start).map(|place| index.at(place)))
            }
        }
    }
}

/// Group by group of those with the same time.
fn timed(places: &Places, times: Way, ties: Way, start: Option<(u64, u64)>) -> impl Iterator<Item = Place> + '_ {
    let next = move |after: Option<u64>| {
        let place = match (times, after) {
            (Way::Up, None) => places.first(),
            (Way::Up, Some(key)) => places.from(Place::last_of(key)).next(),
            (Way::Down, None) => places.last(),
            (Way::Down, Some(key)) => places.before(Place::first_of(key)).next(),
        };
        place.map(Place::key)
    };
    let begun = start.map(|(key, creation)| ties.along(places, key, Some(creation)));
    let first = next(start.map(|(key, _)| key));
    let keys = std::iter::successors(first, move |key| next(Some(*key)));
    begun.into_iter().flatten().chain(keys.flat_map(move |key| ties.along(places, key, None)))
}
