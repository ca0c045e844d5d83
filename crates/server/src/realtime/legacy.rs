//! Subscriptions named in the URL, by clients from before the message protocol.
//!
//! Source: realtime, section 1.5.

use std::collections::BTreeMap;

use herenow_core::query::{InvalidQuery, RealtimeQueries};
use herenow_wire::realtime::SubscribeRow;
use serde_json::{Map, Value, json};

use crate::http::params::pairs;

/// What "no filter" looks like to these clients.
const EVERYTHING: &str = r#"{"method":"select","values":["*"]}"#;

/// The subscriptions of a URL, with their slots.
#[derive(Debug, Default)]
pub(super) struct UrlSubscriptions {
    /// Slot and row; the rows have ids.
    pub(super) rows: Vec<(String, SubscribeRow)>,
    /// Where the client's knowledge ends, for all rows of the socket: `resume=EPOCH.SEQ`. Source: semantics 24.
    pub(super) resume: Option<(String, u64)>,
}

impl UrlSubscriptions {
    /// Reads a query string. Without `channels[]` there are none: the client speaks the message protocol.
    pub(super) fn parse(query: &str, mut make_id: impl FnMut() -> String) -> Result<Self, InvalidQuery> {
        let pairs: Vec<(String, String)> = pairs(query).collect();
        let channels = pairs.iter().filter(|(name, _)| is_element_of(name, "channels")).map(|(_, value)| value);
        let mut slots: Vec<(String, Vec<String>, Vec<String>)> = Vec::new();
        for channel in channels {
            for (slot, queries) in queries_of(channel, &pairs) {
                match slots.iter_mut().find(|(known, _, _)| *known == slot) {
                    // The first channel of a slot has fixed its queries.
                    Some((_, channels, _)) => channels.push(channel.clone()),
                    None => slots.push((slot, vec![channel.clone()], queries)),
                }
            }
        }
        let resume = pairs.iter().find(|(name, _)| name == "resume").map(|(_, value)| value.as_str());
        let resume = resume.and_then(position);
        let row = |(slot, channels, queries): (String, Vec<String>, Vec<String>)| {
            let queries = RealtimeQueries::parse(&queries)?;
            Ok((slot, SubscribeRow { id: Some(make_id()), channels, queries, since: None }))
        };
        Ok(Self { rows: slots.into_iter().map(row).collect::<Result<_, _>>()?, resume })
    }

    /// Goes on from the event with this id. One that is not understood is one that is no longer known.
    pub(super) fn resume_from(&mut self, id: &str) {
        self.resume = Some(position(id).unwrap_or_default());
    }

    /// Slot to id, as `connected` shows it: a list where the slots count from 0.
    pub(super) fn slots(&self) -> Value {
        let id = |row: &SubscribeRow| json!(row.id);
        if self.rows.iter().enumerate().all(|(index, (slot, _))| *slot == index.to_string()) {
            return Value::Array(self.rows.iter().map(|(_, row)| id(row)).collect());
        }
        Value::Object(self.rows.iter().map(|(slot, row)| (slot.clone(), id(row))).collect::<Map<_, _>>())
    }
}

/// `EPOCH.SEQ`.
fn position(text: &str) -> Option<(String, u64)> {
    let (epoch, seq) = text.rsplit_once('.')?;
    Some((epoch.to_owned(), seq.parse().ok()?))
}

fn is_element_of(name: &str, list: &str) -> bool {
    name.strip_prefix(list).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'))
}

/// The slots of a channel with their queries.
fn queries_of(channel: &str, pairs: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mangled = channel.replace('.', "_");
    let mut slots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        let Some(rest) = name.strip_prefix(channel).or_else(|| name.strip_prefix(&mangled)) else { continue };
        // `project=ID` names the project, not queries of the channel `project`.
        let slot = match rest.strip_prefix('[') {
            None if rest.is_empty() && channel != "project" => "0".to_owned(),
            Some(rest) => match rest.split_once(']') {
                Some(("", _)) => slots.len().to_string(),
                Some((slot, _)) => slot.to_owned(),
                None => continue,
            },
            None => continue,
        };
        slots.entry(slot).or_default().push(value.clone());
    }
    if slots.is_empty() {
        slots.insert("0".to_owned(), vec![EVERYTHING.to_owned()]);
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> UrlSubscriptions {
        let mut next = 0;
        let id = || {
            next += 1;
            format!("id{next}")
        };
        UrlSubscriptions::parse(query, id).expect("valid")
    }

    #[test]
    fn channels_with_the_same_slot_share_a_subscription() {
        let all = "{\"method\":\"select\",\"values\":[\"*\"]}";
        let url = parse(&format!(
            "project=P&channels[]=presences&channels[]=account&presences[0][]={all}&account[0][]={all}&teams[1][]={all}"
        ));
        assert_eq!(url.rows.len(), 1);
        assert_eq!(url.rows[0].1.channels, ["presences", "account"]);
        assert_eq!(url.slots(), json!(["id1"]));
    }

    #[test]
    fn slots_that_do_not_count_from_0_are_named() {
        let url = parse("channels[]=presences&presences[1][]={\"method\":\"isNull\",\"attribute\":\"a\"}");
        assert_eq!(url.slots(), json!({"1": "id1"}));
    }

    #[test]
    fn the_id_of_the_last_event_beats_the_url_and_an_unknown_one_is_not_taken_for_none() {
        let mut url = parse("channels[]=presences&resume=e.1");
        assert_eq!(url.resume, Some(("e".to_owned(), 1)));
        url.resume_from("f.7");
        assert_eq!(url.resume, Some(("f".to_owned(), 7)));
        url.resume_from("junk");
        assert_eq!(url.resume, Some((String::new(), 0)));
    }

    #[test]
    fn without_queries_everything_is_heard_and_without_channels_nothing_is_asked() {
        let url = parse("project=P&channels%5B%5D=presences.a&channels[]=project");
        assert!(url.rows[0].1.queries.is_everything());
        assert_eq!(url.rows[0].1.channels, ["presences.a", "project"]);
        assert!(parse("project=P").rows.is_empty());
        assert_eq!(parse("project=P").slots(), json!([]));
    }
}
