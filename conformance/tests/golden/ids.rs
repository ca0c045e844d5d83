//! The group about ids, labels and statuses.

use anyhow::{Context, Result, bail, ensure};
use herenow_core::{
    Timestamp, UserId,
    id::{UNIQUE, generate, is_label, is_project_id},
    presence::MAX_STATUS_CHARS,
};
use herenow_server::http::params::{parsed, text};
use serde_json::Value;

use super::body;

pub(crate) fn check(input: &Value, expected: &Value) -> Result<()> {
    let now = Timestamp::from_millis(1_785_578_400_123);
    if input["generate"] == "unique" {
        let id = generate(now, 0x0123_4567_89ab_cdef);
        let hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        ensure!(id.len() == 20 && hex, "{id}");
        ensure!(expected["regex"] == "^[0-9a-f]{20}$", "the case asks for something else");
        return Ok(());
    }
    let params = body("value", &input["value"])?;
    let plain = || input["value"].as_str().context("a text");
    let valid = match input["validator"].as_str() {
        Some("uid") => params.required("value", parsed(UserId::parse)).is_ok(),
        Some("customId") => params.required("value", parsed(|id| UserId::parse_custom(id, now, 7))).is_ok(),
        Some("projectId") => plain()? == UNIQUE || is_project_id(plain()?),
        Some("label") => is_label(plain()?),
        Some("presenceStatus") => params.required("value", text(1, MAX_STATUS_CHARS)).is_ok(),
        other => bail!("nobody checks the validator {other:?}"),
    };
    ensure!(expected["valid"] == valid, "valid: {valid}");
    Ok(())
}
