//! Who is here as far as the events told: rows, filter, order, pace. No terminal, no clock, no network.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use serde_json::Value;

/// Rows beyond these are counted and not kept.
const MAX_ROWS: usize = 250_000;
/// Longest text of a cell that is kept, in characters.
const MAX_CELL_CHARS: usize = 64;
/// Over so many seconds changes are averaged.
const PACE_SECONDS: i64 = 10;

/// One presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: Arc<str>,
    pub(super) user: Box<str>,
    pub(super) status: Box<str>,
    pub(super) source: Box<str>,
    /// When it was made, when it last changed and when it ends, in milliseconds since 1970.
    pub(super) since_ms: i64,
    pub(super) changed_ms: i64,
    pub(super) expires_ms: i64,
    generation: u64,
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    User,
    Status,
    Since,
    Changed,
    Expires,
    Id,
}

impl Column {
    pub(super) const ALL: [Self; 6] = [Self::User, Self::Status, Self::Since, Self::Changed, Self::Expires, Self::Id];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Status => "STATUS",
            Self::Since => "HERE FOR",
            Self::Changed => "CHANGED",
            Self::Expires => "ENDS IN",
            Self::Id => "ID",
        }
    }
}

/// Upwards or downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// What an event meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Part of a snapshot.
    Here,
    Upsert,
    Update,
    Delete,
    SnapshotEnd,
    Unknown,
}

impl Meaning {
    pub(super) fn of(event: &Value) -> Self {
        let names = event["events"].as_array().map_or(&[][..], Vec::as_slice);
        let has = |name: &str| names.iter().any(|known| known == name);
        match () {
            () if has("presences.snapshot.end") => Self::SnapshotEnd,
            () if has("presences.*.snapshot") => Self::Here,
            () if has("presences.*.upsert") => Self::Upsert,
            () if has("presences.*.update") => Self::Update,
            () if has("presences.*.delete") => Self::Delete,
            () => Self::Unknown,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Upsert => "upsert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::SnapshotEnd => "snapshot",
            Self::Unknown => "event",
        }
    }
}

/// Who is here.
#[derive(Debug)]
pub(super) struct Model {
    rows: HashMap<Arc<str>, Row>,
    generation: u64,
    /// Presences that found no room since the last snapshot.
    pub(super) left_out: u64,
    filter: String,
    sorted_by: Column,
    direction: Direction,
    order: Vec<Arc<str>>,
    stale: bool,
    /// Second and number of changes, the newest last.
    pace: VecDeque<(i64, u32)>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            rows: HashMap::new(),
            generation: 0,
            left_out: 0,
            filter: String::new(),
            sorted_by: Column::Changed,
            direction: Direction::Down,
            order: Vec::new(),
            stale: false,
            pace: VecDeque::new(),
        }
    }
}

impl Model {
    /// A stream has begun: what its snapshot does not name is gone.
    pub(super) fn begin(&mut self) {
        self.generation += 1;
        self.left_out = 0;
    }

    /// Takes the `data` of an event that came at `now_ms`.
    pub(super) fn apply(&mut self, event: &Value, now_ms: i64) {
        let payload = &event["payload"];
        let meaning = Meaning::of(event);
        match meaning {
            Meaning::Here | Meaning::Upsert | Meaning::Update => self.put(payload),
            Meaning::Delete => drop(payload["$id"].as_str().and_then(|id| self.rows.remove(id))),
            Meaning::SnapshotEnd => self.rows.retain(|_, row| row.generation == self.generation),
            Meaning::Unknown => return,
        }
        self.stale = true;
        if matches!(meaning, Meaning::Upsert | Meaning::Update | Meaning::Delete) {
            let second = now_ms.div_euclid(1000);
            match self.pace.back_mut() {
                Some((last, count)) if *last == second => *count = count.saturating_add(1),
                _ => self.pace.push_back((second, 1)),
            }
            self.forget_pace(second);
        }
    }

    fn put(&mut self, payload: &Value) {
        let text = |name: &str| cell(payload[name].as_str().unwrap_or_default());
        let time = |name: &str| payload[name].as_str().and_then(millis).unwrap_or_default();
        let Some(id) = payload["$id"].as_str() else { return };
        if self.rows.len() >= MAX_ROWS && !self.rows.contains_key(id) {
            self.left_out += 1;
            return;
        }
        let id: Arc<str> = self.rows.get(id).map_or_else(|| id.into(), |row| row.id.clone());
        let row = Row {
            user: text("userId"),
            status: text("status"),
            source: text("source"),
            since_ms: time("$createdAt"),
            changed_ms: time("$updatedAt"),
            expires_ms: time("expiresAt"),
            generation: self.generation,
            id: id.clone(),
        };
        self.rows.insert(id, row);
    }

    fn forget_pace(&mut self, second: i64) {
        while self.pace.front().is_some_and(|(first, _)| *first <= second - PACE_SECONDS) {
            self.pace.pop_front();
        }
    }

    /// Changes in a second, over the last ten.
    pub(super) fn pace(&mut self, now_ms: i64) -> f64 {
        self.forget_pace(now_ms.div_euclid(1000));
        let changes: u32 = self.pace.iter().map(|(_, count)| *count).fold(0, u32::saturating_add);
        f64::from(changes) / f64::from(u8::try_from(PACE_SECONDS).unwrap_or(u8::MAX))
    }

    /// How many are here.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only rows in whose user, status or id this stands, in whatever case.
    pub(super) fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        self.stale = true;
    }

    pub(super) fn sorting(&self) -> (Column, Direction) {
        (self.sorted_by, self.direction)
    }

    /// Sorts by a column; the same again turns the order round.
    pub(super) fn sort_by(&mut self, column: Column) {
        self.direction = match (self.sorted_by == column, self.direction) {
            (true, Direction::Up) => Direction::Down,
            (true, Direction::Down) | (false, _) => Direction::Up,
        };
        self.sorted_by = column;
        self.stale = true;
    }

    /// How many pass the filter. Puts them in order first, where anything has changed.
    pub(super) fn settle(&mut self) -> usize {
        if std::mem::take(&mut self.stale) {
            let filter = self.filter.to_lowercase();
            let has = |text: &str| text.to_lowercase().contains(&filter);
            let passes = |row: &&Row| filter.is_empty() || has(&row.user) || has(&row.status) || has(&row.id);
            let mut rows: Vec<&Row> = self.rows.values().filter(passes).collect();
            let (column, direction) = (self.sorted_by, self.direction);
            rows.sort_unstable_by(|one, other| {
                let order = match column {
                    Column::User => one.user.cmp(&other.user),
                    Column::Status => one.status.cmp(&other.status),
                    Column::Since => one.since_ms.cmp(&other.since_ms),
                    Column::Changed => one.changed_ms.cmp(&other.changed_ms),
                    Column::Expires => one.expires_ms.cmp(&other.expires_ms),
                    Column::Id => std::cmp::Ordering::Equal,
                };
                let order = order.then_with(|| one.id.cmp(&other.id));
                if direction == Direction::Down { order.reverse() } else { order }
            });
            self.order = rows.into_iter().map(|row| row.id.clone()).collect();
        }
        self.order.len()
    }

    /// The rows from `first` on, as they were last put in order.
    pub(super) fn visible(&self, first: usize, count: usize) -> impl Iterator<Item = &Row> {
        self.order.iter().skip(first).take(count).filter_map(|id| self.rows.get(id))
    }
}

/// Milliseconds since 1970 of a time as the API writes it.
pub(super) fn millis(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// A text of somebody else: nothing in it may steer the terminal.
pub(super) fn cell(text: &str) -> Box<str> {
    text.chars().take(MAX_CELL_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: &str, verb: &str, status: &str) -> Value {
        let at = "2026-01-01T00:00:00.000+00:00";
        let payload = json!({"$id": id, "userId": format!("u-{id}"), "status": status, "$createdAt": at, "$updatedAt": at, "expiresAt": at});
        let names = match verb {
            "here" => json!([format!("presences.{id}.upsert"), "presences.*.upsert", "presences.*.snapshot"]),
            verb => json!([format!("presences.{id}.{verb}"), format!("presences.*.{verb}")]),
        };
        json!({"events": names, "payload": payload})
    }

    fn end() -> Value {
        json!({"events": ["presences.snapshot.end"], "payload": {"total": 0}})
    }

    fn ids(model: &mut Model) -> Vec<String> {
        model.settle();
        model.visible(0, 100).map(|row| row.id.to_string()).collect()
    }

    #[test]
    fn a_snapshot_replaces_what_was_known_and_a_resumed_stream_does_not() {
        let mut model = Model::default();
        model.begin();
        for id in ["a", "b"] {
            model.apply(&event(id, "here", "x"), 0);
        }
        model.apply(&end(), 0);
        model.begin();
        model.apply(&event("b", "delete", "x"), 0);
        model.apply(&event("c", "upsert", "x"), 0);
        model.sort_by(Column::Id);
        assert_eq!(ids(&mut model), ["a", "c"], "resumed: only what was missed comes");
        model.begin();
        model.apply(&event("c", "here", "x"), 0);
        model.apply(&end(), 0);
        assert_eq!(ids(&mut model), ["c"]);
    }

    #[test]
    fn rows_are_filtered_and_sorted_as_one_asks() {
        let mut model = Model::default();
        for (id, status) in [("a", "Online"), ("b", "away"), ("c", "busy")] {
            model.apply(&event(id, "upsert", status), 0);
        }
        model.sort_by(Column::Status);
        assert_eq!(ids(&mut model), ["a", "b", "c"]);
        model.sort_by(Column::Status);
        assert_eq!(
            (ids(&mut model), model.sorting()),
            (vec!["c".into(), "b".into(), "a".into()], (Column::Status, Direction::Down))
        );
        model.set_filter("ONL".to_owned());
        assert_eq!(ids(&mut model), ["a"]);
        model.set_filter("u-b".to_owned());
        assert_eq!(ids(&mut model), ["b"]);
        model.apply(&event("b", "delete", ""), 0);
        assert_eq!((ids(&mut model).len(), model.len()), (0, 2));
    }

    #[test]
    fn the_pace_is_that_of_the_last_ten_seconds() {
        let mut model = Model::default();
        for second in 0..20 {
            model.apply(&event("a", "update", "x"), second * 1000);
        }
        assert!((model.pace(19_000) - 1.0).abs() < f64::EPSILON);
        assert!(model.pace(29_000) < f64::EPSILON);
        assert!(model.pace.is_empty());
    }

    #[test]
    fn what_finds_no_room_is_counted_and_a_hundred_thousand_do() {
        let mut model = Model::default();
        for number in 0..=MAX_ROWS {
            model.put(&json!({"$id": number.to_string()}));
        }
        assert_eq!((model.len(), model.left_out), (MAX_ROWS, 1));
        model.put(&json!({"$id": "7", "status": "new"}));
        assert_eq!(model.left_out, 1, "who is known has a place");
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(&*cell("a\u{1b}[2J\n"), "a\u{fffd}[2J\u{fffd}");
        assert_eq!(cell(&"x".repeat(1000)).len(), MAX_CELL_CHARS);
    }
}
