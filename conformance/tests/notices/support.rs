//! What the tests of notices share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Server, Socket};
use serde_json::Value;

/// Longer than anything takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A socket of this session that listens to these channels.
pub(crate) async fn listening(server: &Server, token: &str, channels: &[&str]) -> Result<Socket> {
    let mut socket = server.connect_as(token).await?;
    socket.subscribe("s", channels).await?;
    Ok(socket)
}

/// The next event; its `data`.
pub(crate) async fn heard(socket: &mut Socket) -> Result<Value> {
    let mut frame = socket.wait_for(|frame| frame["type"] == "event", PATIENCE).await?;
    let data = frame["data"].take();
    let keys: Vec<&str> = data.as_object().context("an object")?.keys().map(String::as_str).collect();
    ensure!(keys == ["events", "channels", "timestamp", "payload", "subscriptions"], "{keys:?}");
    ensure!(data["subscriptions"] == serde_json::json!(["s"]), "{data}");
    no_secret(&data["payload"])?;
    Ok(data)
}

/// The next event, which must be named so first.
pub(crate) async fn heard_of(socket: &mut Socket, event: &str) -> Result<Value> {
    let data = heard(socket).await?;
    ensure!(texts(&data["events"]).contains(&event), "{event} expected: {data}");
    Ok(data)
}

/// Nothing that proves who somebody is may travel with an event.
fn no_secret(payload: &Value) -> Result<()> {
    for key in ["secret", "password", "hash", "hashOptions", "passwordHash", "secretHash"] {
        let value = &payload[key];
        ensure!(value.is_null() || value == "", "{key} shows: {payload}");
    }
    Ok(())
}

/// The texts of a list.
pub(crate) fn texts(list: &Value) -> Vec<&str> {
    list.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str).collect()
}
