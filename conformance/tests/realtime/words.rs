//! The short words that these tests say over and over.

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{Socket, unique_id};
use serde_json::{Value, json};

/// Whether a frame is the event of this action on this presence.
pub(crate) fn is_event(frame: &Value, id: &str, action: &str) -> bool {
    frame["type"] == "event" && frame["data"]["events"][0] == format!("presences.{id}.{action}")
}

/// Waits for the event of this action on this presence; returns its `data`.
pub(crate) async fn heard(socket: &mut Socket, id: &str, action: &str) -> Value {
    let found = socket.wait_for(|frame| is_event(frame, id, action), SOON).await;
    found.unwrap_or_else(|error| panic!("{action} of {id} is not heard: {error:#}"))["data"].take()
}

/// The events that come before one that is made now and that every subscriber of `presences` may read: as
/// `ID.ACTION`, so that nothing is heard that was not expected.
pub(crate) async fn until_now(desk: &Desk, socket: &mut Socket) -> Vec<String> {
    let (fence, user) = (unique_id(), desk.user().await);
    desk.put(&fence, &user, &json!({"permissions": ["read(\"any\")"]})).await;
    let frames = socket.collect_until(|frame| is_event(frame, &fence, "upsert"), SOON).await.expect("the fence");
    desk.delete(&fence).await;
    heard(socket, &fence, "delete").await;
    let events = frames.iter().filter(|frame| !is_event(frame, &fence, "upsert"));
    let name = |frame: &Value| match frame["data"]["events"][0].as_str() {
        Some(name) => name.trim_start_matches("presences.").to_owned(),
        None => frame.to_string(),
    };
    events.map(name).collect()
}

/// Sends a `presence` frame and returns the presence of the answer.
pub(crate) async fn appear(socket: &mut Socket, id: &str, fields: &Value) -> Value {
    let mut data = json!({"presenceId": id, "status": "online"});
    for (name, value) in fields.as_object().expect("fields") {
        data[name] = value.clone();
    }
    socket.request(&json!({"type": "presence", "data": data})).await.expect("it is accepted")["presence"].take()
}

/// Sends a frame that is refused, and returns code and text; the socket stays open.
pub(crate) async fn refused(socket: &mut Socket, frame: &Value) -> (u64, String) {
    socket.send_json(frame).await.expect("sent");
    let error = socket.wait_for(|frame| frame["type"] == "error", SOON).await.expect("an error");
    socket.fence(SOON).await.expect("it stays open");
    let data = &error["data"];
    assert_eq!(data.as_object().expect("an object").len(), 2, "only code and message: {data}");
    (data["code"].as_u64().expect("a number"), data["message"].as_str().expect("a text").to_owned())
}

/// A `subscribe` frame of one row.
pub(crate) fn subscribe(row: &Value) -> Value {
    json!({"type": "subscribe", "data": [row]})
}

/// Read for everybody.
pub(crate) fn open_to_all() -> Value {
    json!({"permissions": ["read(\"any\")"]})
}
