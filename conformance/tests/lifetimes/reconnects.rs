//! Coming back after a lost connection: what was missed comes first, deletes included, with and without help of the
//! app. Source: semantics 24; decisions, Presences ("A subscribe with an id that the same user lost …").

use herenow_conformance::{
    desk::{Desk, SOON},
    mirror::{action, is_snapshot},
};
use herenow_testkit::{CuttingProxy, ServerOptions, SignedIn, Socket, SocketOptions, unique_id};
use serde_json::{Value, json};

use crate::scene::sockets_left;

/// A listener behind a proxy that can lose the network, and the presences of two others.
struct Line {
    desk: Desk,
    proxy: CuttingProxy,
    person: SignedIn,
    stays: String,
    goes: String,
}

impl Line {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let proxy = CuttingProxy::start(desk.server.address()).await.expect("a proxy");
        let (person, stays, goes) = (desk.person().await, desk.user().await, desk.user().await);
        let line = Self { desk, proxy, person, stays, goes };
        line.put("stays", &line.stays, "before").await;
        line.put("goes", &line.goes, "before").await;
        line
    }

    async fn put(&self, id: &str, user: &str, status: &str) {
        let fields = json!({"status": status, "permissions": ["read(\"users\")"]});
        self.desk.put(id, user, &fields).await;
    }

    fn options(&self, person: &SignedIn) -> SocketOptions {
        let options = self.desk.server.socket_options().via(self.proxy.address());
        options.header("X-Appwrite-Session", &person.token)
    }

    async fn socket(&self, person: &SignedIn) -> Socket {
        open(self.options(person)).await
    }

    /// What happens while the listener is away: a change, an end, and a new life of the one that ended.
    async fn happens(&self) {
        self.put("stays", &self.stays, "meanwhile").await;
        self.desk.delete("goes").await;
        self.put("goes", &self.goes, "reborn").await;
        self.desk.delete("goes").await;
    }

    /// Writes something new, and gives what the socket has heard up to it, without its place in the order.
    async fn heard(&self, socket: &mut Socket) -> Vec<(String, String)> {
        let word = unique_id();
        self.put("stays", &self.stays, &word).await;
        let frames = socket.collect_until(|frame| frame["data"]["payload"]["status"] == word.as_str(), SOON).await;
        let mut frames = frames.expect("the last word");
        frames.pop();
        let events = frames.iter().filter(|frame| frame["type"] == "event");
        events.map(told).collect()
    }
}

async fn open(options: SocketOptions) -> Socket {
    let mut socket = Socket::open(options).await.expect("a socket");
    socket.expect_connected(SOON).await.expect("a greeting");
    socket
}

fn told(frame: &Value) -> (String, String) {
    let payload = &frame["data"]["payload"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let action = if is_snapshot(frame) { "snapshot" } else { action(frame).unwrap_or("end of snapshot") };
    (action.to_owned(), format!("{} {}", text(&payload["$id"]), text(&payload["status"])).trim().to_owned())
}

fn missed() -> Vec<(String, String)> {
    let told = |action: &str, what: &str| (action.to_owned(), what.to_owned());
    vec![
        told("upsert", "stays meanwhile"),
        told("delete", "goes before"),
        told("upsert", "goes reborn"),
        told("delete", "goes reborn"),
    ]
}

async fn subscribe_since(socket: &mut Socket, epoch: &str, seq: u64) {
    let since = json!({"epoch": epoch, "seq": seq});
    let row = json!({"subscriptionId": "fresh", "channels": ["presences"], "since": since});
    socket.request(&json!({"type": "subscribe", "data": [row]})).await.expect("a subscription");
}

#[tokio::test]
async fn who_names_the_place_that_it_knows_gets_what_it_missed() {
    let line = Line::open().await;
    let (seq, epoch) = line.desk.position().await;
    line.happens().await;
    let mut socket = line.socket(&line.person).await;
    subscribe_since(&mut socket, &epoch, seq).await;
    assert_eq!(line.heard(&mut socket).await, missed());
    assert_eq!(line.heard(&mut socket).await, [], "once");
}

#[tokio::test]
async fn who_names_a_place_of_another_run_gets_the_present_state() {
    let line = Line::open().await;
    let mut socket = line.socket(&line.person).await;
    subscribe_since(&mut socket, "another", 1).await;
    let told: Vec<_> = line.heard(&mut socket).await;
    let expected = [("snapshot", "stays before"), ("snapshot", "goes before"), ("end of snapshot", "")];
    assert_eq!(told, expected.map(|(action, what)| (action.to_owned(), what.to_owned())));
}

#[tokio::test]
async fn who_names_a_place_that_lies_ahead_gets_the_present_state() {
    let line = Line::open().await;
    let (seq, epoch) = line.desk.position().await;
    let mut socket = line.socket(&line.person).await;
    subscribe_since(&mut socket, &epoch, seq + 1_000).await;
    assert_eq!(line.heard(&mut socket).await.len(), 3);
}

#[tokio::test]
async fn a_place_in_the_url_counts_for_the_subscriptions_that_follow() {
    let line = Line::open().await;
    let (seq, epoch) = line.desk.position().await;
    line.happens().await;
    let place = format!("{epoch}.{seq}");
    let mut socket = open(line.options(&line.person).query("resume", &place)).await;
    socket.subscribe("fresh", &["presences"]).await.expect("a subscription");
    assert_eq!(line.heard(&mut socket).await, missed());
    // The same for subscriptions that stand in the URL.
    let mut old = open(line.options(&line.person).query("resume", &place).query("channels[]", "presences")).await;
    assert_eq!(line.heard(&mut old).await[..4], missed());
}

#[tokio::test]
async fn a_client_that_was_cut_off_hears_what_it_missed_when_it_sends_its_ids_again() {
    let line = Line::open().await;
    let mut socket = line.socket(&line.person).await;
    socket.subscribe("mine", &["presences"]).await.expect("a subscription");
    line.heard(&mut socket).await;
    line.proxy.cut();
    line.happens().await;
    line.proxy.reset();
    line.proxy.heal();
    sockets_left(&line.desk, 0).await;
    let mut back = line.socket(&line.person).await;
    back.subscribe("mine", &["presences"]).await.expect("a subscription");
    // What it may have heard is sent again: nobody knows what arrived just before the cut.
    let heard = line.heard(&mut back).await;
    assert!(heard.ends_with(&missed()), "{heard:?}");
    // It was a blip of that one connection: a second one with the same ids has missed nothing.
    let mut second = line.socket(&line.person).await;
    second.subscribe("other", &["presences"]).await.expect("a subscription");
    assert_eq!(line.heard(&mut second).await, []);
}

#[tokio::test]
async fn nobody_else_hears_what_a_lost_client_missed() {
    let line = Line::open().await;
    let stranger = line.desk.person().await;
    let mut socket = line.socket(&line.person).await;
    socket.subscribe("mine", &["presences"]).await.expect("a subscription");
    line.proxy.cut();
    line.happens().await;
    line.proxy.reset();
    line.proxy.heal();
    sockets_left(&line.desk, 0).await;
    let mut other = line.socket(&stranger).await;
    other.subscribe("mine", &["presences"]).await.expect("a subscription");
    assert_eq!(line.heard(&mut other).await, []);
    let mut fresh = line.socket(&line.person).await;
    fresh.subscribe("another", &["presences"]).await.expect("a subscription");
    assert_eq!(line.heard(&mut fresh).await, []);
}

#[tokio::test]
async fn a_client_that_comes_back_before_its_loss_is_noticed_hears_what_it_missed_too() {
    let line = Line::open().await;
    let mut socket = line.socket(&line.person).await;
    socket.subscribe("mine", &["presences"]).await.expect("a subscription");
    line.heard(&mut socket).await;
    // To the server the old connection is as good as ever; what it writes there arrives nowhere.
    line.proxy.cut();
    line.happens().await;
    line.proxy.heal();
    let mut back = line.socket(&line.person).await;
    back.subscribe("mine", &["presences"]).await.expect("a subscription");
    let heard = line.heard(&mut back).await;
    assert!(heard.ends_with(&missed()), "{heard:?}");
}

#[tokio::test]
async fn what_waited_for_a_slow_client_that_is_lost_is_not_lost_with_it() {
    let desk = Desk::with(ServerOptions::new().tables("[limits]\noutbox_bytes = 16777216")).await;
    let (person, user, gone) = (desk.person().await, desk.user().await, desk.user().await);
    let readable = |status: &str| json!({"status": status, "permissions": ["read(\"users\")"]});
    desk.put("gone", &gone, &readable("before")).await;
    let options = desk.server.socket_options().header("X-Appwrite-Session", &person.token);
    let mut slow = open(options.receive_buffer_bytes(4_096)).await;
    slow.subscribe("mine", &["presences"]).await.expect("a subscription");
    // More than kernels keep between the two; the client reads none of it, but goes on saying that it lives.
    let pad = "x".repeat(60_000);
    for _ in 0..120 {
        let fields = json!({"metadata": {"pad": pad}, "permissions": ["read(\"users\")"]});
        desk.put("big", &user, &fields).await;
    }
    desk.delete("gone").await;
    slow.send_json(&json!({"type": "ping"})).await.expect("it is sent");
    let other = desk.server.connect_as(&person.token).await.expect("a socket");
    drop(other);
    sockets_left(&desk, 1).await;
    slow.abort().expect("it is reset");
    sockets_left(&desk, 0).await;
    let mut back = desk.socket(&person).await;
    back.subscribe("mine", &["presences"]).await.expect("a subscription");
    let is_the_end = |frame: &Value| frame["data"]["payload"]["$id"] == "gone" && action(frame) == Some("delete");
    back.wait_for(is_the_end, SOON).await.expect("the delete that it never read");
}
