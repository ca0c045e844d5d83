//! What an app makes of a list and the events that follow it: the records that it believes to be there. Knows nothing
//! that an app could not know.

use std::collections::BTreeMap;

use herenow_testkit::Response;
use serde_json::Value;

/// The records that an app believes to be there, by id.
#[derive(Debug, Clone, Default)]
pub struct Mirror {
    /// The run of the sequence numbers; empty before anything was heard.
    pub epoch: String,
    /// Up to which number it is true.
    pub seq: u64,
    records: BTreeMap<String, Value>,
}

impl Mirror {
    /// What a list says; it must be the whole list.
    ///
    /// # Panics
    /// When the answer is no list, or a list of one page among several.
    #[must_use]
    pub fn of_list(answer: &Response) -> Self {
        let body = answer.json().expect("a list is JSON");
        let header = |name| answer.header(name).expect("a list tells its place in the order");
        let list = body["presences"].as_array().expect("a list has presences");
        assert_eq!(body["total"], list.len(), "the list is whole");
        let records = list.iter().map(|record| (text(&record["$id"]), record.clone())).collect();
        let seq = header("x-herenow-seq").parse().expect("a number");
        Self { epoch: header("x-herenow-epoch").to_owned(), seq, records }
    }

    /// Takes an event up. One that the mirror has seen the effect of is passed over; so is what is no event of a
    /// presence.
    ///
    /// # Panics
    /// When the event is of another run than what came before.
    pub fn hear(&mut self, frame: &Value) {
        let data = &frame["data"];
        let Some(action) = action(frame) else { return };
        let (epoch, seq) = (text(&data["epoch"]), data["seq"].as_u64().expect("an event has a number"));
        if self.epoch.is_empty() {
            self.epoch.clone_from(&epoch);
        }
        assert_eq!(self.epoch, epoch, "an event of another run: {frame}");
        if seq <= self.seq && !is_snapshot(frame) {
            return;
        }
        self.seq = seq;
        let id = text(&data["payload"]["$id"]);
        if action == "delete" {
            self.records.remove(&id);
        } else {
            self.records.insert(id, data["payload"].clone());
        }
    }

    /// The records, by id.
    #[must_use]
    pub fn records(&self) -> &BTreeMap<String, Value> {
        &self.records
    }
}

/// What an event says happened to a presence: `upsert`, `update` or `delete`; none for what is no such event.
#[must_use]
pub fn action(frame: &Value) -> Option<&str> {
    let name = frame["data"]["events"][0].as_str()?.strip_prefix("presences.")?;
    let (_, action) = name.rsplit_once('.')?;
    ["upsert", "update", "delete"].contains(&action).then_some(action)
}

/// Whether an event tells of a state that stands, not of a change.
#[must_use]
pub fn is_snapshot(frame: &Value) -> bool {
    frame["data"]["events"].as_array().is_some_and(|names| names.contains(&"presences.*.snapshot".into()))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
