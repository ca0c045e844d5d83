//! The group about `expiresAt`: what is accepted, and what becomes of a record whose time has come.

use anyhow::{Result, bail, ensure};
use herenow_core::{
    Rejection, Timestamp, Tracker, Viewer,
    tracker::{Command, SOCKET_EXPIRY},
};
use herenow_server::{failure::Failure, http::params::future};
use serde_json::Value;

use super::{
    body,
    records::{apply, presence_id, seen, time, update, upsert},
    refusal,
};

pub(crate) fn check(input: &Value, expected: &Value) -> Result<()> {
    let now = time(&input["now"])?;
    if input.get("operation").is_some() { after_the_end(input, expected, now) } else { accepted(input, expected, now) }
}

fn accepted(input: &Value, expected: &Value, now: Timestamp) -> Result<()> {
    let params = body("expiresAt", &input["expiresAt"])?;
    let outcome = params.optional("expiresAt", future(now, SOCKET_EXPIRY));
    let Some(expires_at) = refusal(outcome, expected["accepted"] == true, expected)? else { return Ok(()) };
    let mut tracker = Tracker::default();
    let mut write = upsert("p", "u");
    write.expires_at = expires_at;
    apply(&mut tracker, &Command::Upsert(write), now)?;
    let shown = seen(&tracker, "p", now)?.state.expires_at;
    ensure!(expected["response"] == shown.to_string(), "{shown}");
    Ok(())
}

fn after_the_end(input: &Value, expected: &Value, now: Timestamp) -> Result<()> {
    let stored = time(&input["storedExpiresAt"])?;
    let mut tracker = Tracker::default();
    let mut write = upsert("p", "u");
    write.expires_at = Some(stored);
    let written_at = Timestamp::from_millis(stored.millis() - 60_000);
    apply(&mut tracker, &Command::Upsert(write), written_at)?;
    let outcome: Result<(), Rejection> = match input["operation"].as_str() {
        Some("get") => seen(&tracker, "p", now).map(drop),
        Some("update") => {
            let mut change = update("p");
            change.status = Some("away".into());
            apply(&mut tracker, &Command::Update(change), now).map(drop)
        }
        Some("delete") => {
            let end = Command::Delete { id: presence_id("p"), viewer: Viewer::Privileged };
            apply(&mut tracker, &end, now).map(drop)
        }
        Some("upsert") => {
            apply(&mut tracker, &Command::Upsert(upsert("q", "u")), now)?;
            let same = seen(&tracker, "q", now).is_err();
            ensure!(expected["sameId"] == same, "the record of the write before lives on");
            Ok(())
        }
        other => bail!("nobody checks the operation {other:?}"),
    };
    refusal(outcome.map_err(Failure::from), expected["http"] == 200, expected).map(drop)
}
