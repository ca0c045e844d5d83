//! Whether what the real broker did is what the model says.

use herenow_core::{
    PresenceId,
    tracker::{Change, HolderKey, Record, Tracker},
};

use super::{Being, Model, Seen, Step};

impl Step {
    /// Whether `change` is this step.
    pub(crate) fn check(&self, change: &Change, seq: u64) -> Result<(), String> {
        let found = (change.seq, change.id(), change.announcement);
        if found != (seq, &self.id, self.told) {
            return Err(format!("expected change {seq} of {} told as {:?}, found {found:?}", self.id, self.told));
        }
        for (name, expected, record) in
            [("before", &self.before, &change.before), ("after", &self.after, &change.after)]
        {
            compare(&self.id, expected.as_ref(), record.as_deref())
                .map_err(|difference| format!("change {seq}, {name}: {difference}"))?;
        }
        Ok(())
    }
}

impl Model {
    /// Whether `tracker` holds exactly the model's records.
    pub(crate) fn check(&self, tracker: &Tracker) -> Result<(), String> {
        if tracker.seq() != self.seq || tracker.len() != self.beings.len() {
            let (found, expected) = ((tracker.seq(), tracker.len()), (self.seq, self.beings.len()));
            return Err(format!("the tracker's number and count are {found:?}, the model's {expected:?}"));
        }
        tracker
            .records()
            .try_for_each(|record| compare(&record.presence.id, self.beings.get(&record.presence.id), Some(record)))
    }
}

fn compare(id: &PresenceId, expected: Option<&Being>, found: Option<&Record>) -> Result<(), String> {
    let (being, record) = match (expected, found) {
        (None, None) => return Ok(()),
        (Some(being), Some(record)) => (being, record),
        _ => return Err(format!("{id}: expected {expected:?}, found {found:?}")),
    };
    let presence = &record.presence;
    let (seen, shown) = (Seen::of(id, being), Seen::presence(presence));
    if seen != shown {
        return Err(format!("{id} should show {seen:?}, shows {shown:?}"));
    }
    if (presence.created_at, presence.creation) != (being.created_at, being.creation) {
        return Err(format!("{id} was created otherwise: {:?}", (presence.created_at, presence.creation)));
    }
    let holders = record.holders();
    if being.holds.len() != holders.len() {
        return Err(format!("{id} should be held by {:?}, is by {holders:?}", being.holds));
    }
    for hold in &being.holds {
        let holder = holders.iter().find(|holder| holder.key == hold.key);
        let same = holder.is_some_and(|holder| {
            let session = holder.session == hold.session || hold.key == HolderKey::Rest;
            session
                && holder.state == hold.state
                && holder.written == hold.written
                && holder.ends_at() == hold.ends_at()
                && holder.in_grace() == hold.grace.is_some()
        });
        if !same {
            return Err(format!("{id} should be held by {hold:?}, is by {holder:?}"));
        }
    }
    Ok(())
}
