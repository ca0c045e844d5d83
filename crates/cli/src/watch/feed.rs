//! The stream of a server as updates: opened, read, and opened again with growing pauses. Knows nothing of terminals.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    sync::mpsc::Sender,
    time::timeout,
};

use super::{Source, sse::Parser};

/// The server has so long to answer.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// A stream that says nothing for so long is dead: it should have said twice that it is alive.
const SILENCE: Duration = Duration::from_secs(50);
/// Longest text of a refusal, in bytes.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;
/// Longest pause before another try.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// What the feed tells.
#[derive(Debug)]
pub(crate) enum Update {
    /// A stream has begun.
    Connected,
    /// The `data` of an event.
    Event(Value),
    /// It was lost, for this reason; it is tried again after this pause.
    Lost(String, Duration),
    /// There is no sense in trying again.
    Refused(String),
    /// The process was told to stop.
    Stop,
}

enum Ended {
    Refused(String),
    Lost(anyhow::Error),
    NobodyListens,
}

/// Feeds until nobody listens, the server refuses for good, or the process is told to stop.
pub(super) async fn run(source: Source, updates: Sender<Update>) {
    let told = updates.clone();
    tokio::select! {
        () = feed(source, updates) => {}
        () = told_to_stop() => drop(told.send(Update::Stop).await),
    }
}

async fn told_to_stop() {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

async fn feed(source: Source, updates: Sender<Update>) {
    let (mut parser, mut tries) = (Parser::default(), 0);
    loop {
        let update = match once(&source, &mut parser, &mut tries, &updates).await {
            Ended::NobodyListens => return,
            Ended::Refused(text) => Update::Refused(text),
            Ended::Lost(error) => Update::Lost(format!("{error:#}"), pause(tries)),
        };
        tries = tries.saturating_add(1);
        let again = if let Update::Lost(_, pause) = &update { Some(*pause) } else { None };
        if updates.send(update).await.is_err() {
            return;
        }
        match again {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return,
        }
    }
}

/// How long to wait before the next try, after so many in vain.
fn pause(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.min(5)).min(MAX_PAUSE)
}

async fn once(source: &Source, parser: &mut Parser, tries: &mut u32, updates: &Sender<Update>) -> Ended {
    parser.restart();
    let opened = timeout(ANSWER_PATIENCE, open(source, parser.last_id.as_deref())).await;
    let mut body = match opened.unwrap_or_else(|_| Err(Ended::Lost(anyhow!("no answer")))) {
        Ok(body) => body,
        Err(ended) => return ended,
    };
    if updates.send(Update::Connected).await.is_err() {
        return Ended::NobodyListens;
    }
    *tries = 0;
    loop {
        let bytes = match timeout(SILENCE, body.frame()).await {
            Err(_) => return Ended::Lost(anyhow!("silence")),
            Ok(None) => return Ended::Lost(anyhow!("the server ended the stream")),
            Ok(Some(Err(error))) => return Ended::Lost(error.into()),
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        };
        let messages = match parser.take(&bytes) {
            Ok(messages) => messages,
            Err(error) => return Ended::Lost(error),
        };
        for mut message in messages {
            let mut data = message["data"].take();
            match message["type"].as_str() {
                Some("event") if updates.send(Update::Event(data.take())).await.is_err() => {
                    return Ended::NobodyListens;
                }
                Some("error") => return Ended::Lost(anyhow!("{}", data["message"].as_str().unwrap_or("an error"))),
                _ => {}
            }
        }
    }
}

async fn open(source: &Source, last_id: Option<&str>) -> Result<Incoming, Ended> {
    let response = request(source, last_id).await.map_err(Ended::Lost)?;
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response.into_body());
    }
    let text = Limited::new(response.into_body(), MAX_REFUSAL_BYTES).collect().await;
    let text = text.map(|text| text.to_bytes()).unwrap_or_default();
    let body: Value = serde_json::from_slice(&text).unwrap_or_default();
    let text = format!("{status}: {}", body["message"].as_str().unwrap_or("the server says no more"));
    let later = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
    Err(if later { Ended::Lost(anyhow!(text)) } else { Ended::Refused(text) })
}

async fn request(source: &Source, last_id: Option<&str>) -> Result<http::Response<Incoming>> {
    let stream = TcpStream::connect((source.host.as_str(), source.port)).await.context("cannot connect")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    spawn(async move {
        // What goes wrong here reaches the reader of the body.
        drop(connection.await);
    });
    let mut request = Request::get(&source.path)
        .header("host", &source.authority)
        .header("accept", "text/event-stream")
        .header("x-appwrite-project", &source.project)
        .header("x-appwrite-key", &source.key);
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    let request = request.body(Empty::<Bytes>::new()).context("the project or the key cannot stand in a header")?;
    Ok(sender.send_request(request).await?)
}

#[expect(clippy::disallowed_methods, reason = "the command line has no tasks that a stop waits for")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        assert_eq!([0, 1, 2, 4, 5, 1000].map(|tries| pause(tries).as_secs()), [1, 2, 4, 16, 30, 30]);
    }
}
