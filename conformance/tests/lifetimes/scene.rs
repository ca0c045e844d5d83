//! Ada, whose presence is at stake, and somebody who watches.

use std::time::Duration;

use herenow_conformance::{
    desk::{Desk, SOON, accepted, path},
    mirror::action,
};
use herenow_testkit::{Http, ServerOptions, SignedIn, Socket, await_until, unique_id};
use serde_json::{Value, json};

/// Long enough to outlive a test.
pub(crate) const LONG_GRACE: &str = "disconnect_grace = \"60s\"";
/// Short enough to wait for.
pub(crate) const SHORT_GRACE: &str = "disconnect_grace = \"300ms\"";

/// A server, Ada with a session, a watcher who hears all presences, and somebody whose presence serves as a fence.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    pub(crate) ada: SignedIn,
    pub(crate) watching: SignedIn,
    watcher: Socket,
    bell: String,
}

impl Scene {
    pub(crate) async fn open(settings: &str) -> Self {
        Self::with(ServerOptions::new().settings(settings)).await
    }

    pub(crate) async fn with(options: ServerOptions) -> Self {
        let desk = Desk::with(options).await;
        let (ada, watching, bell) = (desk.person().await, desk.person().await, desk.user().await);
        let watcher = desk.listener(&watching).await;
        Self { desk, ada, watching, watcher, bell }
    }

    /// Opens another socket of Ada's session.
    pub(crate) async fn tab(&self) -> Socket {
        self.desk.socket(&self.ada).await
    }

    /// Ada over HTTP.
    pub(crate) fn http(&self) -> Http {
        self.desk.session(&self.ada)
    }

    /// Writes Ada's REST lease; `fields` add to a status that all users may read.
    pub(crate) async fn lease(&self, status: &str, fields: &Value) -> Value {
        let mut body = json!({"status": status, "permissions": ["read(\"users\")"]});
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        accepted(self.http().put(&path(&unique_id()), &body).await.expect("an answer"))
    }

    /// The next event of Ada's presence, or whatever else the watcher hears: what happened, and the record.
    pub(crate) async fn news(&mut self) -> (String, Value) {
        let frame = self.watcher.wait_for(|frame| frame["type"] == "event", SOON).await.expect("an event");
        (action(&frame).expect("an event of a presence").to_owned(), frame["data"]["payload"].clone())
    }

    /// Holds that the next thing heard is this, with this status; gives the record.
    pub(crate) async fn hears(&mut self, expected: &str, status: &str) -> Value {
        let (action, record) = self.news().await;
        assert_eq!((action.as_str(), &record["status"]), (expected, &json!(status)), "{record}");
        record
    }

    /// Holds that nothing was announced since the last news: a later change of somebody else's comes first.
    pub(crate) async fn hears_nothing(&mut self) {
        let status = unique_id();
        let fields = json!({"status": status, "permissions": ["read(\"users\")"]});
        self.desk.put("bell", &self.bell, &fields).await;
        self.hears("upsert", &status).await;
    }

    /// Lets time pass until after `later`, and holds that nothing was announced but the end of a presence that ends
    /// by then.
    pub(crate) async fn hears_nothing_for(&mut self, later: Duration) {
        let user = self.desk.user().await;
        let end = herenow_testkit::timestamp_after(later);
        let fields = json!({"status": end, "expiresAt": end, "permissions": ["read(\"users\")"]});
        self.desk.put(&unique_id(), &user, &fields).await;
        self.hears("upsert", &end).await;
        self.hears("delete", &end).await;
    }

    /// Opens the watcher's socket anew, as after a restart.
    pub(crate) async fn watch_again(&mut self) {
        self.watcher = self.desk.listener(&self.watching).await;
    }

    /// Waits until the server has found out that a socket is gone; `left` stay, the watcher's among them.
    pub(crate) async fn sockets_left(&self, left: usize) {
        sockets_left(&self.desk, left).await;
    }

    /// Ada's presence as she reads it.
    pub(crate) async fn own(&self) -> Option<Value> {
        let list = accepted(self.http().get("/v1/presences").await.expect("an answer"));
        let presences = list["presences"].as_array().expect("a list");
        presences.iter().find(|presence| presence["userId"] == self.ada.user_id).cloned()
    }
}

/// Waits until the server has this many sockets.
pub(crate) async fn sockets_left(desk: &Desk, left: usize) {
    let line = format!("herenow_connections {left}\n");
    let ops = Http::new(desk.server.address());
    let looks = async || ops.get("/metrics").await.is_ok_and(|answer| answer.text().contains(&line));
    await_until("a socket is found to be gone", SOON, looks).await.expect("it is found out");
}

/// Says something on a socket, so that all users may read it; gives the record.
pub(crate) async fn says(socket: &mut Socket, status: &str) -> Value {
    says_to(socket, status, &["read(\"users\")"]).await
}

/// Says something on a socket with these permissions; gives the record.
pub(crate) async fn says_to(socket: &mut Socket, status: &str, permissions: &[&str]) -> Value {
    let data = json!({"status": status, "permissions": permissions});
    let mut answer = socket.request(&json!({"type": "presence", "data": data})).await.expect("it is accepted");
    answer["presence"].take()
}

/// Closes a tab as its user would.
pub(crate) async fn close(mut tab: Socket) {
    tab.close(1000).await.expect("the server answers");
}
