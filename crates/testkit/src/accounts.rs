//! Users and sessions made through the public API, as an app or its backend would.

use anyhow::{Context, Result};
use serde_json::json;

use crate::{Response, Server, unique_id};

/// A user with a session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The user's id.
    pub user_id: String,
    /// The session's id.
    pub session_id: String,
    /// The encoded session token, as header and cookie take it.
    pub token: String,
}

impl Server {
    /// Creates a user with the key; returns the id. The user has no password, which spares the hashing.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn create_user(&self, name: &str) -> Result<String> {
        let id = unique_id();
        let body = json!({"userId": id, "email": email_of(&id), "name": name});
        self.as_key().post("/v1/users", &body).await?.expect_status(201)?;
        Ok(id)
    }

    /// Creates a session of an existing user with the key.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn create_session(&self, user_id: &str) -> Result<SignedIn> {
        let path = format!("/v1/users/{user_id}/sessions");
        let session = self.as_key().post(&path, &json!({})).await?.expect_status(201)?;
        let token = text_field(&session, "secret")?;
        Ok(SignedIn { user_id: user_id.to_owned(), session_id: text_field(&session, "$id")?, token })
    }

    /// Creates a user and a session of it with the key: the quick way to a signed-in user.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn new_user(&self, name: &str) -> Result<SignedIn> {
        let user_id = self.create_user(name).await?;
        self.create_session(&user_id).await
    }

    /// Signs a user up and in as an app does: account, email session, token from the cookie. Hashes a password
    /// twice, so that [`new_user`](Self::new_user) is the quicker way where sign-up is not the subject.
    ///
    /// # Errors
    /// When the server refuses, or sets no session cookie.
    pub async fn sign_up_and_in(&self, name: &str) -> Result<SignedIn> {
        let id = unique_id();
        let (email, password) = (email_of(&id), unique_id());
        let account = json!({"userId": id, "email": email, "password": password, "name": name});
        self.guest().post("/v1/account", &account).await?.expect_status(201)?;
        let credentials = json!({"email": email, "password": password});
        let session = self.guest().post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
        let token = self.session_token(&session)?;
        Ok(SignedIn { user_id: id, session_id: text_field(&session, "$id")?, token })
    }

    /// The session token that an answer sets as a cookie.
    ///
    /// # Errors
    /// When it sets none.
    pub fn session_token(&self, response: &Response) -> Result<String> {
        let name = format!("a_session_{}", self.project());
        let cookie = response.cookies().into_iter().find(|cookie| cookie.name == name);
        Ok(cookie.with_context(|| format!("no cookie {name}: {:?}", response.headers))?.decoded())
    }
}

fn email_of(id: &str) -> String {
    format!("{id}@example.com")
}

fn text_field(response: &Response, field: &str) -> Result<String> {
    let body = response.json()?;
    Ok(body[field].as_str().with_context(|| format!("no text {field:?} in {body}"))?.to_owned())
}
