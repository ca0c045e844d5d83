//! What the tests of limits share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{RateLimits, Response, Server, ServerOptions, await_until, unique_id, unix_millis};
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;
/// A minute, in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// A test takes less than this.
const TEST_MS: i64 = 20_000;

/// A server that counts, with these settings under `[limits]`, early enough in a window for a whole test.
pub(crate) async fn server(limits: &str) -> Result<Server> {
    start(ServerOptions::new().tables(&format!("[limits]\n{limits}"))).await
}

/// The same with any options.
pub(crate) async fn start(options: ServerOptions) -> Result<Server> {
    let server = Server::start(options.rate_limits(RateLimits::On)).await?;
    room_in(HOUR_MS).await?;
    Ok(server)
}

/// Waits until a window of so many milliseconds has room for a whole test.
pub(crate) async fn room_in(window_ms: i64) -> Result<()> {
    let has_room = async || window_ms - unix_millis() % window_ms > TEST_MS;
    await_until("a window that is long enough", Duration::from_secs(30), has_room).await
}

/// What an answer says about its rate: limit, remaining, reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) limit: i64,
    pub(crate) remaining: i64,
    pub(crate) reset: i64,
}

/// What an answer says about its rate; none where it says nothing.
pub(crate) fn told(response: &Response) -> Result<Option<Told>> {
    let header = |name: &str| response.header(name).map(str::parse::<i64>).transpose();
    let all = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"].map(header);
    match all {
        [Ok(Some(limit)), Ok(Some(remaining)), Ok(Some(reset))] => Ok(Some(Told { limit, remaining, reset })),
        [Ok(None), Ok(None), Ok(None)] => Ok(None),
        other => anyhow::bail!("all three or none: {other:?}"),
    }
}

/// Of how many calls the answer says that they remain.
pub(crate) fn remaining(response: &Response) -> Result<i64> {
    Ok(told(response)?.context("the route is limited")?.remaining)
}

/// Checks that the call was one too many.
pub(crate) fn refused(response: &Response) -> Result<()> {
    ensure!(response.status == 429, "{}: {}", response.status, response.text());
    ensure!(response.error_type()? == "general_rate_limit_exceeded", "{}", response.text());
    let told = told(response)?.context("the headers are there")?;
    let wait: i64 = response.header("retry-after").context("when to come again")?.parse()?;
    ensure!(told.remaining == 0 && (1..=told.limit.max(3600)).contains(&wait), "{told:?}, {wait}");
    let left = told.reset - unix_millis() / 1000;
    ensure!((left - 1..=left + 1).contains(&wait), "the window ends in {left} s, not in {wait}");
    Ok(())
}

/// A fresh account, as it is asked for.
pub(crate) fn account() -> Value {
    let id = unique_id();
    json!({"userId": id, "email": format!("{id}@example.com"), "password": "correct horse"})
}
