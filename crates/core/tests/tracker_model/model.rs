//! The naive model: all holders of all records, looked through at every step.

use std::collections::BTreeMap;

use herenow_core::{
    Action, Metadata, Permissions, SessionId, Source, Timestamp, UserId, Viewer,
    tracker::{HolderKey, Rejection, SOCKET_EXPIRY, Update, Upsert},
};

use super::LEASE;

/// What the model knows of one holder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    pub(crate) key: HolderKey,
    pub(crate) session: Option<SessionId>,
    pub(crate) status: String,
    pub(crate) metadata: Metadata,
    pub(crate) permissions: Permissions,
    pub(crate) expires_at: Timestamp,
    pub(crate) renews: bool,
    pub(crate) grace: Option<Timestamp>,
    pub(crate) source: Source,
    pub(crate) written: u64,
}

impl Held {
    pub(crate) fn alive(&self, now: Timestamp) -> bool {
        (self.renews || self.expires_at > now) && self.grace.is_none_or(|grace| grace > now)
    }
}

/// A model without indexes, deadlines or changes: all holders of all records, looked through at every step.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) records: BTreeMap<String, (UserId, Vec<Held>)>,
    writes: u64,
}

impl Model {
    pub(crate) fn settle(&mut self, now: Timestamp) {
        for (_, held) in self.records.values_mut() {
            held.retain(|holder| holder.alive(now));
            for holder in held.iter_mut().filter(|holder| holder.renews) {
                let half = Timestamp::from_millis(holder.expires_at.millis() - 15 * 86_400_000);
                if half <= now {
                    holder.expires_at = now.plus(SOCKET_EXPIRY);
                }
            }
        }
        self.records.retain(|_, (_, held)| !held.is_empty());
    }

    pub(crate) fn id_of(&self, user: &UserId) -> Option<String> {
        self.records.iter().find(|(_, (owner, _))| owner == user).map(|(id, _)| id.clone())
    }

    pub(crate) fn shown(held: &[Held]) -> &Held {
        held.iter().max_by_key(|holder| holder.written).expect("a record has a holder")
    }

    pub(crate) fn may(&self, id: &str, action: Action, viewer: &Viewer) -> bool {
        self.records.get(id).is_some_and(|(owner, held)| {
            viewer.is_privileged()
                || viewer.user() == Some(owner)
                || Self::shown(held).permissions.allow(action, viewer)
        })
    }

    /// Writes as the rules say; false where the id is another's.
    pub(crate) fn upsert(&mut self, upsert: &Upsert, now: Timestamp) -> bool {
        let own = self.id_of(&upsert.user);
        if own.is_none() && self.records.contains_key(upsert.id.as_str()) {
            return false;
        }
        let id = own.unwrap_or_else(|| upsert.id.to_string());
        let (_, held) = self.records.entry(id).or_insert_with(|| (upsert.user.clone(), Vec::new()));
        let socket = upsert.holder != HolderKey::Rest;
        let shown = (!held.is_empty()).then(|| Self::shown(held).metadata.clone());
        let metadata = upsert.metadata.clone().or(shown.filter(|_| socket)).unwrap_or_default();
        held.retain(|holder| {
            holder.key != upsert.holder && !(socket && holder.grace.is_some() && holder.session == upsert.session)
        });
        self.writes += 1;
        held.push(Held {
            key: upsert.holder,
            session: upsert.session.clone(),
            status: upsert.status.to_string(),
            metadata,
            permissions: upsert.permissions.clone().unwrap_or_else(|| Permissions::default_for(&upsert.user)),
            expires_at: if socket {
                now.plus(SOCKET_EXPIRY)
            } else {
                upsert.expires_at.unwrap_or_else(|| now.plus(LEASE))
            },
            renews: socket,
            grace: None,
            source: upsert.source,
            written: self.writes,
        });
        true
    }

    pub(crate) fn update(&mut self, update: &Update) -> Result<(), Rejection> {
        let id = update.id.as_str();
        if !self.may(id, Action::Read, &update.viewer) {
            return Err(Rejection::NotFound);
        }
        let (owner, held) = self.records.get(id).expect("readable").clone();
        let mover = update.user.clone().filter(|user| *user != owner);
        let mut changed = held.clone();
        let newest = Self::shown(&held).written;
        let shown = changed.iter_mut().find(|holder| holder.written == newest).expect("shows");
        if let Some(status) = &update.status {
            shown.status = status.to_string();
        }
        if let Some(expires_at) = update.expires_at {
            shown.expires_at = expires_at;
            shown.renews = false;
        }
        let permissions = update.permissions.clone().or_else(|| mover.as_ref().map(Permissions::default_for));
        if let Some(permissions) = permissions {
            for holder in &mut changed {
                holder.permissions = permissions.clone();
            }
        }
        if mover.is_none() && changed == held {
            return Ok(());
        }
        if !self.may(id, Action::Update, &update.viewer) {
            return Err(Rejection::Unauthorized);
        }
        if let Some(to) = &mover {
            if self.id_of(to).is_some() {
                return Err(Rejection::Exists);
            }
            changed.retain(|holder| holder.written == newest);
            let lease = &mut changed[0];
            (lease.key, lease.session, lease.renews, lease.grace) = (HolderKey::Rest, None, false, None);
        }
        self.records.insert(id.to_owned(), (mover.unwrap_or(owner), changed));
        Ok(())
    }

    pub(crate) fn end(&mut self, ends: impl Fn(&UserId, &Held) -> bool) {
        for (owner, held) in self.records.values_mut() {
            let owner = owner.clone();
            held.retain(|holder| !ends(&owner, holder));
        }
        self.records.retain(|_, (_, held)| !held.is_empty());
    }
}
