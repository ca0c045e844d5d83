//! What the server answered, as it came.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::Cookie;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status line's code.
    pub status: StatusCode,
    /// All headers, repeated ones included.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// When the body is not JSON; the error shows status and body.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.describe()))
    }

    /// The body as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the `Set-Cookie` headers set, in their order; those that name nothing are left out.
    #[must_use]
    pub fn cookies(&self) -> Vec<Cookie> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.filter_map(|line| Cookie::parse(line.to_str().ok()?)).collect()
    }

    /// This answer, where its status is `code`.
    ///
    /// # Errors
    /// When the status is another one; the error shows it and the body.
    pub fn expect_status(self, code: u16) -> Result<Self> {
        ensure!(self.status == code, "expected status {code}, not {}", self.describe());
        Ok(self)
    }

    /// The `type` of an error body, such as `presence_not_found`.
    ///
    /// # Errors
    /// When the body is no error body.
    pub fn error_type(&self) -> Result<String> {
        let body = self.json()?;
        Ok(body["type"].as_str().with_context(|| format!("no error type: {}", self.describe()))?.to_owned())
    }

    fn describe(&self) -> String {
        format!("{}: {}", self.status, self.text())
    }
}
