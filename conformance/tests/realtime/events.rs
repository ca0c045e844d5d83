//! Who hears what of a change, and in which order. Source: semantics 5, 10, 12, 16; product, "What must be true".

use std::time::Duration;

use herenow_conformance::desk::{Desk, SOON};
use herenow_core::Timestamp;
use herenow_testkit::{timestamp_after, unix_millis};
use serde_json::{Value, json};

use super::words::{heard, is_event, open_to_all, until_now};

#[tokio::test]
async fn an_expiry_is_announced_with_the_state_that_showed_last() {
    let desk = Desk::open().await;
    let (user, person) = (desk.user().await, desk.person().await);
    let mut socket = desk.listener(&person).await;
    let expires_at = timestamp_after(Duration::from_millis(700));
    let fields = json!({"permissions": ["read(\"users\")"], "expiresAt": expires_at, "metadata": {"a": 1}});
    let record = desk.put("p", &user, &fields).await;
    heard(&mut socket, "p", "upsert").await;
    let data = heard(&mut socket, "p", "delete").await;
    let late = unix_millis() - Timestamp::parse(&expires_at).expect("a time").millis();
    assert!((0..1000).contains(&late), "{late} ms after its time");
    assert_eq!(data["payload"], record);
    assert_eq!(desk.get("p").await, None);
    assert_eq!(until_now(&desk, &mut socket).await, [""; 0], "exactly one");
}

#[tokio::test]
async fn who_loses_sight_hears_a_delete_with_the_state_that_they_last_saw() {
    let desk = Desk::open().await;
    let (owner, viewer) = (desk.person().await, desk.person().await);
    let (mut owning, mut viewing) = (desk.listener(&owner).await, desk.listener(&viewer).await);
    let everyone = json!({"status": "wide", "permissions": ["read(\"users\")"]});
    let narrow = json!({"status": "secret", "permissions": []});
    for by_put in [false, true] {
        let wide = desk.put("p", &owner.user_id, &everyone).await;
        for socket in [&mut owning, &mut viewing] {
            heard(socket, "p", "upsert").await;
        }
        let action = if by_put { "upsert" } else { "update" };
        let narrowed =
            if by_put { desk.put("p", &owner.user_id, &narrow).await } else { desk.patch("p", &narrow).await };
        assert_eq!(heard(&mut owning, "p", action).await["payload"], narrowed);
        assert_eq!(heard(&mut viewing, "p", "delete").await["payload"], wide);
        desk.patch("p", &json!({"status": "still secret"})).await;
        heard(&mut owning, "p", "update").await;
    }
    desk.delete("p").await;
    heard(&mut owning, "p", "delete").await;
    assert_eq!(until_now(&desk, &mut viewing).await, [""; 0], "and nothing of what they may not read");
}

#[tokio::test]
async fn who_comes_to_see_a_record_hears_the_change_that_showed_it() {
    let desk = Desk::open().await;
    let (user, viewer) = (desk.user().await, desk.person().await);
    let mut socket = desk.listener(&viewer).await;
    desk.put("p", &user, &json!({"permissions": []})).await;
    let shown = desk.patch("p", &json!({"permissions": [format!("read(\"user:{}\")", viewer.user_id)]})).await;
    assert_eq!(heard(&mut socket, "p", "update").await["payload"], shown);
}

#[tokio::test]
async fn roles_decide_who_hears() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    let mut signed_in = desk.listener(&person).await;
    let mut guest = desk.server.connect_guest().await.expect("a socket");
    guest.subscribe("s", &["presences"]).await.expect("a subscription");
    let as_key = desk.server.socket_options().header("X-Appwrite-Key", desk.server.key());
    let mut keyed = herenow_testkit::Socket::open(as_key).await.expect("a socket");
    assert!(keyed.expect_connected(SOON).await.expect("connected")["user"].is_null(), "a key is a guest on a socket");
    keyed.subscribe("s", &["presences"]).await.expect("a subscription");
    for role in ["any", "users", "guests", &format!("user:{}", person.user_id), "users/verified", "team:t"] {
        desk.put("p", &user, &json!({"status": role, "permissions": [format!("read(\"{role}\")")]})).await;
        desk.delete("p").await;
    }
    assert_eq!(until_now(&desk, &mut signed_in).await, ["p.upsert", "p.delete"].repeat(3), "any, users, user:…");
    for socket in [&mut guest, &mut keyed] {
        assert_eq!(until_now_alone(&desk, socket).await, ["p.upsert", "p.delete"].repeat(2), "any, guests");
    }
}

/// As `until_now`, for a socket that has heard the fences of others too.
async fn until_now_alone(desk: &Desk, socket: &mut herenow_testkit::Socket) -> Vec<String> {
    until_now(desk, socket).await.into_iter().filter(|name| name.starts_with("p.")).collect()
}

#[tokio::test]
async fn a_patch_that_changes_nothing_is_not_announced() {
    let desk = Desk::open().await;
    let (user, person) = (desk.user().await, desk.person().await);
    let mut socket = desk.listener(&person).await;
    let record = desk.put("p", &user, &open_to_all()).await;
    for body in
        [json!({}), json!({"status": "online"}), json!({"purge": true}), json!({"permissions": record["$permissions"]})]
    {
        assert_eq!(desk.patch("p", &body).await, record, "{body}");
    }
    assert_eq!(until_now(&desk, &mut socket).await, ["p.upsert"]);
}

#[tokio::test]
async fn a_record_that_moves_goes_for_its_former_owner_and_comes_for_the_next() {
    let desk = Desk::open().await;
    let (former, next) = (desk.person().await, desk.person().await);
    let (mut of_former, mut of_next) = (desk.listener(&former).await, desk.listener(&next).await);
    let before = desk.put("p", &former.user_id, &json!({})).await;
    let moved = desk.patch("p", &json!({"userId": next.user_id})).await;
    heard(&mut of_former, "p", "upsert").await;
    assert_eq!(heard(&mut of_former, "p", "delete").await["payload"], before);
    assert_eq!(heard(&mut of_next, "p", "update").await["payload"], moved);
    assert_eq!(until_now(&desk, &mut of_former).await, [""; 0]);
}

#[tokio::test]
async fn the_end_of_a_user_ends_their_presence_with_a_delete() {
    let desk = Desk::open().await;
    let (deleted, blocked, person) = (desk.user().await, desk.user().await, desk.person().await);
    let mut socket = desk.listener(&person).await;
    desk.put("d", &deleted, &open_to_all()).await;
    desk.put("b", &blocked, &open_to_all()).await;
    desk.key.delete(&format!("/v1/users/{deleted}")).await.expect("an answer").expect_status(204).expect("deleted");
    heard(&mut socket, "d", "delete").await;
    let block = desk.key.patch(&format!("/v1/users/{blocked}/status"), &json!({"status": false})).await;
    block.expect("an answer").expect_status(200).expect("blocked");
    heard(&mut socket, "b", "delete").await;
    assert_eq!(until_now(&desk, &mut socket).await, [""; 0]);
}

#[tokio::test]
async fn changes_come_in_their_order_and_the_last_word_always() {
    let desk = Desk::open().await;
    let (user, person) = (desk.user().await, desk.person().await);
    // It takes little at once and reads nothing until all is written.
    let options = desk.server.socket_options().header("X-Appwrite-Session", &person.token).receive_buffer_bytes(4096);
    let mut slow = herenow_testkit::Socket::open(options).await.expect("a socket");
    slow.expect_connected(SOON).await.expect("connected");
    slow.subscribe("s", &["presences"]).await.expect("a subscription");
    let mut quick = desk.listener(&person).await;
    let metadata = json!({"filling": "x".repeat(40_000)});
    let mut last = json!(null);
    for number in 0..200 {
        let fields = json!({"status": number.to_string(), "metadata": metadata, "permissions": ["read(\"any\")"]});
        last = desk.put("p", &user, &fields).await;
    }
    for socket in [&mut quick, &mut slow] {
        let is_last = |frame: &Value| frame["data"]["payload"]["status"] == "199";
        let frames = socket.collect_until(is_last, SOON).await.expect("the last word");
        let mut before = 0;
        for frame in &frames {
            let seq = frame["data"]["seq"].as_u64().expect("a number");
            assert!(is_event(frame, "p", "upsert") && seq > before, "{seq} after {before}");
            before = seq;
        }
        assert_eq!(frames.last().expect("one")["data"]["payload"], last);
    }
}
