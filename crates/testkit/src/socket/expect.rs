//! Waiting for frames of the realtime protocol. Every wait has a deadline, and every error tells what came instead.
//! Control frames are passed over; [`Socket::receive`] shows them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Close, Received, Socket};

/// For answers to what a helper sends itself.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);

impl Socket {
    /// The next message as JSON.
    ///
    /// # Errors
    /// When none comes in time, or it is not JSON, or the connection ends first.
    pub async fn expect_json(&mut self, within: Duration) -> Result<Value> {
        self.collect_until(|_| true, within).await?.pop().context("a wait that succeeds has a frame")
    }

    /// The next message, which must be of this `type`; returns its `data`.
    ///
    /// # Errors
    /// When another message comes, or none.
    pub async fn expect_type(&mut self, kind: &str, within: Duration) -> Result<Value> {
        let mut frame = self.expect_json(within).await?;
        ensure!(frame["type"] == kind, "expected a frame of type {kind}, not {frame}");
        Ok(frame["data"].take())
    }

    /// The greeting that opens every connection; returns its `data`.
    ///
    /// # Errors
    /// When another message comes, or none.
    pub async fn expect_connected(&mut self, within: Duration) -> Result<Value> {
        self.expect_type("connected", within).await
    }

    /// The first message that `matches`, passing over others.
    ///
    /// # Errors
    /// When none comes in time, or the connection ends first.
    pub async fn wait_for(&mut self, matches: impl FnMut(&Value) -> bool, within: Duration) -> Result<Value> {
        self.collect_until(matches, within).await?.pop().context("a wait that succeeds has a frame")
    }

    /// All messages up to the first that `matches`, that one included.
    ///
    /// # Errors
    /// When none matches in time, or the connection ends first.
    pub async fn collect_until(
        &mut self,
        mut matches: impl FnMut(&Value) -> bool,
        within: Duration,
    ) -> Result<Vec<Value>> {
        let mut frames = Vec::new();
        let collecting = async {
            loop {
                match self.receive(within).await? {
                    Received::Text(message) => frames.push(message.json()?),
                    Received::Ping(_) | Received::Pong(_) => continue,
                    other => bail!("{other:?}"),
                }
                if frames.last().is_some_and(&mut matches) {
                    return Ok(());
                }
            }
        };
        let outcome = match timeout(within, collecting).await {
            Ok(outcome) => outcome,
            Err(_) => Err(anyhow::anyhow!("not within {within:?}")),
        };
        outcome.with_context(|| format!("no such message; before came: {}", listed(&frames)))?;
        Ok(frames)
    }

    /// Fails if a message that is `unwanted` comes before the first that is the `fence`. To show that a change was
    /// not announced, make a later one that must be, and take its event as the fence: changes keep their order.
    ///
    /// # Errors
    /// When an unwanted message comes, or the fence does not in time.
    pub async fn expect_none_until(
        &mut self,
        mut unwanted: impl FnMut(&Value) -> bool,
        fence: impl FnMut(&Value) -> bool,
        within: Duration,
    ) -> Result<()> {
        let frames = self.collect_until(fence, within).await?;
        match frames.iter().find(|frame| unwanted(frame)) {
            Some(frame) => bail!("an unwanted message: {frame}"),
            None => Ok(()),
        }
    }

    /// Sends `{"type":"ping"}` and returns the messages that come before its `pong`. It shows that the server has
    /// dealt with all earlier messages of this socket; of a change made elsewhere whose event may still be on its
    /// way here it shows nothing: see [`expect_none_until`](Self::expect_none_until).
    ///
    /// # Errors
    /// When no `pong` comes in time.
    pub async fn fence(&mut self, within: Duration) -> Result<Vec<Value>> {
        self.send_json(&json!({"type": "ping"})).await?;
        let mut frames = self.collect_until(|frame| frame["type"] == "pong", within).await?;
        frames.pop();
        Ok(frames)
    }

    /// The close frame, passing over messages before it.
    ///
    /// # Errors
    /// When none comes in time, or the connection ends without one.
    pub async fn wait_for_close(&mut self, within: Duration) -> Result<Close> {
        let waiting = async {
            loop {
                match self.receive(within).await? {
                    Received::Close(close) => return Ok(close),
                    Received::End(ending) => bail!("the connection ended without a close frame: {ending:?}"),
                    _ => {}
                }
            }
        };
        timeout(within, waiting).await.with_context(|| format!("no close frame within {within:?}"))?
    }

    /// Subscribes to channels under an id of the client's; returns the answer's `data`. Events that come before the
    /// answer belong to older subscriptions and are passed over.
    ///
    /// # Errors
    /// When the server answers with an error or not at all.
    pub async fn subscribe(&mut self, subscription_id: &str, channels: &[&str]) -> Result<Value> {
        let row = json!({"subscriptionId": subscription_id, "channels": channels});
        self.request(&json!({"type": "subscribe", "data": [row]})).await
    }

    /// Sends a message and waits for its `response`; returns that one's `data`. Events before it are passed over.
    ///
    /// # Errors
    /// When the server answers with an error or not at all.
    pub async fn request(&mut self, message: &Value) -> Result<Value> {
        self.send_json(message).await?;
        let is_answer = |frame: &Value| match frame["type"].as_str() {
            Some("error") => true,
            Some("response") => frame["data"]["to"] == message["type"],
            _ => false,
        };
        let mut answer = self.wait_for(is_answer, ANSWER_DEADLINE).await?;
        ensure!(answer["type"] == "response", "{message} was answered with {answer}");
        Ok(answer["data"].take())
    }
}

fn listed(frames: &[Value]) -> String {
    if frames.is_empty() {
        return "nothing".to_owned();
    }
    frames.iter().map(|frame| format!("\n  {frame}")).collect()
}
