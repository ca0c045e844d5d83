//! What a command changes: pure, in one function a command.
//!
//! Source: semantics 2 to 8 and 16.

use std::sync::Arc;

use super::{
    Tracker,
    command::{Announcement, Change, Command, Decision, Rejection, SocketEnd, Update, Upsert},
    record::{Holder, HolderKey, Holders, Lifetime, Record, SOCKET_EXPIRY},
};
use crate::{Action, Permissions, Presence, PresenceId, State, Timestamp, UserId, Viewer};

impl Tracker {
    /// Decides what `command` changes at `now`, without changing it.
    ///
    /// The records of [`Tracker::due_before`] must have been ended first.
    ///
    /// # Errors
    /// [`Rejection`]; nothing is to be folded then.
    pub fn decide(&self, command: &Command, now: Timestamp) -> Result<Decision, Rejection> {
        match command {
            Command::Upsert(upsert) => self.decide_upsert(upsert, now).map(Decision::Change),
            Command::Update(update) => self.decide_update(update, now),
            Command::Delete { id, viewer } => self.decide_delete(id, viewer, now).map(Decision::Change),
            Command::EndSocket { connection, end } => {
                Ok(self.decide_holders(self.index.of_socket(*connection), now, |holder| {
                    if holder.key == HolderKey::Socket(*connection) { ended_by(holder, *end) } else { Fate::Stays }
                }))
            }
            Command::EndSession { user, session } => {
                Ok(self.decide_holders(self.index.of_user(user), now, |holder| match holder.key {
                    HolderKey::Socket(_) if holder.session.as_ref() == Some(session) => Fate::Ends,
                    _ => Fate::Stays,
                }))
            }
            Command::EndUser { user } => Ok(self.decide_holders(self.index.of_user(user), now, |_| Fate::Ends)),
            Command::EndDue { id } => Ok(self.decide_holders(self.index.get(id), now, |holder| due_fate(holder, now))),
        }
    }

    fn decide_upsert(&self, upsert: &Upsert, now: Timestamp) -> Result<Change, Rejection> {
        let seq = self.seq + 1;
        let before = self.record_of(&upsert.user);
        if before.is_none() && self.index.get(&upsert.id).is_some() {
            return Err(Rejection::Exists);
        }
        let holder = new_holder(upsert, before.map(|record| &*record.presence), seq, now);
        // The usual write takes the place of the only holder: then nothing of it is copied.
        let others = before.filter(|record| record.only_holder() != Some(upsert.holder));
        let mut holders = others.map(|record| record.holders()).unwrap_or_default();
        holders.retain(|other| {
            // A reconnect takes over what the same session lost. Source: semantics 8.
            let taken_over = other.in_grace()
                && upsert.session.is_some()
                && matches!(upsert.holder, HolderKey::Socket(_))
                && other.session == upsert.session;
            other.key != upsert.holder && !taken_over
        });
        holders.push(holder);
        let after = match before.map(|record| &record.presence) {
            Some(presence) => {
                Record::following(presence, &presence.user, later_than(presence.updated_at, now), holders)
            }
            None => Record::beginning(&upsert.id, &upsert.user, now, seq, holders),
        };
        Ok(change(seq, now, before, Some(after), Some(Announcement::Upsert)))
    }

    fn decide_update(&self, update: &Update, now: Timestamp) -> Result<Decision, Rejection> {
        let record = self.readable_record(&update.id, &update.viewer)?;
        if let Some(permissions) = &update.permissions
            && let Some(entry) = permissions.not_grantable(&update.viewer, update.grants)
        {
            return Err(Rejection::NotGrantable(entry.to_string()));
        }
        // The one that shows comes first.
        let mut holders = record.holders();
        let mover = update.user.as_ref().filter(|user| **user != record.presence.user);
        let permissions = update.permissions.clone().or_else(|| mover.map(Permissions::default_for));
        apply(update, &mut holders[0]);
        if let Some(permissions) = &permissions {
            holders.iter_mut().for_each(|holder| holder.state.permissions = permissions.clone());
        }
        if mover.is_none() && holders == record.holders() {
            return Ok(Decision::Unchanged(record.presence.clone()));
        }
        if !record.presence.allows(Action::Update, &update.viewer) {
            return Err(Rejection::Unauthorized);
        }
        if let Some(user) = mover {
            if self.record_of(user).is_some() {
                return Err(Rejection::Exists);
            }
            let mut lease = holders.swap_remove(0);
            (lease.key, lease.session, lease.lifetime) = (HolderKey::Rest, None, Lifetime::Fixed);
            holders = Holders::from_iter([lease]);
        }
        let presence = &record.presence;
        let (user, updated_at) = (mover.unwrap_or(&presence.user), later_than(presence.updated_at, now));
        let after = Record::following(presence, user, updated_at, holders);
        let seen = after.presence.differs_from(&record.presence).then_some(Announcement::Update);
        Ok(Decision::Change(change(self.seq + 1, now, Some(record), Some(after), seen)))
    }

    fn decide_delete(&self, id: &PresenceId, viewer: &Viewer, now: Timestamp) -> Result<Change, Rejection> {
        let record = self.readable_record(id, viewer)?;
        if !record.presence.allows(Action::Delete, viewer) {
            return Err(Rejection::Unauthorized);
        }
        Ok(change(self.seq + 1, now, Some(record), None, Some(Announcement::Delete)))
    }

    /// Ends, keeps or changes the holders of one record as `fate` says, and shows whose state is newest then.
    fn decide_holders(&self, record: Option<&Arc<Record>>, now: Timestamp, fate: impl Fn(&Holder) -> Fate) -> Decision {
        let Some(record) = record else { return Decision::Nothing };
        settle(record, self.seq + 1, now, fate).map_or(Decision::Nothing, Decision::Change)
    }

    fn record_of(&self, user: &UserId) -> Option<&Arc<Record>> {
        self.index.of_user(user)
    }

    fn readable_record(&self, id: &PresenceId, viewer: &Viewer) -> Result<&Arc<Record>, Rejection> {
        let record = self.index.get(id).filter(|record| record.presence.allows(Action::Read, viewer));
        record.ok_or(Rejection::NotFound)
    }
}

/// What lives of a record at `now`: as it is, or, where it is due, as it shows once what is due has ended.
pub(super) fn live(record: &Arc<Record>, now: Timestamp) -> Option<Arc<Presence>> {
    if record.due_at() > now {
        return Some(record.presence.clone());
    }
    match settle(record, 0, now, |holder| due_fate(holder, now)) {
        Some(change) => change.after.map(|after| after.presence.clone()),
        None => Some(record.presence.clone()),
    }
}

fn settle(record: &Arc<Record>, seq: u64, now: Timestamp, fate: impl Fn(&Holder) -> Fate) -> Option<Change> {
    let before = record.holders();
    let mut touched = false;
    let mut holders = Holders::new();
    for holder in &before {
        match fate(holder) {
            Fate::Stays => holders.push(holder.clone()),
            Fate::Ends => touched = true,
            Fate::Becomes(changed) => {
                touched = true;
                holders.push(changed);
            }
        }
    }
    if !touched {
        return None;
    }
    let Some(shown) = Record::newest(&holders) else {
        return Some(change(seq, now, Some(record), None, Some(Announcement::Delete)));
    };
    let presence = &record.presence;
    let is_another = holders[shown].key != before[0].key;
    let updated_at = if is_another { later_than(presence.updated_at, now) } else { presence.updated_at };
    let after = Record::following(presence, &presence.user, updated_at, holders);
    let mut announcement = None;
    if is_another {
        announcement = after.presence.differs_from(presence).then_some(Announcement::Update);
    }
    Some(change(seq, now, Some(record), Some(after), announcement))
}

enum Fate {
    Stays,
    Ends,
    Becomes(Holder),
}

fn ended_by(holder: &Holder, end: SocketEnd) -> Fate {
    match end {
        SocketEnd::Now => Fate::Ends,
        SocketEnd::Grace(until) => {
            // Not cut at `expires_at`, which a PATCH may still move; of two graces the first counts.
            let until = if let Lifetime::Grace(before) = holder.lifetime { until.min(before) } else { until };
            Fate::Becomes(Holder { lifetime: Lifetime::Grace(until), ..holder.clone() })
        }
    }
}

fn due_fate(holder: &Holder, now: Timestamp) -> Fate {
    if holder.ends_at() <= now {
        Fate::Ends
    } else if holder.due_at() <= now {
        let mut renewed = holder.clone();
        renewed.state.expires_at = now.plus(SOCKET_EXPIRY);
        Fate::Becomes(renewed)
    } else {
        Fate::Stays
    }
}

fn new_holder(upsert: &Upsert, before: Option<&Presence>, seq: u64, now: Timestamp) -> Holder {
    let (metadata, expires_at, lifetime) = match upsert.holder {
        HolderKey::Rest => {
            let expires_at = upsert.expires_at.unwrap_or_else(|| now.plus(upsert.default_expiry));
            (upsert.metadata.clone(), expires_at, Lifetime::Fixed)
        }
        HolderKey::Socket(_) => {
            let shown = before.map(|presence| presence.state.metadata.clone());
            (upsert.metadata.clone().or(shown), now.plus(SOCKET_EXPIRY), Lifetime::WhileOpen)
        }
    };
    let state = State {
        status: upsert.status.clone(),
        metadata: metadata.unwrap_or_default(),
        permissions: upsert.permissions.clone().unwrap_or_else(|| Permissions::default_for(&upsert.user)),
        expires_at,
        source: upsert.source,
    };
    Holder { key: upsert.holder, session: upsert.session.clone(), state, written: seq, lifetime }
}

fn apply(update: &Update, holder: &mut Holder) {
    if let Some(status) = &update.status {
        holder.state.status = status.clone();
    }
    if let Some(metadata) = &update.metadata {
        holder.state.metadata = metadata.clone();
    }
    if let Some(expires_at) = update.expires_at {
        holder.state.expires_at = expires_at;
        if holder.lifetime == Lifetime::WhileOpen {
            holder.lifetime = Lifetime::Fixed;
        }
    }
}

fn later_than(before: Timestamp, now: Timestamp) -> Timestamp {
    now.max(Timestamp::from_millis(before.millis() + 1))
}

fn change(
    seq: u64,
    at: Timestamp,
    before: Option<&Arc<Record>>,
    after: Option<Record>,
    announcement: Option<Announcement>,
) -> Change {
    Change { seq, at, before: before.cloned(), after: after.map(Arc::new), announcement }
}
