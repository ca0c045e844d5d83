//! Readers that follow the presences by a snapshot and what comes after it, through every restart.

use std::time::Duration;

use herenow_conformance::mirror::{Mirror, is_snapshot};
use herenow_testkit::{Received, Server, SignedIn, Socket, timestamp_after, unique_id};
use serde_json::{Value, json};

use crate::{SOON, Way, whole_list};

/// Somebody who follows.
pub(crate) struct Reader {
    person: SignedIn,
    socket: Option<Socket>,
    mirror: Mirror,
}

impl Reader {
    pub(crate) async fn new(server: &Server) -> Self {
        let person = server.new_user("Reader").await.expect("a user");
        Self { person, socket: None, mirror: Mirror::default() }
    }

    /// Comes back: takes up the whole state, as a client does after every reconnect.
    pub(crate) async fn follow(&mut self, server: &Server) {
        let mut socket = server.connect_as(&self.person.token).await.expect("a socket");
        socket.subscribe("s", &["presences", "snapshot.presences"]).await.expect("a subscription");
        let is_end = |frame: &Value| frame["data"]["events"] == json!(["presences.snapshot.end"]);
        let frames = socket.collect_until(is_end, SOON).await.expect("a whole snapshot");
        let mut mirror = Mirror::default();
        for frame in &frames {
            assert!(is_snapshot(frame) || is_end(frame), "a change among the pages: {frame}");
            mirror.hear(frame);
        }
        mirror.seq = frames.last().and_then(|end| end["data"]["seq"].as_u64()).expect("a number");
        (self.socket, self.mirror) = (Some(socket), mirror);
    }

    /// Reads on until the server ends the connection, and holds that an orderly stop says so.
    pub(crate) async fn read_on(mut self, way: Way) -> Self {
        let mut socket = self.socket.take().expect("it follows");
        loop {
            match socket.receive(SOON).await.expect("an end") {
                Received::Close(close) => {
                    assert_eq!((way, close.code), (Way::Stopped, Some(1012)));
                    return self;
                }
                Received::End(_) => {
                    assert_eq!(way, Way::Killed);
                    return self;
                }
                Received::Text(message) => self.mirror.hear(&message.json().expect("JSON")),
                _ => {}
            }
        }
    }

    /// Holds that what it heard is what is there.
    pub(crate) async fn agrees(&mut self, server: &Server) {
        let (word, key) = (unique_id(), server.as_key());
        let user = server.create_user("Last").await.expect("a user");
        let body = json!({"userId": user, "status": word, "permissions": ["read(\"any\")"]});
        key.put(&format!("/v1/presences/{word}"), &body).await.expect("an answer").expect_status(200).expect("written");
        let list = whole_list(&key).await;
        let socket = self.socket.as_mut().expect("it follows");
        let is_last = |frame: &Value| frame["data"]["payload"]["status"] == word.as_str();
        for frame in socket.collect_until(is_last, SOON).await.expect("the last word") {
            self.mirror.hear(&frame);
        }
        // What is about to expire may be gone from the list a moment before its delete is heard.
        let soon = timestamp_after(Duration::from_secs(5));
        let lasting = |mirror: &Mirror| {
            let lasts = |record: &Value| record["expiresAt"].as_str().is_some_and(|at| at[..19] > soon[..19]);
            mirror.records().clone().into_iter().filter(|(_, record)| lasts(record)).collect::<Vec<_>>()
        };
        assert_eq!(lasting(&self.mirror), lasting(&list));
        key.delete(&format!("/v1/presences/{word}")).await.expect("an answer").expect_status(204).expect("it is gone");
    }
}
