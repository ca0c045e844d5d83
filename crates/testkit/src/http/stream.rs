//! A client of server-sent events that hides nothing: ids, comments, the end.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::timeout;

use super::Response;
use crate::tasks::Task;

/// A stream that was opened.
#[derive(Debug)]
pub struct EventStream {
    /// The head of the answer; its body is empty.
    pub head: Response,
    /// The last id that the server gave: what a client comes back with.
    pub last_id: Option<String>,
    body: Incoming,
    unread: Vec<u8>,
    _driver: Task,
}

/// What came off a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Streamed {
    /// A message, with the id that it itself has.
    Message {
        /// Its own id.
        id: Option<String>,
        /// Its JSON.
        data: Value,
    },
    /// The stream has ended as it should.
    End,
    /// The connection was lost in the middle.
    Lost,
}

impl EventStream {
    pub(super) fn new(head: Response, body: Incoming, driver: Task) -> Self {
        Self { head, last_id: None, body, unread: Vec::new(), _driver: driver }
    }

    /// The next message, or how the stream ended.
    ///
    /// # Errors
    /// When nothing comes in time, or what comes is no stream of JSON.
    pub async fn next(&mut self, within: Duration) -> Result<Streamed> {
        timeout(within, self.read()).await.with_context(|| format!("nothing came within {within:?}"))?
    }

    /// The next event whose names include `name`: its `data`, with what was in between passed over.
    ///
    /// # Errors
    /// When the stream ends before, or none comes in time.
    pub async fn event(&mut self, name: &str, within: Duration) -> Result<Value> {
        let looking = async {
            loop {
                match self.read().await? {
                    Streamed::Message { data, .. } if has_name(&data, name) => return Ok(data["data"].clone()),
                    Streamed::Message { .. } => {}
                    end => bail!("{end:?} came before {name}"),
                }
            }
        };
        timeout(within, looking).await.with_context(|| format!("no {name} within {within:?}"))?
    }

    /// Reads up to the end: the messages before it, and how it ended.
    ///
    /// # Errors
    /// When the stream goes on.
    pub async fn rest(&mut self, within: Duration) -> Result<(Vec<Value>, Streamed)> {
        let reading = async {
            let mut messages = Vec::new();
            loop {
                match self.read().await? {
                    Streamed::Message { data, .. } => messages.push(data),
                    end => return Ok((messages, end)),
                }
            }
        };
        timeout(within, reading).await.with_context(|| format!("the stream goes on after {within:?}"))?
    }

    async fn read(&mut self) -> Result<Streamed> {
        loop {
            while let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                if let Some(message) = self.take(std::str::from_utf8(&block)?)? {
                    return Ok(message);
                }
            }
            match self.body.frame().await {
                Some(Ok(frame)) => self.unread.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(_)) => return Ok(Streamed::Lost),
                None => return Ok(Streamed::End),
            }
        }
    }

    fn take(&mut self, block: &str) -> Result<Option<Streamed>> {
        let (mut id, mut data) = (None, None);
        for line in block.lines() {
            match line.split_once(": ").unwrap_or((line, "")) {
                ("id", value) => id = Some(value.to_owned()),
                ("data", value) => data = Some(serde_json::from_str(value).with_context(|| value.to_owned())?),
                ("retry" | ":" | "", _) => {}
                _ => bail!("an unknown field: {line}"),
            }
        }
        if id.is_some() {
            self.last_id.clone_from(&id);
        }
        Ok(data.map(|data| Streamed::Message { id, data }))
    }
}

fn has_name(message: &Value, name: &str) -> bool {
    message["data"]["events"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
}
