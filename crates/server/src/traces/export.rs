//! Sends what has gathered to the collector, a batch at a time, on one connection after another.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{
    Request,
    header::{CONTENT_TYPE, HOST},
};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::mpsc};

use super::{Span, json};
use crate::{config::OtlpEndpoint, metrics::TraceMetrics};

/// At most so many spans in one request.
const MAX_BATCH: usize = 512;
/// How long spans gather.
const GATHER: Duration = Duration::from_secs(1);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(endpoint: &OtlpEndpoint, metrics: &TraceMetrics, mut waiting: mpsc::Receiver<Span>) {
    let mut batch = Vec::new();
    let mut failing = false;
    while waiting.recv_many(&mut batch, MAX_BATCH).await > 0 {
        let sent = tokio::time::timeout(PATIENCE, send(endpoint, &batch)).await;
        let sent = sent.context("the collector takes too long").and_then(|sent| sent);
        metrics.count(if sent.is_ok() { "exported" } else { "failed" }, batch.len() as u64);
        let failed = sent.is_err();
        match sent {
            Err(error) if !failing => tracing::warn!("spans cannot be sent to the collector: {error:#}"),
            Ok(()) if failing => tracing::info!("spans are sent to the collector again"),
            _ => {}
        }
        failing = failed;
        batch.clear();
        tokio::time::sleep(GATHER).await;
    }
}

async fn send(endpoint: &OtlpEndpoint, batch: &[Span]) -> Result<()> {
    let stream = TcpStream::connect(&endpoint.authority).await.context("it cannot be reached")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(&endpoint.path)
        .header(HOST, &endpoint.authority)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(json::body(batch))))?;
    let answer = async {
        let answer = sender.send_request(request).await?;
        ensure!(answer.status().is_success(), "it answers {}", answer.status());
        anyhow::Ok(())
    };
    tokio::select! {
        answer = answer => answer,
        ended = connection => ended.map_err(Into::into).and_then(|()| anyhow::bail!("it hung up")),
    }
}
