//! HTTP/1.1 by hand, so that a recorded request goes out as recorded: header names in their case, empty headers, a
//! bare `?`, any body on any method. One connection a request.

use std::{fmt::Write, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// No answer may take longer.
const DEADLINE: Duration = Duration::from_secs(30);

/// A request as it goes out, but for `Host` and `Content-Length`.
#[derive(Debug, Clone, Default)]
pub struct RawRequest {
    /// Such as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body; none: no `Content-Length` either.
    pub body: Option<Vec<u8>>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The status line's code.
    pub status: u16,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl RawRequest {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    /// When there is no whole answer within 30 s.
    pub async fn send(&self, address: SocketAddr) -> Result<RawResponse> {
        let what = || format!("{} {}", self.method, self.target);
        timeout(DEADLINE, self.exchange(address))
            .await
            .with_context(|| format!("{}: no answer within {DEADLINE:?}", what()))?
            .with_context(what)
    }

    async fn exchange(&self, address: SocketAddr) -> Result<RawResponse> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {address}\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        if let Some(body) = &self.body {
            write!(head, "Content-Length: {}\r\n", body.len())?;
        }
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(format!("{head}\r\n").as_bytes()).await?;
        stream.write_all(self.body.as_deref().unwrap_or_default()).await?;
        read(&mut stream).await
    }
}

async fn read(stream: &mut TcpStream) -> Result<RawResponse> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the connection ended within the head");
    };
    let mut response = parse(std::str::from_utf8(&bytes[..end])?)?;
    let length = response.header("content-length").map_or(Ok(0), str::parse::<usize>)?;
    ensure!(response.header("transfer-encoding").is_none(), "a chunked answer");
    while bytes.len() < end + length {
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the connection ended within the body");
    }
    response.body = bytes.split_off(end);
    Ok(response)
}

fn parse(head: &str) -> Result<RawResponse> {
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
    let split =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let headers =
        lines.map(|line| split(line).with_context(|| format!("header line {line:?}"))).collect::<Result<_>>()?;
    Ok(RawResponse { status, headers, body: Vec::new() })
}

impl RawResponse {
    /// The first header of this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, which it must say it is.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json(&self) -> Result<Value> {
        let kind = self.header("content-type").unwrap_or_default();
        ensure!(kind.contains("application/json"), "content-type {kind:?}: SDKs read no JSON from it");
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }
}
