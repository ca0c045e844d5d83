//! Each change as a line, for logs and scripts. What happens to the connection is said on standard error.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use super::{
    feed::Update,
    model::{Meaning, cell},
};

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people and grep.
    Plain,
    /// One JSON value.
    Json,
}

/// Prints until told to stop, or nobody reads.
pub(super) fn run(mut updates: Receiver<Update>, form: Form) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    while let Some(update) = updates.blocking_recv() {
        match update {
            Update::Connected => {}
            Update::Stop => return Ok(()),
            Update::Refused(text) => bail!("{}", cell(&text)),
            Update::Lost(reason, pause) => {
                eprintln!("herenow: {}; trying again in {} s", cell(&reason), pause.as_secs());
            }
            Update::Event(event) => {
                let mut written = writeln!(out, "{}", line(&event, form));
                if updates.is_empty() {
                    written = written.and_then(|()| out.flush());
                }
                match written {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                    written => written.context("cannot write to standard output")?,
                }
            }
        }
    }
    Ok(())
}

fn line(event: &Value, form: Form) -> String {
    let (meaning, payload) = (Meaning::of(event), &event["payload"]);
    if form == Form::Json {
        let what = if meaning == Meaning::SnapshotEnd { "snapshot" } else { "presence" };
        return json!({"event": meaning.word(), "at": event["timestamp"], "seq": event["seq"], what: payload})
            .to_string();
    }
    let text = |value: &Value| cell(value.as_str().unwrap_or_default());
    let at = text(&event["timestamp"]);
    if meaning == Meaning::SnapshotEnd {
        return format!("{at} {} {} present", meaning.word(), payload["total"]);
    }
    let (id, user, status) = (text(&payload["$id"]), text(&payload["userId"]), text(&payload["status"]));
    format!("{at} {} {id} user={user} status={status}", meaning.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(names: &[&str], payload: &Value) -> Value {
        json!({"events": names, "timestamp": "T", "seq": 7, "payload": payload})
    }

    #[test]
    fn a_line_says_what_happened_to_whom() {
        let payload = json!({"$id": "a", "userId": "u", "status": "on\nline"});
        let upsert = event(&["presences.a.upsert", "presences.*.upsert"], &payload);
        assert_eq!(line(&upsert, Form::Plain), "T upsert a user=u status=on\u{fffd}line");
        assert_eq!(
            line(&upsert, Form::Json),
            json!({"event": "upsert", "at": "T", "seq": 7, "presence": payload}).to_string()
        );
        let end = event(&["presences.snapshot.end"], &json!({"total": 2}));
        assert_eq!(line(&end, Form::Plain), "T snapshot 2 present");
        assert!(line(&end, Form::Json).contains(r#""snapshot":{"total":2}"#));
    }
}
