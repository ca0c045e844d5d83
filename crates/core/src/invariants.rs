//! What must hold of a tracker at any time, as plain predicates for tests, simulations and assertions.
//!
//! Source: architecture, "Invariants"; semantics 1, 5 and 16.

use std::collections::BTreeSet;

use crate::{
    Presence,
    tracker::{Announcement, Change, HolderKey, Tracker},
};

/// Checks that the records and the indexes of `tracker` agree.
///
/// # Errors
/// A sentence that says what does not hold.
pub fn check_tracker(tracker: &Tracker) -> Result<(), String> {
    let mut sockets = BTreeSet::new();
    for record in tracker.records() {
        let (presence, holders) = (&record.presence, record.holders());
        let id = &presence.id;
        ensure(!holders.is_empty(), || format!("{id} is listed and has no holder"))?;
        let newest = holders.iter().max_by_key(|holder| holder.written).map(|holder| &holder.state);
        ensure(newest == Some(&presence.state), || format!("{id} does not show its newest holder's state"))?;
        let leases = holders.iter().filter(|holder| holder.key == HolderKey::Rest).count();
        ensure(leases <= 1, || format!("{id} has {leases} leases"))?;
        for connection in record.sockets() {
            ensure(sockets.insert(connection), || format!("{connection:?} holds more than one record"))?;
        }
        ensure(presence.updated_at >= presence.created_at, || format!("{id} changed before it was made"))?;
        ensure(record.due_at() <= presence.state.expires_at, || format!("{id} is due after it expires"))?;
    }
    let first = tracker.records().map(|record| record.due_at()).min();
    ensure(tracker.next_due() == first, || "the expiry queue does not begin with what is due first".to_owned())?;
    ensure(tracker.index.sockets() == sockets.len(), || "a socket is indexed that holds nothing".to_owned())?;
    tracker.index.check()
}

/// Checks that `change` may follow: its announcement says what happened, and times move forward.
///
/// # Errors
/// A sentence that says what does not hold.
pub fn check_change(change: &Change) -> Result<(), String> {
    let before = change.before.as_ref().map(|record| &record.presence);
    let after = change.after.as_ref().map(|record| &record.presence);
    ensure(before.is_some() || after.is_some(), || "a change without a record".to_owned())?;
    let ended = change.announcement == Some(Announcement::Delete);
    ensure(ended == after.is_none(), || "a record ends without a delete, or a delete ends none".to_owned())?;
    if before.is_none() {
        ensure(change.announcement == Some(Announcement::Upsert), || "a record began unannounced".to_owned())?;
    }
    if let (Some(before), Some(after)) = (before, after) {
        ensure(before.id == after.id && before.creation == after.creation, || "an incarnation changed".to_owned())?;
        let silent = change.announcement.is_none();
        let seen = after.differs_from(before) && !only_renewed(before, after);
        ensure(!(silent && seen), || "a visible change was not announced".to_owned())?;
        let moved = after.updated_at > before.updated_at;
        ensure(silent || moved, || "an announced change did not move $updatedAt".to_owned())?;
    }
    Ok(())
}

/// Whether the two differ in nothing but a later `expiresAt`, as when an open socket's is pushed on.
fn only_renewed(before: &Presence, after: &Presence) -> bool {
    let mut renewed = before.clone();
    renewed.state.expires_at = after.state.expires_at;
    !after.differs_from(&renewed)
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
