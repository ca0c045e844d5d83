//! Who hears what in one project: seats by channel, role and queries, so that a change costs what hears it.

mod audience;
mod seats;

use std::{collections::HashMap, sync::Arc};

use herenow_core::{Role, Viewer, query::Payload};

use self::seats::Seats;
pub(crate) use self::{
    audience::{Audience, SetId},
    seats::Asked,
};
use crate::{Position, subscription::SharedQueries};

/// A subscription's place: which connection, and which of its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seat {
    pub(crate) connection: u32,
    pub(crate) subscription: u32,
}

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
        Position::advance(&mut self.told, epoch, seq);
    }

    /// Up to where everything is in the outboxes; none where nothing has come by since somebody listens.
    pub(crate) fn told(&self) -> Option<&Position> {
        self.told.as_ref()
    }

    /// Files a seat under a channel, for everything that `viewer` may read and the queries let through.
    pub(crate) fn add(&mut self, channel: &str, viewer: &Viewer, seat: Seat, queries: Option<&Arc<SharedQueries>>) {
        let entry = match self.channels.get_mut(channel) {
            Some(entry) => entry,
            None => self.channels.entry(channel.into()).or_default(),
        };
        if viewer.is_privileged() {
            self.seats += usize::from(entry.privileged.insert(seat, queries));
        }
        for role in viewer.roles().iter() {
            self.seats += usize::from(entry.by_role.entry(role.clone()).or_default().insert(seat, queries));
        }
    }

    /// Takes a seat out again; `channel`, `viewer` and `queries` are those that it was filed under.
    pub(crate) fn remove(&mut self, channel: &str, viewer: &Viewer, seat: Seat, queries: Option<&Arc<SharedQueries>>) {
        let Some(entry) = self.channels.get_mut(channel) else { return };
        self.seats -= usize::from(entry.privileged.remove(seat, queries));
        for role in viewer.roles().iter() {
            if let Some(seats) = entry.by_role.get_mut(role) {
                self.seats -= usize::from(seats.remove(seat, queries));
                if seats.is_empty() {
                    entry.by_role.remove(role);
                }
            }
        }
        if entry.by_role.is_empty() && entry.privileged.is_empty() {
            self.channels.remove(channel);
        }
    }

    /// Adds those who hear `channel`, hold one of `roles` or are privileged, and want the event.
    pub(crate) fn collect<'a, P: Payload>(
        &'a self,
        channel: &str,
        roles: &[&str],
        asked: &Asked<'_, P>,
        audience: &mut Audience<'a>,
    ) {
        let Some(entry) = self.channels.get(channel) else { return };
        entry.privileged.collect(asked, audience);
        for of_role in roles.iter().filter_map(|role| entry.by_role.get(*role)) {
            of_role.collect(asked, audience);
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

    use herenow_core::{UserId, query::RealtimeQueries};
    use herenow_wire::realtime::SubscribeRow;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::subscription::Interner;

    const CHANNELS: [&str; 3] = ["presences", "presences.a", "presences.upsert"];

    fn viewer(number: usize) -> Viewer {
        match number {
            0 => Viewer::Privileged,
            1 => Viewer::guest(),
            other => Viewer::plain_user(UserId::parse(&format!("u{other}")).expect("an id")),
        }
    }

    /// What seats ask for: nothing, what is looked up, what is asked at every event.
    fn queries(interner: &mut Interner) -> Vec<Option<Arc<SharedQueries>>> {
        let equal =
            |name: &str, values: serde_json::Value| json!({"method": "equal", "attribute": name, "values": values});
        let is_there = |name: &str| json!({"method": "isNotNull", "attribute": name});
        let rows = [
            vec![],
            vec![equal("userId", json!(["u1"]))],
            vec![equal("userId", json!(["u2", "u1", "u1"]))],
            vec![is_there("userId"), equal("status", json!(["x"])), equal("userId", json!(["u1"]))],
            vec![json!({"method": "or", "values": [equal("userId", json!(["u1"])), equal("status", json!(["x"]))]})],
            vec![equal("userId", json!([])), is_there("status")],
            vec![equal("userId", json!(["u1", 1]))],
            vec![equal("nowhere", json!(["u1"]))],
        ];
        let mut shared = |row: &Vec<serde_json::Value>| {
            let texts: Vec<String> = row.iter().map(serde_json::Value::to_string).collect();
            let queries = RealtimeQueries::parse(&texts).expect("valid");
            interner.intern(&SubscribeRow { id: None, channels: Vec::new(), queries, since: None })
        };
        rows.iter().map(&mut shared).collect()
    }

    proptest! {
        #[test]
        fn what_is_filed_is_found_and_what_is_taken_out_leaves_nothing(
            filed in prop::collection::vec((0..3_usize, 0..4_usize, 0..3_u32, 0..2_u32, 0..8_usize), 0..40),
            order in any::<prop::sample::Index>(),
        ) {
            let queries = queries(&mut Interner::default());
            // One seat is filed as one viewer, as a connection is, and with the same queries.
            let mut filed: Vec<_> = filed
                .into_iter()
                .map(|(channel, viewer, connection, subscription, asks)| {
                    let seat = Seat {
                        connection: connection * 4 + viewer as u32,
                        subscription: subscription * 8 + asks as u32,
                    };
                    (channel, viewer, seat, &queries[asks])
                })
                .collect();
            let mut index = Index::default();
            for (channel, who, seat, asks) in &filed {
                index.add(CHANNELS[*channel], &viewer(*who), *seat, asks.as_ref());
            }
            let payloads = ["u1", "u2", "u3"].iter().flat_map(|user| {
                ["x", "y"].map(|status| json!({"userId": user, "status": status}))
            });
            let payloads: Vec<_> = payloads.chain([json!({"userId": 1}), json!({"status": null})]).collect();
            let mut look = 0;
            for (number, channel) in CHANNELS.iter().enumerate() {
                let roles = ["any", "guests", "users", "user:u2"];
                for (role, payload) in roles.iter().flat_map(|role| payloads.iter().map(move |payload| (role, payload))) {
                    look += 1;
                    let mut found = Audience::default();
                    index.collect(channel, &[role], &Asked { payload, look }, &mut found);
                    let found: BTreeSet<_> = found.seats().map(|seat| (seat.connection, seat.subscription)).collect();
                    let hears = |who: usize| {
                        who == 0 || viewer(who).roles().iter().any(|held| held.as_str() == *role)
                    };
                    let wants = |asks: &Option<Arc<SharedQueries>>| {
                        asks.as_ref().is_none_or(|queries| queries.answer(payload))
                    };
                    let expected = filed.iter().filter(|(channel, who, _, asks)| {
                        *channel == number && hears(*who) && wants(asks)
                    });
                    prop_assert_eq!(found, expected.map(|(_, _, seat, _)| (seat.connection, seat.subscription)).collect());
                }
            }
            let middle = if filed.is_empty() { 0 } else { order.index(filed.len()) };
            filed.rotate_left(middle);
            for (channel, who, seat, asks) in &filed {
                index.remove(CHANNELS[*channel], &viewer(*who), *seat, asks.as_ref());
            }
            prop_assert_eq!(index.len(), 0);
            prop_assert!(index.is_empty());
        }
    }
}
