//! The groups about queries: what is accepted, and what matches.

use anyhow::{Context, Result, bail, ensure};
use herenow_core::{
    Timestamp,
    query::{Attributes, Fault, InvalidQuery, ListQuery, Query, RealtimeQueries, Schema, Value as Attribute},
};
use serde_json::{Value, json};

pub(crate) fn parse(input: &Value, expected: &Value) -> Result<()> {
    match input["context"].as_str() {
        Some("presences.list") => {
            let found = list_error(&input["queries"]);
            ensure!(found == expected["type"].as_str(), "{found:?}");
        }
        Some("realtime") => {
            let valid = realtime(&input["queries"]).is_ok();
            ensure!(expected["valid"] == valid, "valid: {valid}");
        }
        other => bail!("nobody checks the context {other:?}"),
    }
    Ok(())
}

/// The error type of a list that is read; a cursor is looked for where no record lives.
fn list_error(queries: &Value) -> Option<&'static str> {
    match Query::texts(queries).and_then(|texts| ListQuery::parse(&texts, &Schema::PRESENCES)) {
        Ok(query) => query.cursor.is_some().then_some("general_cursor_not_found"),
        Err(error) if error.fault() == Fault::Query => Some("general_query_invalid"),
        Err(_) => Some("general_argument_invalid"),
    }
}

fn realtime(queries: &Value) -> Result<RealtimeQueries, InvalidQuery> {
    RealtimeQueries::parse(&Query::texts(queries)?)
}

pub(crate) fn evaluate(input: &Value, expected: &Value) -> Result<()> {
    let matches = match input["engine"].as_str() {
        Some("realtime") => realtime(&input["queries"])?.matches(&input["payload"]),
        Some("list") => {
            let mut texts = Query::texts(&input["queries"])?;
            // Every list leaves out what has ended.
            let alive = json!({"method": "greaterThan", "attribute": "expiresAt", "values": [input["now"]]});
            texts.push(alive.to_string());
            ListQuery::parse(&texts, &Schema::PRESENCES)?.matches(&Record::new(&input["record"])?)
        }
        other => bail!("nobody checks the engine {other:?}"),
    };
    ensure!(expected["match"] == matches, "match: {matches}");
    Ok(())
}

/// The record of a case: null where it says null or nothing.
struct Record<'a> {
    fields: &'a Value,
    times: Vec<(&'static str, Timestamp)>,
}

impl<'a> Record<'a> {
    fn new(fields: &'a Value) -> Result<Self> {
        let mut times = Vec::new();
        for key in ["$createdAt", "$updatedAt", "expiresAt"] {
            if let Some(text) = fields[key].as_str() {
                times.push((key, Timestamp::parse(text).context(key)?));
            }
        }
        Ok(Self { fields, times })
    }
}

impl Attributes for Record<'_> {
    fn attribute(&self, name: &str) -> Attribute<'_> {
        match self.times.iter().find(|(key, _)| *key == name) {
            Some((_, time)) => Attribute::Time(*time),
            None => self.fields[name].as_str().map_or(Attribute::Null, Attribute::Text),
        }
    }
}
