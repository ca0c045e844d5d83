//! A server with a caller by key, and the short words that tests of presences say over and over.

use std::time::Duration;

use herenow_testkit::{Http, Response, Server, ServerOptions, SignedIn, Socket};
use serde_json::{Value, json};

/// For whatever must come at once, on a busy machine.
pub const SOON: Duration = Duration::from_secs(10);

/// A server of one test.
#[derive(Debug)]
pub struct Desk {
    /// The server.
    pub server: Server,
    /// A caller with the project's key.
    pub key: Http,
}

impl Desk {
    /// Starts a server with nothing special about it.
    ///
    /// # Panics
    /// When it does not start; here and below, what goes wrong ends the test.
    pub async fn open() -> Self {
        Self::with(ServerOptions::new()).await
    }

    /// Starts a server with these options.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(options: ServerOptions) -> Self {
        let server = Server::start(options).await.expect("the server starts");
        Self { key: server.as_key(), server }
    }

    /// A new user who has not signed in.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn user(&self) -> String {
        self.server.create_user("Somebody").await.expect("a user")
    }

    /// A new user with a session.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn person(&self) -> SignedIn {
        self.server.new_user("Somebody").await.expect("a user with a session")
    }

    /// A socket of this user, past its `connected`, that listens to all presences under the id `s`.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn listener(&self, person: &SignedIn) -> Socket {
        let mut socket = self.socket(person).await;
        socket.subscribe("s", &["presences"]).await.expect("a subscription");
        socket
    }

    /// A socket of this user, past its `connected`.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn socket(&self, person: &SignedIn) -> Socket {
        self.server.connect_as(&person.token).await.expect("a socket")
    }

    /// A caller with this user's session.
    #[must_use]
    pub fn session(&self, person: &SignedIn) -> Http {
        self.server.as_session(&person.token)
    }

    /// Writes a user's presence by key; `fields` add to, or replace, status `online`.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn try_put(&self, id: &str, user: &str, fields: &Value) -> Response {
        let mut body = json!({"userId": user, "status": "online"});
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        self.key.put(&path(id), &body).await.expect("an answer")
    }

    /// Writes a user's presence by key, and returns it.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn put(&self, id: &str, user: &str, fields: &Value) -> Value {
        accepted(self.try_put(id, user, fields).await)
    }

    /// Changes a presence by key, and returns it.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn patch(&self, id: &str, fields: &Value) -> Value {
        accepted(self.key.patch(&path(id), fields).await.expect("an answer"))
    }

    /// Ends a presence by key.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn delete(&self, id: &str) {
        self.key.delete(&path(id)).await.expect("an answer").expect_status(204).expect("it is gone");
    }

    /// The presence of this id as the key reads it; none where it is not there.
    ///
    /// # Panics
    /// When the answer is neither 200 nor 404.
    pub async fn get(&self, id: &str) -> Option<Value> {
        let answer = self.key.get(&path(id)).await.expect("an answer");
        (answer.status != 404).then(|| accepted(answer))
    }

    /// The project's last sequence number and its epoch, as a list tells them.
    ///
    /// # Panics
    /// When the list does not tell them.
    pub async fn position(&self) -> (u64, String) {
        let list = self.key.get("/v1/presences?total=false").await.expect("an answer");
        let seq = list.header("x-herenow-seq").and_then(|seq| seq.parse().ok()).expect("a sequence number");
        (seq, list.header("x-herenow-epoch").expect("an epoch").to_owned())
    }
}

/// The path of a presence.
#[must_use]
pub fn path(id: &str) -> String {
    format!("/v1/presences/{id}")
}

/// The body of a 200.
///
/// # Panics
/// When it is something else.
#[track_caller]
pub fn accepted(answer: Response) -> Value {
    answer.expect_status(200).and_then(|answer| answer.json()).expect("it is accepted")
}

/// Checks that an answer is this refusal, in the shape of every error.
///
/// # Panics
/// When it is something else.
#[track_caller]
pub fn refused(answer: &Response, status: u16, kind: &str) {
    let body = answer.json().expect("an error has a JSON body");
    assert_eq!((answer.status.as_u16(), body["type"].as_str()), (status, Some(kind)), "{body}");
    let keys: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["message", "code", "type", "version"]);
    assert_eq!(body["code"], status, "{body}");
    assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
}
