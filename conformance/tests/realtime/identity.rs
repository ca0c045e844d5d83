//! Who a socket is, and what happens when that changes. Source: realtime, sections 3.3 and 6; semantics 7, 9 and 13;
//! spec README.

use herenow_conformance::desk::{Desk, SOON};
use serde_json::json;

use super::words::{appear, heard, open_to_all, refused, until_now};

#[tokio::test]
async fn the_end_of_a_session_closes_its_sockets_with_1001_and_ends_what_they_hold() {
    let desk = Desk::open().await;
    let viewer = desk.person().await;
    let mut viewing = desk.listener(&viewer).await;
    for by_client in [true, false] {
        let person = desk.person().await;
        let mut socket = desk.socket(&person).await;
        appear(&mut socket, "p", &open_to_all()).await;
        let path = format!("/v1/users/{}/sessions/{}", person.user_id, person.session_id);
        let ended = if by_client {
            desk.session(&person).delete("/v1/account/sessions/current").await
        } else {
            desk.key.delete(&path).await
        };
        ended.expect("an answer").expect_status(204).expect("the session ends");
        assert_eq!(socket.wait_for_close(SOON).await.expect("a close frame").code, Some(1001));
        heard(&mut viewing, "p", "delete").await;
    }
    assert_eq!(until_now(&desk, &mut viewing).await, [""; 0]);
}

#[tokio::test]
async fn a_session_that_ends_leaves_the_lease_and_other_sessions_alone() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let second = desk.server.create_session(&person.user_id).await.expect("a session");
    let mut stays = desk.socket(&second).await;
    desk.put("p", &person.user_id, &json!({"status": "lease"})).await;
    let mut goes = desk.socket(&person).await;
    appear(&mut goes, "p", &json!({"status": "tab"})).await;
    desk.session(&person)
        .delete("/v1/account/sessions/current")
        .await
        .expect("an answer")
        .expect_status(204)
        .expect("ended");
    assert_eq!(goes.wait_for_close(SOON).await.expect("a close frame").code, Some(1001));
    stays.fence(SOON).await.expect("the other session's socket lives");
    let shows_lease = async || desk.get("p").await.is_some_and(|record| record["status"] == "lease");
    herenow_testkit::await_until("the lease shows", SOON, shows_lease).await.expect("it does");
}

#[tokio::test]
async fn a_socket_that_authenticates_keeps_its_subscriptions_under_its_new_roles() {
    let desk = Desk::open().await;
    let (person, other) = (desk.person().await, desk.user().await);
    desk.put("p", &other, &json!({"permissions": ["read(\"users\")"]})).await;
    let mut socket = desk.server.connect_guest().await.expect("a socket");
    socket.subscribe("s", &["presences", "account", "account.update"]).await.expect("a subscription");
    let frame = json!({"type": "authentication", "data": {"session": person.token}});
    let answer = socket.request(&frame).await.expect("an answer");
    assert_eq!((&answer["success"], &answer["user"]["$id"]), (&json!(true), &json!(person.user_id)));
    let came = heard(&mut socket, "p", "upsert").await;
    assert_eq!(came["subscriptions"], json!(["s"]), "what it may read now comes into its sight");
    desk.patch("p", &json!({"status": "x"})).await;
    heard(&mut socket, "p", "update").await;
    for session in ["invalid", &"x".repeat(2048)] {
        let frame = json!({"type": "authentication", "data": {"session": session}});
        assert_eq!(refused(&mut socket, &frame).await, (1003, "Session is not valid.".to_owned()));
    }
    desk.patch("p", &json!({"status": "y"})).await;
    heard(&mut socket, "p", "update").await;
}

#[tokio::test]
async fn a_socket_that_becomes_another_user_s_ends_what_it_held() {
    let desk = Desk::open().await;
    let (one, other, viewer) = (desk.person().await, desk.person().await, desk.person().await);
    let mut viewing = desk.listener(&viewer).await;
    let mut socket = desk.socket(&one).await;
    appear(&mut socket, "p", &open_to_all()).await;
    socket.request(&json!({"type": "authentication", "data": {"session": other.token}})).await.expect("an answer");
    heard(&mut viewing, "p", "delete").await;
    assert_eq!(appear(&mut socket, "q", &open_to_all()).await["userId"], other.user_id);
    // The same user again, by another session: nothing ends.
    let again = desk.server.create_session(&other.user_id).await.expect("a session");
    socket.request(&json!({"type": "authentication", "data": {"session": again.token}})).await.expect("an answer");
    assert_eq!(until_now(&desk, &mut viewing).await, ["q.upsert"]);
}

#[tokio::test]
async fn labels_change_what_an_open_socket_sees() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    let mut socket = desk.listener(&person).await;
    let record = desk.put("p", &user, &json!({"permissions": ["read(\"label:vip\")"]})).await;
    assert_eq!(until_now(&desk, &mut socket).await, [""; 0]);
    let labels = format!("/v1/users/{}/labels", person.user_id);
    for (given, action) in [(json!(["vip"]), "upsert"), (json!([]), "delete")] {
        let answer = desk.key.put(&labels, &json!({"labels": given})).await.expect("an answer");
        answer.expect_status(200).expect("labelled");
        assert_eq!(heard(&mut socket, "p", action).await["payload"], record, "{given}");
    }
}

#[tokio::test]
async fn a_team_changes_what_an_open_socket_sees() {
    let desk = Desk::open().await;
    let (person, user) = (desk.person().await, desk.user().await);
    desk.key
        .post("/v1/teams", &json!({"teamId": "t", "name": "T"}))
        .await
        .expect("an answer")
        .expect_status(201)
        .expect("a team");
    let mut socket = desk.listener(&person).await;
    let record = desk.put("p", &user, &json!({"permissions": ["read(\"team:t/dev\")"]})).await;
    let member = json!({"userId": person.user_id, "roles": ["dev"]});
    let joined = desk.key.post("/v1/teams/t/memberships", &member).await.expect("an answer");
    let id =
        joined.expect_status(201).expect("a member").json().expect("JSON")["$id"].as_str().expect("an id").to_owned();
    assert_eq!(heard(&mut socket, "p", "upsert").await["payload"], record);
    let left = desk.key.delete(&format!("/v1/teams/t/memberships/{id}")).await.expect("an answer");
    left.expect_status(204).expect("no member");
    assert_eq!(heard(&mut socket, "p", "delete").await["payload"], record);
    assert_eq!(until_now(&desk, &mut socket).await, [""; 0]);
}

#[tokio::test]
async fn a_deleted_or_blocked_user_s_socket_is_closed_and_not_for_good() {
    let desk = Desk::open().await;
    for delete in [true, false] {
        let person = desk.person().await;
        let mut socket = desk.socket(&person).await;
        appear(&mut socket, "p", &json!({})).await;
        let user = format!("/v1/users/{}", person.user_id);
        let answer = if delete {
            desk.key.delete(&user).await
        } else {
            desk.key.patch(&format!("{user}/status"), &json!({"status": false})).await
        };
        assert!(answer.expect("an answer").status.is_success());
        let close = socket.wait_for_close(SOON).await.expect("a close frame");
        assert_eq!(close.code, Some(1001), "SDKs come back as guests");
        assert_eq!(desk.get("p").await, None);
    }
}
