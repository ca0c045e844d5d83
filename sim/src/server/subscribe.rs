//! Subscriptions begin in the order of their project.

use herenow_core::{ConnectionId, UserId, Viewer, order::Ask};
use herenow_hub::{Wish, channel::SNAPSHOT};
use herenow_wire::{close::CloseCode, realtime::SubscribeRow};

use super::{Server, socket::Session};
use crate::oracle::{AskedFor, Awaited, Heard};

impl Session {
    pub(super) async fn subscribe(&self, rows: Vec<SubscribeRow>) {
        let server = &self.server;
        let Some(known) = server.known(self.id) else { return };
        // Held until the mark has its place: nobody becomes somebody else between the look and the order.
        let viewer = known.viewer.lock().await;
        let user = viewer.user().cloned();
        let before = server.delivered.get();
        let (mut asks, mut heard) = (Vec::new(), Vec::new());
        for row in &rows {
            let id = row.id.as_deref().unwrap_or_default();
            let (ask, since) = server.what_begins(self.id, user.as_ref(), row, &viewer);
            self.resume.borrow_mut().begin(id, Some(since.unwrap_or(before)));
            asks.push(ask);
            heard.push(self.heard(row, since));
        }
        let (ticket, coming) = server.ticket();
        server.wish(ticket, self.id, Wish::Subscribe { rows, reply: None }, Awaited::Subscribe(heard.clone()));
        if server.ask(ticket, Ask::Each(asks)).await.is_err() {
            server.hub.forget_wish(ticket);
            server.came_by(ticket);
            return self.outbox.close(CloseCode::TryAgainLater);
        }
        drop(viewer);
        drop(coming.await);
        for row in &heard {
            self.resume.borrow_mut().begun(&row.id);
        }
    }

    fn heard(&self, row: &SubscribeRow, since: Option<u64>) -> Heard {
        let status = row.queries.texts().first().map(|text| {
            let query: serde_json::Value = serde_json::from_str(text).expect("the server read it");
            query["values"][0].as_str().unwrap_or_default().to_owned()
        });
        let id = row.id.clone().unwrap_or_default();
        let asked_for = if row.since.is_some() { AskedFor::ByClient } else { AskedFor::ByServer };
        Heard { id, channels: row.channels.clone(), status, since, asked_for }
    }
}

impl Server {
    /// What a row gets when it begins: the present state, what it missed, or nothing but what is news; and since when.
    fn what_begins(
        &self,
        connection: ConnectionId,
        user: Option<&UserId>,
        row: &SubscribeRow,
        viewer: &Viewer,
    ) -> (Ask, Option<u64>) {
        let snapshot = || Ask::Snapshot(viewer.clone());
        let missed = |epoch: String, seq, otherwise| {
            let ask = Ask::Missed { epoch, seq, otherwise: Box::new(otherwise) };
            (ask, Some(seq))
        };
        let same_since = |position| self.role_changes.borrow().same_since(user, position);
        if let Some((epoch, seq)) = row.since.clone() {
            // A guest may have been a user when it learned that number, whose session has ended since.
            let known = user.is_some() && same_since(seq);
            return if known { missed(epoch, seq, snapshot()) } else { (snapshot(), None) };
        }
        if row.channels.iter().any(|channel| channel == SNAPSHOT) {
            return (snapshot(), None);
        }
        let id = row.id.as_deref().unwrap_or_default();
        let position = self.lost_position(connection, user, id).filter(|position| same_since(*position));
        match (position, self.broker.position(&self.project)) {
            (Some(position), Some((epoch, _))) => missed(epoch.to_string(), position, Ask::Place),
            _ => (Ask::Place, None),
        }
    }

    /// Where the same subscription of the same user stood on a connection that was lost, or that is about to be found
    /// lost: a client that comes back at once is faster than the news of its going. It is on one connection only.
    fn lost_position(&self, connection: ConnectionId, user: Option<&UserId>, id: &str) -> Option<u64> {
        let mut found = self.lost.borrow_mut().take(user, id, self.now());
        for (other, known) in self.sockets.borrow().iter().filter(|(other, _)| **other != connection) {
            let mut resume = known.resume.borrow_mut();
            let viewer = self.hub.viewer(*other);
            let same = viewer.is_some_and(|viewer| viewer.user() == user);
            let position = resume.position(id).filter(|_| same);
            found = found.or(position);
            resume.end(id);
        }
        found
    }
}
