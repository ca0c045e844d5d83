//! Subscriptions of connections that were lost a moment ago: SDKs send their ids again after a reconnect, and then
//! first get what they missed.
//!
//! Source: decisions, Presences ("A subscribe with an id that the same user lost …").

use std::{collections::HashMap, sync::Arc, time::Duration};

use herenow_core::{ConnectionId, ProjectId, Timestamp, UserId, Viewer};
use herenow_hub::Position;
use parking_lot::Mutex;

/// How long a lost subscription is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);
/// At most so many are.
const MAX_REMEMBERED: usize = 100_000;

type Key = (ProjectId, Option<UserId>, Arc<str>);

/// What was lost.
#[derive(Default)]
pub(super) struct Lost(Mutex<HashMap<Key, Subscription>>);

struct Subscription {
    at: Timestamp,
    /// As whom it heard. Somebody with other roles now must not be told what they could not read then.
    viewer: Viewer,
    position: Position,
}

impl Lost {
    /// Remembers the subscriptions of a lost connection, which had heard everything up to `position`.
    pub(super) fn remember(
        &self,
        project: &ProjectId,
        viewer: &Viewer,
        subscriptions: Vec<Arc<str>>,
        position: &Position,
        now: Timestamp,
    ) {
        let mut lost = self.0.lock();
        if lost.len() + subscriptions.len() > MAX_REMEMBERED {
            lost.retain(|_, subscription| subscription.at.plus(REMEMBERED) > now);
        }
        for id in subscriptions {
            if lost.len() < MAX_REMEMBERED {
                let subscription = Subscription { at: now, viewer: viewer.clone(), position: position.clone() };
                lost.insert((project.clone(), viewer.user().cloned(), id), subscription);
            }
        }
    }

    /// Where the same viewer's lost subscription of this id stood; only once.
    pub(super) fn take(&self, project: &ProjectId, viewer: &Viewer, id: &str, now: Timestamp) -> Option<Position> {
        let mut lost = self.0.lock();
        if lost.is_empty() {
            return None;
        }
        let subscription = lost.remove(&(project.clone(), viewer.user().cloned(), id.into()))?;
        let same = subscription.viewer == *viewer && subscription.at.plus(REMEMBERED) > now;
        same.then_some(subscription.position)
    }
}

/// What a client has certainly heard, as its session notes it.
pub(super) type Heard = Arc<Mutex<Option<Position>>>;

/// The subscriptions of open connections by their ids: a client that changes networks comes back before anybody
/// notices that its former connection is dead, and sends the ids that it had there.
#[derive(Default)]
pub(super) struct Listening(Mutex<HashMap<(ProjectId, Arc<str>), Listener>>);

type Listener = (ConnectionId, Heard);

impl Listening {
    /// A subscription of this id has begun on `connection`.
    pub(super) fn begin(&self, project: &ProjectId, id: &str, connection: ConnectionId, heard: &Heard) {
        self.0.lock().insert((project.clone(), id.into()), (connection, heard.clone()));
    }

    /// It has ended, unless another connection has it by now.
    pub(super) fn end(&self, project: &ProjectId, id: &str, connection: ConnectionId) {
        let (mut listening, key) = (self.0.lock(), (project.clone(), Arc::from(id)));
        if listening.get(&key).is_some_and(|(of, _)| *of == connection) {
            listening.remove(&key);
        }
    }

    /// Another connection with a subscription of this id, and where it stands.
    pub(super) fn elsewhere(
        &self,
        project: &ProjectId,
        id: &str,
        connection: ConnectionId,
    ) -> Option<(ConnectionId, Position)> {
        let listening = self.0.lock();
        let (of, heard) = listening.get(&(project.clone(), Arc::from(id)))?;
        let position = heard.lock().clone().filter(|_| *of != connection)?;
        Some((*of, position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_subscription_is_given_back_once_to_the_same_viewer_within_a_minute() {
        let lost = Lost::default();
        let (project, user) = (ProjectId::console(), UserId::parse("u").expect("an id"));
        let viewer = Viewer::plain_user(user.clone());
        let position = Position { epoch: "e".into(), seq: 7 };
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let remember = || lost.remember(&project, &viewer, vec!["s".into()], &position, at(0));
        remember();
        assert_eq!(lost.take(&project, &Viewer::guest(), "s", at(1)), None, "a guest is nobody");
        assert_eq!(lost.take(&project, &viewer, "s", at(59)), Some(position.clone()));
        assert_eq!(lost.take(&project, &viewer, "s", at(59)), None, "once");
        remember();
        assert_eq!(lost.take(&project, &viewer, "s", at(60)), None, "too late");
        remember();
        let other_roles = Viewer::User { id: user, roles: herenow_core::Roles::guest() };
        assert_eq!(lost.take(&project, &other_roles, "s", at(1)), None, "what was heard was heard by other roles");
    }
}
