//! A small JSON client over HTTP/1.1, one connection per request. It follows no redirect, keeps no cookie and hides
//! no header, so that a test sees what the server sent.

mod cookie;
mod response;
mod stream;

use std::{net::SocketAddr, time::Duration};

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

pub use cookie::Cookie;
pub use response::Response;
pub use stream::{EventStream, Streamed};

use crate::tasks::{Task, spawn};

/// No answer of the server may take longer in a test.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// A client of one server with headers that go with every request, such as credentials.
#[derive(Debug, Clone)]
pub struct Http {
    address: SocketAddr,
    headers: HeaderMap,
}

impl Http {
    /// A client of the server at `address`, without any header of its own.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, headers: HeaderMap::new() }
    }

    /// The same client, sending `name: value` with every request in place of a former value.
    ///
    /// # Panics
    /// When name or value cannot stand in a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = parse_header(name, value);
        self.headers.insert(name, value);
        self
    }

    /// The same client at another address, such as that of a proxy.
    #[must_use]
    pub fn via(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// `GET path`; the path starts with `/` and may carry an encoded query.
    ///
    /// # Errors
    /// When there is no answer. An answer of any status is no error, here and below.
    pub async fn get(&self, path: &str) -> Result<Response> {
        self.request(Method::GET, path).send().await
    }

    /// `POST path` with a JSON body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Response> {
        self.request(Method::POST, path).json(body).send().await
    }

    /// `PUT path` with a JSON body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Response> {
        self.request(Method::PUT, path).json(body).send().await
    }

    /// `PATCH path` with a JSON body.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Response> {
        self.request(Method::PATCH, path).json(body).send().await
    }

    /// `DELETE path` without a body; the SDKs send `{}`, for which see [`request`](Self::request).
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn delete(&self, path: &str) -> Result<Response> {
        self.request(Method::DELETE, path).send().await
    }

    /// A request to be filled in with a query, headers and any bytes as a body.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request {
            address: self.address,
            method,
            target: path.to_owned(),
            headers: self.headers.clone(),
            body: Bytes::new(),
        }
    }
}

/// A request being put together.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until sent"]
pub struct Request {
    address: SocketAddr,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// Adds a query parameter, percent-encoding both parts.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        push_query(&mut self.target, name, value);
        self
    }

    /// Adds a header beside others of the same name.
    ///
    /// # Panics
    /// When name or value cannot stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = parse_header(name, value);
        self.headers.append(name, value);
        self
    }

    /// Sets a JSON body with its content type.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sets the body; the content type is the caller's.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// When the server cannot be reached, or no complete answer comes within 30 s.
    pub async fn send(self) -> Result<Response> {
        let what = format!("{} {}", self.method, self.target);
        timeout(ANSWER_DEADLINE, self.exchange())
            .await
            .with_context(|| format!("{what}: no answer within {ANSWER_DEADLINE:?}"))?
            .with_context(|| format!("{what}: no answer"))
    }

    /// Sends the request and reads no further than the head of the answer: what follows is a stream of events.
    ///
    /// # Errors
    /// When the server cannot be reached, answers with anything but 200, or does not answer within 30 s.
    pub async fn stream(self) -> Result<EventStream> {
        let opening = async {
            let (head, body, driver) = self.header("accept", "text/event-stream").begin().await?;
            let head = Response { status: head.status, headers: head.headers, body: Bytes::new() };
            Ok(EventStream::new(head.expect_status(200)?, body, driver))
        };
        timeout(ANSWER_DEADLINE, opening).await.context("no answer to the request for a stream")?
    }

    async fn exchange(self) -> Result<Response> {
        let (head, body, _driver) = self.begin().await?;
        Ok(Response { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }

    async fn begin(self) -> Result<(::http::response::Parts, Incoming, Task)> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = spawn(async move {
            // What goes wrong here reaches the test as an error of the request.
            let _ = connection.await;
        });
        let mut request = hyper::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().context("the path is no request target")?;
        *request.headers_mut() = self.headers;
        if !request.headers().contains_key(header::HOST) {
            request.headers_mut().insert(header::HOST, HeaderValue::try_from(self.address.to_string())?);
        }
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok((head, body, driver))
    }
}

/// Appends `name=value` to a request target, percent-encoding both.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    let separator = if target.contains('?') { '&' } else { '?' };
    let (name, value) = (utf8_percent_encode(name, NON_ALPHANUMERIC), utf8_percent_encode(value, NON_ALPHANUMERIC));
    target.push_str(&format!("{separator}{name}={value}"));
}

fn parse_header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let name = HeaderName::try_from(name).expect("a test names valid headers");
    let value = HeaderValue::try_from(value).expect("a test gives valid header values");
    (name, value)
}

#[cfg(test)]
mod tests;
