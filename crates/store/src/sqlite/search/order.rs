//! In which order, and from where on: null comes last, as in PostgreSQL, and pages before a cursor are made backwards.

use herenow_core::query::{Cursor, Direction, ListQuery, Order, PageError};
use rusqlite::{Connection, types::Value};

use super::{Kind, Things, collect, conditions::Conditions};
use crate::accounts::Kept;

/// The way through a list.
pub(super) struct Way {
    /// Each order, turned round where the way leads backwards.
    steps: Vec<Step>,
    /// The values of the cursor's record, none of which is null; none: from the end that the way begins at.
    from: Option<Vec<Value>>,
    backwards: bool,
}

struct Step {
    attribute: &'static str,
    direction: Direction,
}

impl Way {
    /// Looks the record of the cursor up.
    pub(super) fn find(
        connection: &Connection,
        things: &Things,
        scope: &[Value],
        query: &ListQuery,
    ) -> Kept<Result<Self, PageError>> {
        let backwards = matches!(query.cursor, Some(Cursor::Before(_)));
        let steps = query.orders.iter().map(|order| step(*order, backwards)).collect();
        let mut way = Self { steps, from: None, backwards };
        let Some(cursor) = &query.cursor else { return Ok(Ok(way)) };
        let mut record = Conditions::new(things, scope);
        let id = record.bind(Value::Text(cursor.id().to_owned()));
        record.and(format!("id = {id}"));
        let places: Vec<String> = way.steps.iter().map(|step| step.sql(things)).collect();
        let sql = format!("SELECT {} FROM {} WHERE {}", places.join(", "), things.table, record.sql());
        let count = places.len();
        let found = collect(connection, &sql, record.values(), |row| {
            Ok((0..count).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>()?)
        })?;
        let Some(from) = found.into_iter().next() else { return Ok(Err(PageError::CursorNotFound)) };
        if let Some(place) = from.iter().position(|value| *value == Value::Null) {
            return Ok(Err(PageError::OrderNull(way.steps[place].attribute)));
        }
        way.from = Some(from);
        Ok(Ok(way))
    }

    pub(super) fn is_backwards(&self) -> bool {
        self.backwards
    }

    /// Leaves out what does not follow the record of the cursor.
    pub(super) fn begin(&self, things: &Things, conditions: &mut Conditions<'_>) {
        let Some(from) = &self.from else { return };
        let mut follows = "FALSE".to_owned();
        for (step, value) in self.steps.iter().zip(from).rev() {
            let (place, at) = (step.sql(things), conditions.bind(value.clone()));
            let beyond = match (step.direction, step.kind(things)) {
                (Direction::Ascending, Kind::Perhaps | Kind::Filled) => format!("{place} > {at} OR {place} IS NULL"),
                (Direction::Ascending, _) => format!("{place} > {at}"),
                (Direction::Descending, _) => format!("{place} < {at}"),
            };
            follows = match follows.as_str() {
                "FALSE" => format!("({beyond})"),
                further => format!("({beyond} OR ({place} = {at} AND {further}))"),
            };
        }
        conditions.and(follows);
    }

    /// The order, as SQL; by chance where nothing else decides and the list is asked for so.
    pub(super) fn order_by(&self, things: &Things, query: &ListQuery) -> String {
        let mut all: Vec<String> = self
            .steps
            .iter()
            .map(|step| {
                // Where null cannot be, an index can give the order.
                let (way, nulls) = match step.direction {
                    Direction::Ascending => ("ASC", " NULLS LAST"),
                    Direction::Descending => ("DESC", " NULLS FIRST"),
                };
                let nulls = if matches!(step.kind(things), Kind::Perhaps | Kind::Filled) { nulls } else { "" };
                format!("{} {way}{nulls}", step.sql(things))
            })
            .collect();
        if query.random {
            all.push("random()".to_owned());
        }
        if all.is_empty() { "sequence".to_owned() } else { all.join(", ") }
    }
}

fn step(order: Order, backwards: bool) -> Step {
    let turned = match order.direction {
        Direction::Ascending => Direction::Descending,
        Direction::Descending => Direction::Ascending,
    };
    Step { attribute: order.attribute, direction: if backwards { turned } else { order.direction } }
}

impl Step {
    fn sql(&self, things: &Things) -> String {
        let column = things.column(self.attribute);
        match column.kind {
            Kind::Texts => format!("list_key({})", column.sql),
            Kind::Filled => format!("nullif({}, '')", column.sql),
            Kind::Always | Kind::Perhaps => column.sql.to_owned(),
        }
    }

    fn kind(&self, things: &Things) -> Kind {
        things.column(self.attribute).kind
    }
}
