//! Subscriptions of connections that were lost a moment ago: SDKs send their ids again after a reconnect, and then
//! first get what they missed.
//!
//! Source: decisions, Presences ("A subscribe with an id that the same user lost …").

use std::{collections::HashMap, sync::Arc, time::Duration};

use herenow_core::{ProjectId, Timestamp, UserId};
use parking_lot::Mutex;

/// How long a lost subscription is remembered.
const REMEMBERED: Duration = Duration::from_secs(60);
/// At most so many are.
const MAX_REMEMBERED: usize = 100_000;

type Key = (ProjectId, Option<UserId>, Arc<str>);

/// A place in a project's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) epoch: Arc<str>,
    pub(super) seq: u64,
}

/// What was lost.
#[derive(Default)]
pub(super) struct Lost(Mutex<HashMap<Key, (Timestamp, Position)>>);

impl Lost {
    /// Remembers the subscriptions of a lost connection, which had heard everything up to `position`.
    pub(super) fn remember(
        &self,
        project: &ProjectId,
        user: Option<&UserId>,
        subscriptions: Vec<Arc<str>>,
        position: &Position,
        now: Timestamp,
    ) {
        let mut lost = self.0.lock();
        if lost.len() + subscriptions.len() > MAX_REMEMBERED {
            lost.retain(|_, (at, _)| at.plus(REMEMBERED) > now);
        }
        for id in subscriptions {
            if lost.len() < MAX_REMEMBERED {
                lost.insert((project.clone(), user.cloned(), id), (now, position.clone()));
            }
        }
    }

    /// Where the same user's lost subscription of this id stood; only once.
    pub(super) fn take(
        &self,
        project: &ProjectId,
        user: Option<&UserId>,
        id: &str,
        now: Timestamp,
    ) -> Option<Position> {
        let mut lost = self.0.lock();
        if lost.is_empty() {
            return None;
        }
        let (at, position) = lost.remove(&(project.clone(), user.cloned(), id.into()))?;
        (at.plus(REMEMBERED) > now).then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_subscription_is_given_back_once_to_the_same_user_within_a_minute() {
        let lost = Lost::default();
        let (project, user) = (ProjectId::console(), UserId::parse("u").expect("an id"));
        let position = Position { epoch: "e".into(), seq: 7 };
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let remember = || lost.remember(&project, Some(&user), vec!["s".into()], &position, at(0));
        remember();
        assert_eq!(lost.take(&project, None, "s", at(1)), None, "a guest is nobody");
        assert_eq!(lost.take(&project, Some(&user), "s", at(59)), Some(position.clone()));
        assert_eq!(lost.take(&project, Some(&user), "s", at(59)), None, "once");
        remember();
        assert_eq!(lost.take(&project, Some(&user), "s", at(60)), None, "too late");
    }
}
