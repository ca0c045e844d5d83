//! Connections come, subscribe, become somebody else, and go.

use std::{collections::BTreeSet, sync::Arc};

use herenow_core::{ConnectionId, ProjectId, Viewer, order::Ticket};
use herenow_wire::realtime::SubscribeRow;

use super::{Connection, Hub, State, Wish};
use crate::{channel, index::Seat, outbox::Outbox, subscription::Subscription};

/// Why rows of a `subscribe` frame are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A connection may have at most {0} subscriptions.")]
pub struct TooManySubscriptions(pub usize);

impl Hub {
    /// Adds a connection that listens to nothing yet.
    pub fn register(&self, id: ConnectionId, project: ProjectId, viewer: Viewer, outbox: Arc<Outbox>) {
        let mut state = self.settled();
        state.tally(&project).connections += 1;
        let connection =
            Connection { project, viewer, outbox, subscriptions: Vec::new(), next_number: 0, last_look: 0, place: 0 };
        let key = state.connections.insert(connection);
        state.keys.insert(id, key);
    }

    /// Removes a connection with all that it listened to; answers with the ids of its subscriptions.
    pub fn unregister(&self, id: ConnectionId) -> Vec<Arc<str>> {
        let mut state = self.settled();
        let Some(key) = state.keys.remove(&id) else { return Vec::new() };
        state.unfile(key);
        let connection = state.connections.remove(key);
        state.subscriptions -= connection.subscriptions.len();
        let tally = state.tally(&connection.project);
        tally.connections -= 1;
        tally.subscriptions -= connection.subscriptions.len();
        if tally.connections == 0 {
            state.tallies.remove(&connection.project);
        }
        if state.projects.get(&connection.project).is_some_and(crate::index::Index::is_empty) {
            state.projects.remove(&connection.project);
        }
        connection.subscriptions.into_iter().map(|subscription| subscription.id).collect()
    }

    /// Who a connection is.
    #[must_use]
    pub fn viewer(&self, connection: ConnectionId) -> Option<Viewer> {
        let state = self.state.lock();
        state.keys.get(&connection).map(|key| state.connections[*key].viewer.clone())
    }

    /// Notes what shall happen to `connection` when the mark with `ticket` comes by.
    pub fn wish(&self, ticket: Ticket, connection: ConnectionId, wish: Wish) {
        self.state.lock().wishes.insert(ticket, (connection, wish));
    }

    /// Forgets a wish whose mark will not come.
    pub fn forget_wish(&self, ticket: Ticket) {
        self.state.lock().wishes.remove(&ticket);
    }

    /// Checks that `rows` may be added.
    ///
    /// # Errors
    /// [`TooManySubscriptions`] where the connection would have more than `limit`.
    pub fn check_room(
        &self,
        connection: ConnectionId,
        rows: &[SubscribeRow],
        limit: usize,
    ) -> Result<(), TooManySubscriptions> {
        let state = self.state.lock();
        let has = state.keys.get(&connection).map_or(&[][..], |key| &state.connections[*key].subscriptions);
        let mut ids: BTreeSet<&str> = has.iter().map(|subscription| &*subscription.id).collect();
        ids.extend(rows.iter().filter_map(|row| row.id.as_deref()));
        let nameless = rows.iter().filter(|row| row.id.is_none()).count();
        if ids.len() + nameless > limit { Err(TooManySubscriptions(limit)) } else { Ok(()) }
    }

    /// Ends subscriptions by their ids; says of each whether it was there.
    pub fn unsubscribe(&self, connection: ConnectionId, ids: &[String]) -> Vec<bool> {
        let mut state = self.settled();
        let Some(&key) = state.keys.get(&connection) else { return vec![false; ids.len()] };
        ids.iter().map(|id| state.remove_subscription(key, id)).collect()
    }
}

impl State {
    fn tally(&mut self, project: &ProjectId) -> &mut super::Tally {
        self.tallies.entry(project.clone()).or_default()
    }

    /// Adds or replaces a subscription; answers with its number.
    pub(super) fn add_subscription(&mut self, key: usize, row: &SubscribeRow) -> u32 {
        let id = row.id.as_deref().unwrap_or_default();
        self.remove_subscription(key, id);
        let queries = self.interner.intern(row);
        let connection = &mut self.connections[key];
        let number = connection.next_number;
        connection.next_number += 1;
        let user = connection.viewer.user();
        // Most connections have one subscription: a vector that doubles would begin with four.
        let count = connection.subscriptions.len();
        if count == connection.subscriptions.capacity() {
            connection.subscriptions.reserve_exact((count / 2).max(1));
        }
        connection.subscriptions.push(Subscription::new(number, id.into(), row.channels.clone(), queries, user));
        let place = connection.subscriptions.len() - 1;
        self.subscriptions += 1;
        let project = self.connections[key].project.clone();
        self.tally(&project).subscriptions += 1;
        self.file(key, place);
        number
    }

    fn remove_subscription(&mut self, key: usize, id: &str) -> bool {
        let place = self.connections[key].subscriptions.iter().position(|subscription| &*subscription.id == id);
        let Some(place) = place else { return false };
        self.unfile_one(key, place);
        self.connections[key].subscriptions.remove(place);
        self.subscriptions -= 1;
        let project = self.connections[key].project.clone();
        self.tally(&project).subscriptions -= 1;
        true
    }

    /// Makes a connection somebody else's; its subscriptions stay, with their ids and queries.
    pub(super) fn become_viewer(&mut self, key: usize, viewer: Viewer) {
        self.unfile(key);
        let connection = &mut self.connections[key];
        connection.viewer = viewer;
        for subscription in &mut connection.subscriptions {
            subscription.rebind(connection.viewer.user());
        }
        for place in 0..self.connections[key].subscriptions.len() {
            self.file(key, place);
        }
    }

    fn unfile(&mut self, key: usize) {
        for place in 0..self.connections[key].subscriptions.len() {
            self.unfile_one(key, place);
        }
    }

    fn file(&mut self, key: usize, place: usize) {
        let connection = &self.connections[key];
        let subscription = &connection.subscriptions[place];
        let seat = seat(key, subscription);
        let index = match self.projects.get_mut(&connection.project) {
            Some(index) => index,
            None => self.projects.entry(connection.project.clone()).or_default(),
        };
        for name in channel::indexed(subscription.channels()) {
            index.add(name, &connection.viewer, seat, subscription.queries.as_ref());
        }
    }

    fn unfile_one(&mut self, key: usize, place: usize) {
        let connection = &self.connections[key];
        let subscription = &connection.subscriptions[place];
        let Some(index) = self.projects.get_mut(&connection.project) else { return };
        for name in channel::indexed(subscription.channels()) {
            index.remove(name, &connection.viewer, seat(key, subscription), subscription.queries.as_ref());
        }
    }
}

fn seat(key: usize, subscription: &Subscription) -> Seat {
    let connection = u32::try_from(key).expect("there are fewer than four thousand million connections");
    Seat { connection, subscription: subscription.number }
}
