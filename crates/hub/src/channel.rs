//! Channel names: what a client asks for, and what it gets.
//!
//! Source: realtime, section 4; semantics 23.

use herenow_core::{PresenceId, UserId};
use herenow_wire::realtime::PresenceAction;

/// The extra channel whose subscription begins with the present state.
pub const SNAPSHOT: &str = "snapshot.presences";
/// The channel of all presences.
pub const PRESENCES: &str = "presences";

/// The effective channels of a subscription: `account` is bound to the user, foreign accounts are dropped.
///
/// Untouched names come first in the order asked for, added ones at the end.
#[must_use]
pub fn effective(requested: &[String], user: Option<&UserId>) -> Vec<String> {
    let mut channels = Vec::with_capacity(requested.len());
    let mut added = Vec::new();
    for name in requested {
        let Some(rest) = name.strip_prefix("account.") else {
            channels.push(name.clone());
            if name == "account" {
                added.extend(user.map(|user| format!("account.{user}")));
            }
            continue;
        };
        match (rest, user) {
            ("create" | "update" | "upsert" | "delete", Some(user)) => added.push(format!("account.{user}.{rest}")),
            ("create" | "update" | "upsert" | "delete", None) => channels.push(name.clone()),
            _ => {}
        }
    }
    channels.append(&mut added);
    channels
}

/// The names under which a subscription is indexed: a snapshot goes on with what is news.
pub(crate) fn indexed(effective: &[String]) -> impl Iterator<Item = &str> {
    let has = |name: &str| effective.iter().any(|channel| channel == name);
    let follows = (has(SNAPSHOT) && !has(PRESENCES)).then_some(PRESENCES);
    effective.iter().map(String::as_str).chain(follows)
}

/// The four names on which an event of a presence is published.
#[derive(Debug)]
pub(crate) struct EventChannels([String; 3]);

impl EventChannels {
    pub(crate) fn new(id: &PresenceId, action: PresenceAction) -> Self {
        let verb = action.as_str();
        Self([format!("presences.{id}"), format!("presences.{verb}"), format!("presences.{id}.{verb}")])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(PRESENCES).chain(self.0.iter().map(String::as_str))
    }

    pub(crate) fn has(&self, channel: &str) -> bool {
        self.iter().any(|name| name == channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(requested: &[&str], user: Option<&str>) -> Vec<String> {
        let requested: Vec<String> = requested.iter().map(|&name| name.to_owned()).collect();
        effective(&requested, user.map(|user| UserId::parse(user).expect("an id")).as_ref())
    }

    #[test]
    fn account_channels_are_bound_to_the_user() {
        assert_eq!(names(&["account", "presences"], Some("u")), ["account", "presences", "account.u"]);
        assert_eq!(names(&["account.update", "x"], Some("u")), ["x", "account.u.update"]);
        assert_eq!(names(&["account.other", "account.u", "x"], Some("u")), ["x"]);
        assert_eq!(names(&["account", "account.update", "account.u"], None), ["account", "account.update"]);
    }

    #[test]
    fn a_snapshot_goes_on_with_what_is_news() {
        let channels = [SNAPSHOT.to_owned()];
        assert_eq!(indexed(&channels).collect::<Vec<_>>(), [SNAPSHOT, PRESENCES]);
    }
}
