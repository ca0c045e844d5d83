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
    let mut due = BTreeSet::new();
    for (id, record) in &tracker.records {
        let presence = &record.presence;
        ensure(id == &presence.id, || format!("{id} is filed under another id than its own"))?;
        ensure(!record.holders.is_empty(), || format!("{id} is listed and has no holder"))?;
        let newest = record.holders.iter().max_by_key(|holder| holder.written).map(|holder| &holder.state);
        ensure(newest == Some(&presence.state), || format!("{id} does not show its newest holder's state"))?;
        let leases = record.holders.iter().filter(|holder| holder.key == HolderKey::Rest).count();
        ensure(leases <= 1, || format!("{id} has {leases} leases"))?;
        for holder in &record.holders {
            if let HolderKey::Socket(connection) = holder.key {
                ensure(sockets.insert(connection), || format!("{connection:?} holds more than one record"))?;
                let indexed = tracker.by_connection.get(&connection) == Some(id);
                ensure(indexed, || format!("{connection:?} is not indexed under {id}"))?;
            }
        }
        ensure(tracker.by_user.get(&presence.user) == Some(id), || format!("{id} is not its user's record"))?;
        let created = tracker.by_creation.get(&presence.creation) == Some(id);
        ensure(created, || format!("{id} is not in the order of creation"))?;
        ensure(presence.updated_at >= presence.created_at, || format!("{id} changed before it was made"))?;
        due.insert((record.due_at(), id.clone()));
    }
    ensure(due == tracker.due, || "the expiry queue does not hold exactly the records' deadlines".to_owned())?;
    let records = tracker.records.len();
    let sizes = [tracker.by_user.len(), tracker.by_creation.len()];
    ensure(sizes == [records; 2], || format!("{records} records, but indexes of {sizes:?}"))?;
    ensure(tracker.by_connection.len() == sockets.len(), || "a socket is indexed that holds nothing".to_owned())
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
