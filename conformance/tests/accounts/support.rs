//! What the tests of accounts share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response, Server, ServerOptions, SignedIn, unique_id};
use serde_json::{Value, json};

/// For what must happen at once, on a machine that is busy.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A server with one project and its key.
pub(crate) async fn server() -> Result<Server> {
    Server::start(ServerOptions::new()).await
}

/// Somebody with an email and a password.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Person {
    /// Nobody has met them yet.
    pub(crate) fn new() -> Self {
        let id = unique_id();
        Self { email: format!("{id}@example.com"), password: unique_id(), id }
    }

    /// Somebody who has signed up.
    pub(crate) async fn signed_up(server: &Server) -> Result<Self> {
        let person = Self::new();
        server.guest().post("/v1/account", &person.account()).await?.expect_status(201)?;
        Ok(person)
    }

    pub(crate) fn account(&self) -> Value {
        json!({"userId": self.id, "email": self.email, "password": self.password, "name": "Ada"})
    }

    pub(crate) fn credentials(&self) -> Value {
        json!({"email": self.email, "password": self.password})
    }

    /// Signs in as an app does.
    pub(crate) async fn sign_in(&self, server: &Server) -> Result<SignedIn> {
        let response = sign_in(&server.guest(), &self.credentials()).await?.expect_status(201)?;
        let session_id = text(&response.json()?, "$id")?;
        Ok(SignedIn { user_id: self.id.clone(), session_id, token: server.session_token(&response)? })
    }
}

/// Signs in by email.
pub(crate) async fn sign_in(client: &Http, credentials: &Value) -> Result<Response> {
    client.post("/v1/account/sessions/email", credentials).await
}

/// A caller of the operators' project.
pub(crate) fn console(server: &Server) -> Http {
    Http::new(server.address()).with_header("X-Appwrite-Project", "console")
}

/// A text under this key.
pub(crate) fn text(model: &Value, key: &str) -> Result<String> {
    Ok(model[key].as_str().with_context(|| format!("no text {key:?} in {model}"))?.to_owned())
}

/// Checks that the answer is this error.
pub(crate) fn refused(response: &Response, status: u16, kind: &str) -> Result<()> {
    let body = response.text();
    ensure!(response.status == status, "expected {status} {kind}, not {}: {body}", response.status);
    ensure!(response.error_type()? == kind, "expected {kind}, not {body}");
    Ok(())
}

/// Checks that the answer is a 204 that every SDK can read.
pub(crate) fn done(response: &Response) -> Result<()> {
    ensure!(response.status == 204 && response.body.is_empty(), "{}: {}", response.status, response.text());
    ensure!(response.header("content-type") == Some("text/plain; charset=UTF-8"), "{:?}", response.headers);
    Ok(())
}

/// Checks that nobody is signed in by this token.
pub(crate) async fn signed_out(server: &Server, token: &str) -> Result<()> {
    refused(&server.as_session(token).get("/v1/account").await?, 401, "general_unauthorized_scope")
}

/// Checks that somebody is signed in by this token.
pub(crate) async fn signed_in(server: &Server, token: &str) -> Result<()> {
    server.as_session(token).get("/v1/account").await?.expect_status(200).map(drop)
}
