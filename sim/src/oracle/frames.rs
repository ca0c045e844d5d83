//! Frames as a client reads them: each must be what comes next.
//!
//! Source: architecture, invariants 3 and 4; semantics 16 and 17.

use herenow_core::ConnectionId;
use serde_json::Value;

use super::{
    Oracle,
    ear::{Ear, Expected, Item, Kind, verb},
};
use crate::model::Seen;

impl Oracle {
    /// The client of `id` read one text message.
    pub(crate) fn heard(&mut self, id: ConnectionId, message: &Value) {
        let Some(ear) = self.ears.get_mut(&id) else { return };
        let data = &message["data"];
        let result = match (message["type"].as_str(), data["to"].as_str()) {
            (Some("event"), _) => event(ear, data),
            (Some("response"), Some("subscribe")) => response(ear, data),
            _ => return,
        };
        match result {
            Ok(item) => {
                self.counts.frames += 1;
                self.mirrors.apply(ear.tab, id, self.run, &item);
            }
            Err(difference) => {
                let tab = ear.tab;
                self.fail(format!("{id:?} of tab {tab}: {difference}; it read {message}"));
            }
        }
    }
}

/// Takes the next item, past those that were conflated away.
fn next(ear: &mut Ear, is_it: impl Fn(&Item) -> bool) -> Result<Item, String> {
    loop {
        let Some(item) = ear.expected.pop_front() else { return Err("nothing more was to be sent".to_owned()) };
        if is_it(&item) {
            return Ok(item);
        }
        let later = |event: &Expected| ear.expected.iter().any(|later| replaces(later, event));
        match &item {
            Item::Event(event) if event.kind == Kind::Change && later(event) => ear.skipped += 1,
            _ => return Err(format!("next was to be sent {item:?}")),
        }
        if ear.skipped > ear.outbox.conflated() {
            return Err(format!("{item:?} was left out, and nothing was conflated"));
        }
    }
}

fn replaces(later: &Item, event: &Expected) -> bool {
    match later {
        Item::Event(later) => {
            later.kind == Kind::Change
                && later.key == event.key
                && event.subscriptions.iter().all(|id| later.subscriptions.contains(id))
        }
        _ => false,
    }
}

fn response(ear: &mut Ear, data: &Value) -> Result<Item, String> {
    let rows = data["subscriptions"].as_array().map_or(&[][..], Vec::as_slice);
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["subscriptionId"].as_str()).collect();
    next(ear, |item| match item {
        Item::Begin { rows, .. } => rows.iter().map(|(row, _)| row.id.as_str()).eq(ids.iter().copied()),
        _ => false,
    })
}

fn event(ear: &mut Ear, data: &Value) -> Result<Item, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list =
        |name: &str| data[name].as_array().map(|all| all.iter().map(text).collect::<Vec<_>>()).unwrap_or_default();
    let (events, mut subscriptions) = (list("events"), list("subscriptions"));
    subscriptions.sort_unstable();
    let seq = data["seq"].as_u64().ok_or("an event has no number")?;
    for id in &subscriptions {
        let newest = ear.newest.entry(id.clone()).or_default();
        if *newest > seq {
            return Err(format!("{id} got {seq} after {newest}"));
        }
        *newest = seq;
    }
    if events == ["presences.snapshot.end"] {
        let total = data["payload"]["total"].as_u64();
        return next(ear, |item| match item {
            Item::SnapshotEnd { total: expected, subscription, seq: at } => {
                *at == seq && subscriptions == [subscription.as_str()] && total == Some(*expected as u64)
            }
            _ => false,
        });
    }
    let seen = Seen::payload(&data["payload"]).ok_or("an event has no presence")?;
    let updated_at = data["payload"]["$updatedAt"].as_str();
    next(ear, |item| match item {
        Item::Event(expected) => {
            let mut names = vec![
                format!("presences.{}.{}", seen.id, verb(expected.action)),
                format!("presences.*.{}", verb(expected.action)),
                format!("presences.{}", seen.id),
                "presences.*".to_owned(),
            ];
            if expected.kind == Kind::Snapshot {
                names.push("presences.*.snapshot".to_owned());
            }
            expected.seq == seq
                && expected.seen == seen
                && expected.subscriptions == subscriptions
                && events == names
                && expected.updated_at.as_deref().is_none_or(|expected| Some(expected) == updated_at)
        }
        _ => false,
    })
}
