//! Entries as the hub gets them: what each connection is to be sent for them.
//!
//! Source: semantics 12 to 15 and 22 to 24.

use std::sync::Arc;

use herenow_core::{
    ConnectionId, Presence, Viewer,
    order::{Entry, Mark, Sight},
    tracker::{Announcement, Change},
};

use super::{
    Awaited, Counts, List, Oracle,
    ear::{AskedFor, Base, Ear, Expected, Heard, Item, Kind},
};
use crate::model::{Seen, reads};

impl Oracle {
    /// The hub was told of `entry`.
    pub(crate) fn delivered(&mut self, entry: &Entry) {
        match entry {
            Entry::Change { change, .. } => self.changed(change),
            Entry::Mark { mark, .. } => self.came_by(mark),
            // Nobody in the simulation makes accounts.
            Entry::Notice { .. } => {}
        }
    }

    fn changed(&mut self, change: &Arc<Change>) {
        self.view_seq = change.seq;
        self.log.push(change.clone());
        match &change.after {
            Some(record) => self.view.insert(record.presence.creation, record.presence.clone()),
            None => self.view.remove(&change.subject().creation),
        };
        for ear in self.ears.values_mut().filter(|ear| ear.listens) {
            let news = news(change, &ear.viewer);
            let Some((presence, action)) = news else { continue };
            let seen = Seen::presence(presence);
            let hear = |heard: &&Heard| heard.hears(&seen, action);
            let subscriptions = ear.subscriptions.iter().filter(hear).map(|heard| heard.id.clone()).collect();
            expect(ear, change.seq, presence, action, Kind::Change, subscriptions);
        }
    }

    fn came_by(&mut self, mark: &Mark) {
        let Some((id, awaited)) = self.awaited.remove(&mark.ticket) else { return };
        let list = self.lists.remove(&mark.ticket).unwrap_or_default();
        if !self.ears.get(&id).is_some_and(|ear| ear.listens) {
            return;
        }
        match awaited {
            Awaited::Subscribe(rows) => self.subscribed(id, rows, mark, &list),
            Awaited::Become(viewer) => {
                if let Some(ear) = self.ears.get_mut(&id) {
                    shift(&mut self.counts, &self.view, ear, viewer, mark, &list);
                }
            }
        }
    }

    fn subscribed(&mut self, id: ConnectionId, rows: Vec<Heard>, mark: &Mark, list: &List) {
        let sights = match &mark.sight {
            Sight::Each(sights) => sights.clone(),
            _ => Vec::new(),
        };
        let mut bases = Vec::new();
        for (row, sight) in rows.iter().zip(&sights) {
            let must = self.must_resume(id, row, mark.at);
            let base = match sight {
                Sight::All(_) => Base::Empty,
                Sight::Missed(_) if self.has_picture(id, &row.id) => Base::Kept,
                _ => Base::List(list.clone()),
            };
            if matches!(sight, Sight::Missed(_))
                && row.asked_for == AskedFor::ByClient
                && !self.has_picture(id, &row.id)
            {
                self.fail(format!("{} of {id:?} goes on from a number that is of no use to it", row.id));
            }
            if must && !matches!(sight, Sight::Missed(_)) {
                self.fail(format!("{} of {id:?} was lost a moment ago and must get what it missed", row.id));
            }
            if row.wants_snapshot() && matches!(sight, Sight::Nothing) {
                self.fail(format!("{} of {id:?} must get a snapshot", row.id));
            }
            bases.push((row.clone(), base));
        }
        let Some(ear) = self.ears.get_mut(&id) else { return };
        for (row, _) in bases.iter().filter(|(_, base)| matches!(base, Base::List(_))) {
            self.mirrors.doubt(ear.tab, &row.id);
        }
        for row in &rows {
            ear.subscriptions.retain(|known| known.id != row.id);
            ear.subscriptions.push(row.clone());
        }
        ear.expect(Item::Begin { rows: bases, viewer: ear.viewer.clone(), seq: mark.seq });
        for (row, sight) in rows.iter().zip(&sights) {
            match sight {
                Sight::All(_) => {
                    self.counts.snapshots += 1;
                    snapshot(ear, row, mark, list, &self.view);
                }
                Sight::Missed(_) => {
                    self.counts.resumed += 1;
                    replay(ear, row, &self.log);
                }
                _ => {}
            }
        }
    }

    /// Whether a subscription of an older connection goes on with this one, so that it must get what it missed.
    fn must_resume(&self, id: ConnectionId, row: &Heard, at: herenow_core::Timestamp) -> bool {
        let Some(ear) = self.ears.get(&id) else { return false };
        let Some(mirror) = self.mirrors.get(ear.tab, &row.id) else { return false };
        let others = [mirror.connection, ear.before.get(&row.id).copied().or(mirror.connection)];
        let [Some(heard), Some(asked)] = others.map(|other| self.ears.get(&other.filter(|other| *other != id)?)) else {
            return false;
        };
        let same = [heard, asked]
            .iter()
            .all(|before| before.steady && before.viewer == ear.viewer && before.role_changes == ear.role_changes);
        let changes = ear.role_changes;
        let earlier = changes.done == 0 || changes.at < heard.opened_at.min(mirror.begun_at);
        let settled = changes.underway == 0 && self.role_changes(&ear.viewer) == changes && earlier;
        !row.wants_snapshot()
            && same
            && settled
            && ear.steady
            && mirror.run == self.run
            && mirror.may_resume()
            && asked.is_remembered(at)
    }

    fn has_picture(&self, id: ConnectionId, subscription: &str) -> bool {
        let mirror = self.ears.get(&id).and_then(|ear| self.mirrors.get(ear.tab, subscription));
        mirror.is_some_and(|mirror| mirror.run == self.run && mirror.state != super::State::Unknown)
    }
}

/// What `change` is to `viewer`; none where it is nothing.
fn news<'a>(change: &'a Change, viewer: &Viewer) -> Option<(&'a Arc<Presence>, Announcement)> {
    let action = change.announcement?;
    let sees = |presence: &&Arc<Presence>| reads(viewer, &Seen::presence(presence));
    let after = change.after.as_ref().map(|record| &record.presence).filter(sees);
    let before = change.before.as_ref().map(|record| &record.presence).filter(sees);
    after.map(|after| (after, action)).or_else(|| before.map(|before| (before, Announcement::Delete)))
}

fn expect(
    ear: &mut Ear,
    seq: u64,
    presence: &Presence,
    action: Announcement,
    kind: Kind,
    mut subscriptions: Vec<String>,
) {
    if subscriptions.is_empty() {
        return;
    }
    subscriptions.sort_unstable();
    ear.expect(Item::Event(Expected {
        seq,
        key: (presence.id.clone(), presence.creation),
        action,
        seen: Seen::presence(presence),
        updated_at: (kind == Kind::Change).then(|| presence.updated_at.to_string()),
        subscriptions,
        kind,
    }));
}

fn snapshot(
    ear: &mut Ear,
    row: &Heard,
    mark: &Mark,
    list: &List,
    view: &std::collections::BTreeMap<u64, Arc<Presence>>,
) {
    let (mut total, viewer) = (0, ear.viewer.clone());
    for (creation, seen) in list.iter().filter(|(_, seen)| reads(&viewer, seen)) {
        if row.status.as_ref().is_some_and(|status| *status != seen.status) {
            continue;
        }
        total += 1;
        let Some(presence) = view.get(creation) else { continue };
        ear.expect(Item::Event(Expected {
            seq: mark.seq,
            key: (presence.id.clone(), *creation),
            action: Announcement::Upsert,
            seen: seen.clone(),
            updated_at: None,
            subscriptions: vec![row.id.clone()],
            kind: Kind::Snapshot,
        }));
    }
    ear.expect(Item::SnapshotEnd { total, subscription: row.id.clone(), seq: mark.seq });
}

fn replay(ear: &mut Ear, row: &Heard, log: &[Arc<Change>]) {
    let since = row.since.unwrap_or_default();
    for change in log.iter().filter(|change| change.seq > since) {
        let Some((presence, action)) = news(change, &ear.viewer) else { continue };
        if row.hears(&Seen::presence(presence), action) {
            expect(ear, change.seq, presence, action, Kind::Change, vec![row.id.clone()]);
        }
    }
}

/// A connection's roles change: what comes into sight, and what goes.
fn shift(
    counts: &mut Counts,
    view: &std::collections::BTreeMap<u64, Arc<Presence>>,
    ear: &mut Ear,
    after: Viewer,
    mark: &Mark,
    list: &List,
) {
    let before = std::mem::replace(&mut ear.viewer, after);
    ear.steady &= before == ear.viewer;
    let told = |presence: &Presence, viewer: &Viewer| reads(viewer, &Seen::presence(presence));
    let came = list.iter().filter_map(|(creation, seen)| {
        let presence = view.get(creation)?;
        (reads(&ear.viewer, seen) && !told(presence, &before)).then(|| (presence, seen.clone(), Announcement::Upsert))
    });
    let went = view.values().filter(|presence| told(presence, &before) && !told(presence, &ear.viewer));
    let went = went.map(|presence| (presence, Seen::presence(presence), Announcement::Delete));
    let all: Vec<_> = came.chain(went).collect();
    for (presence, seen, action) in all {
        counts.shifts += 1;
        let plain = |heard: &&Heard| heard.status.is_none() && heard.is_about(&seen, action);
        let mut subscriptions: Vec<_> = ear.subscriptions.iter().filter(plain).map(|heard| heard.id.clone()).collect();
        if subscriptions.is_empty() {
            continue;
        }
        subscriptions.sort_unstable();
        let (key, updated_at) = ((presence.id.clone(), presence.creation), None);
        let kind = Kind::Shift;
        ear.expect(Item::Event(Expected { seq: mark.seq, key, action, seen, updated_at, subscriptions, kind }));
    }
}
