//! Who hears what in one project: seats by channel and role, so that a change costs what hears it.

use std::{collections::HashMap, sync::Arc};

use herenow_core::{Role, Viewer};
use indexmap::IndexSet;

use crate::Position;

/// A subscription's place: which connection, and which of its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seat {
    pub(crate) connection: u32,
    pub(crate) subscription: u32,
}

type Seats = IndexSet<Seat>;

#[derive(Default)]
struct Channel {
    by_role: HashMap<Role, Seats>,
    privileged: Seats,
}

/// The seats of one project.
#[derive(Default)]
pub(crate) struct Index {
    channels: HashMap<Arc<str>, Channel>,
    seats: usize,
    /// Everything up to here is in the outboxes.
    told: Option<Position>,
}

impl Index {
    /// Notes that everything up to this number is in the outboxes.
    pub(crate) fn has_told(&mut self, epoch: &Arc<str>, seq: u64) {
        match &mut self.told {
            Some(told) if Arc::ptr_eq(&told.epoch, epoch) => told.seq = seq,
            told => *told = Some(Position { epoch: epoch.clone(), seq }),
        }
    }

    /// Up to where everything is in the outboxes; none where nothing has come by since somebody listens.
    pub(crate) fn told(&self) -> Option<&Position> {
        self.told.as_ref()
    }

    /// Files a seat under a channel, for everything that `viewer` may read.
    pub(crate) fn add(&mut self, channel: &str, viewer: &Viewer, seat: Seat) {
        let entry = match self.channels.get_mut(channel) {
            Some(entry) => entry,
            None => self.channels.entry(channel.into()).or_default(),
        };
        if viewer.is_privileged() {
            self.seats += usize::from(entry.privileged.insert(seat));
        }
        for role in viewer.roles().iter() {
            self.seats += usize::from(entry.by_role.entry(role.clone()).or_default().insert(seat));
        }
    }

    /// Takes a seat out again; `channel` and `viewer` are those that it was filed under.
    pub(crate) fn remove(&mut self, channel: &str, viewer: &Viewer, seat: Seat) {
        let Some(entry) = self.channels.get_mut(channel) else { return };
        self.seats -= usize::from(entry.privileged.swap_remove(&seat));
        for role in viewer.roles().iter() {
            if let Some(seats) = entry.by_role.get_mut(role) {
                self.seats -= usize::from(seats.swap_remove(&seat));
                if seats.is_empty() {
                    entry.by_role.remove(role);
                }
            }
        }
        if entry.by_role.is_empty() && entry.privileged.is_empty() {
            self.channels.remove(channel);
        }
    }

    /// Adds the seats that hear `channel` and hold one of `roles`, or are privileged; some more than once.
    pub(crate) fn collect(&self, channel: &str, roles: &[&str], seats: &mut Vec<Seat>) {
        let Some(entry) = self.channels.get(channel) else { return };
        seats.extend(&entry.privileged);
        for role in roles {
            seats.extend(entry.by_role.get(*role).into_iter().flatten());
        }
    }

    /// Whether nobody listens to anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.seats
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use herenow_core::UserId;
    use proptest::prelude::*;

    use super::*;

    const CHANNELS: [&str; 3] = ["presences", "presences.a", "presences.upsert"];

    fn viewer(number: usize) -> Viewer {
        match number {
            0 => Viewer::Privileged,
            1 => Viewer::guest(),
            other => Viewer::plain_user(UserId::parse(&format!("u{other}")).expect("an id")),
        }
    }

    proptest! {
        #[test]
        fn what_is_filed_is_found_and_what_is_taken_out_leaves_nothing(
            filed in prop::collection::vec((0..3_usize, 0..4_usize, 0..3_u32, 0..2_u32), 0..40),
            order in any::<prop::sample::Index>(),
        ) {
            // One seat is filed as one viewer, as a connection is.
            let mut filed: Vec<_> = filed
                .into_iter()
                .map(|(channel, viewer, connection, subscription)| (channel, viewer, connection * 4 + viewer as u32, subscription))
                .collect();
            let mut index = Index::default();
            for (channel, who, connection, subscription) in &filed {
                let seat = Seat { connection: *connection, subscription: *subscription };
                index.add(CHANNELS[*channel], &viewer(*who), seat);
            }
            for (number, channel) in CHANNELS.iter().enumerate() {
                for role in ["any", "guests", "users", "user:u2"] {
                    let mut found = Vec::new();
                    index.collect(channel, &[role], &mut found);
                    let found: BTreeSet<_> = found.iter().map(|seat| (seat.connection, seat.subscription)).collect();
                    let hears = |who: usize| {
                        who == 0 || viewer(who).roles().iter().any(|held| held.as_str() == role)
                    };
                    let expected = filed.iter().filter(|(channel, who, ..)| *channel == number && hears(*who));
                    prop_assert_eq!(found, expected.map(|(_, _, connection, subscription)| (*connection, *subscription)).collect());
                }
            }
            let middle = if filed.is_empty() { 0 } else { order.index(filed.len()) };
            filed.rotate_left(middle);
            for (channel, who, connection, subscription) in &filed {
                let seat = Seat { connection: *connection, subscription: *subscription };
                index.remove(CHANNELS[*channel], &viewer(*who), seat);
            }
            prop_assert_eq!(index.len(), 0);
            prop_assert!(index.is_empty());
        }
    }
}
