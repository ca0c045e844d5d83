//! Who hears a change, and as what.
//!
//! Source: semantics 12, 14 and 15.

use std::sync::Arc;

use herenow_core::{
    Action, Presence, Role,
    order::Notice,
    tracker::{Announcement, Change},
};
use herenow_wire::realtime::PresenceAction;
use smallvec::SmallVec;

use crate::{
    channel::EventChannels,
    index::{Asked, Audience, Index},
};

/// What one change means to those who could read the record before or can after.
pub(crate) struct News<'a> {
    /// To those who can read it after: none for a delete.
    pub(crate) shown: Option<(&'a Arc<Presence>, PresenceAction)>,
    /// To those who could read it before and cannot after.
    pub(crate) gone: Option<&'a Arc<Presence>>,
}

impl<'a> News<'a> {
    /// What `change` means; none where nobody is told.
    pub(crate) fn of(change: &'a Change) -> Option<Self> {
        let action = match change.announcement? {
            Announcement::Upsert => PresenceAction::Upsert,
            Announcement::Update => PresenceAction::Update,
            Announcement::Delete => PresenceAction::Delete,
        };
        let after = change.after.as_ref().map(|record| (&record.presence, action));
        Some(Self { shown: after, gone: change.before.as_ref().map(|record| &record.presence) })
    }

    /// Whether somebody may have lost sight: readers changed, or the record is gone.
    pub(crate) fn may_be_lost(&self) -> bool {
        match (&self.shown, self.gone) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some((after, _)), Some(before)) => {
                after.user != before.user
                    || !after.state.permissions.roles(Action::Read).eq(before.state.permissions.roles(Action::Read))
            }
        }
    }
}

/// Who wants a notice and may hear it. `look` is its number as an event.
pub(crate) fn notice_listeners<'a>(index: &'a Index, notice: &Notice, look: u64) -> Audience<'a> {
    let roles: SmallVec<[&str; 2]> = notice.roles.iter().map(Role::as_str).collect();
    let (asked, mut audience) = (Asked { payload: &notice.payload, look }, Audience::default());
    for channel in &notice.channels {
        index.collect(channel, &roles, &asked, &mut audience);
    }
    audience.condensed()
}

/// Who wants an event of `presence` and may read it. `look` is its number.
pub(crate) fn listeners<'a>(index: &'a Index, presence: &Presence, action: PresenceAction, look: u64) -> Audience<'a> {
    let owner = Role::user(&presence.user);
    let channels = EventChannels::new(&presence.id, action);
    let mut roles: SmallVec<[&str; 8]> = presence.state.permissions.roles(Action::Read).map(Role::as_str).collect();
    if !roles.contains(&owner.as_str()) {
        roles.push(owner.as_str());
    }
    let (asked, mut audience) = (Asked { payload: presence, look }, Audience::default());
    for channel in channels.iter() {
        index.collect(channel, &roles, &asked, &mut audience);
    }
    audience.condensed()
}
