//! What open sockets hear when sessions end, users go, or roles change.

use anyhow::Result;
use herenow_testkit::{Server, SignedIn, Socket};
use serde_json::{Value, json};

use crate::support::{Person, SOON, done, refused, server};

/// A socket of the user's session that holds a presence which every user may read, and one of somebody else that
/// has heard of it.
async fn present(server: &Server, who: &SignedIn) -> Result<(Socket, Socket)> {
    let watcher = server.new_user("Watcher").await?;
    let mut watching = server.connect_as(&watcher.token).await?;
    watching.subscribe("s1", &["presences"]).await?;
    let mut own = server.connect_as(&who.token).await?;
    let data = json!({"status": "online", "permissions": ["read(\"users\")"]});
    own.request(&json!({"type": "presence", "data": data})).await?;
    watching.wait_for(|frame| is_of(frame, &who.user_id, "upsert"), SOON).await?;
    Ok((own, watching))
}

fn is_of(frame: &Value, user: &str, action: &str) -> bool {
    let events = frame["data"]["events"].as_array();
    let named =
        events.is_some_and(|events| events.iter().any(|event| event == &json!(format!("presences.*.{action}"))));
    named && frame["data"]["payload"]["userId"] == user
}

/// The socket closes so that SDKs come back, and its presence goes.
async fn gone(mut own: Socket, mut watching: Socket, user: &str) -> Result<()> {
    assert_eq!(own.wait_for_close(SOON).await?.code, Some(1001));
    watching.wait_for(|frame| is_of(frame, user, "delete"), SOON).await?;
    Ok(())
}

#[tokio::test]
async fn signing_out_closes_the_session_s_sockets_and_no_others() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    let mut elsewhere = server.connect_as(&other.token).await?;
    let (own, watching) = present(&server, &ada).await?;
    done(&server.as_session(&ada.token).delete("/v1/account/sessions/current").await?)?;
    gone(own, watching, &ada.user_id).await?;
    elsewhere.fence(SOON).await?;
    Ok(())
}

#[tokio::test]
async fn signing_out_everywhere_closes_all_sockets() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    let mut elsewhere = server.connect_as(&other.token).await?;
    let (own, watching) = present(&server, &ada).await?;
    done(&server.as_session(&ada.token).delete("/v1/account/sessions").await?)?;
    gone(own, watching, &ada.user_id).await?;
    assert_eq!(elsewhere.wait_for_close(SOON).await?.code, Some(1001));
    Ok(())
}

#[tokio::test]
async fn a_session_that_a_server_ends_closes_its_sockets() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let (own, watching) = present(&server, &ada).await?;
    done(&server.as_key().delete(&format!("/v1/users/{}/sessions/{}", ada.user_id, ada.session_id)).await?)?;
    gone(own, watching, &ada.user_id).await?;
    let ada = server.create_session(&ada.user_id).await?;
    let (own, watching) = present(&server, &ada).await?;
    done(&server.as_key().delete(&format!("/v1/users/{}/sessions", ada.user_id)).await?)?;
    gone(own, watching, &ada.user_id).await
}

#[tokio::test]
async fn a_new_password_closes_the_sockets_of_other_sessions() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let (here, elsewhere) = (ada.sign_in(&server).await?, ada.sign_in(&server).await?);
    let mut stays = server.connect_as(&here.token).await?;
    let (own, watching) = present(&server, &elsewhere).await?;
    let change = json!({"password": "a new password", "oldPassword": ada.password});
    server.as_session(&here.token).patch("/v1/account/password", &change).await?.expect_status(200)?;
    gone(own, watching, &ada.id).await?;
    stays.fence(SOON).await?;
    Ok(())
}

#[tokio::test]
async fn a_session_beyond_the_limit_takes_its_sockets_along() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let first = ada.sign_in(&server).await?;
    let (own, watching) = present(&server, &first).await?;
    for _ in 0..10 {
        ada.sign_in(&server).await?;
    }
    gone(own, watching, &ada.id).await
}

#[tokio::test]
async fn a_user_who_is_deleted_goes_from_every_socket() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let (own, watching) = present(&server, &ada).await?;
    done(&server.as_key().delete(&format!("/v1/users/{}", ada.user_id)).await?)?;
    gone(own, watching, &ada.user_id).await?;
    let bob = server.new_user("Bob").await?;
    let (own, watching) = present(&server, &bob).await?;
    done(&server.as_session(&bob.token).delete("/v1/account").await?)?;
    gone(own, watching, &bob.user_id).await
}

#[tokio::test]
async fn a_user_who_is_blocked_goes_and_comes_back_when_let_in() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let (own, watching) = present(&server, &ada).await?;
    let path = format!("/v1/users/{}/status", ada.user_id);
    server.as_key().patch(&path, &json!({"status": false})).await?.expect_status(200)?;
    gone(own, watching, &ada.user_id).await?;
    let on_behalf = json!({"userId": ada.user_id, "status": "online"});
    refused(&server.as_key().put("/v1/presences/p", &on_behalf).await?, 403, "user_blocked")?;
    server.as_key().patch(&path, &json!({"status": true})).await?.expect_status(200)?;
    present(&server, &ada).await?;
    Ok(())
}

#[tokio::test]
async fn a_user_who_blocks_the_own_account_goes() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let (own, watching) = present(&server, &ada).await?;
    server.as_session(&ada.token).patch("/v1/account/status", &json!({})).await?.expect_status(200)?;
    gone(own, watching, &ada.user_id).await
}

#[tokio::test]
async fn a_presence_outlives_the_session_that_wrote_it_over_http() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    client.put("/v1/presences/p", &json!({"status": "online"})).await?.expect_status(200)?;
    done(&client.delete("/v1/account/sessions/current").await?)?;
    server.as_key().get("/v1/presences/p").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn a_label_or_a_verification_brings_presences_into_sight_and_takes_them_out() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    for (role, path, on, off) in [
        ("label:vip", "labels", json!({"labels": ["vip"]}), json!({"labels": []})),
        ("users/verified", "verification", json!({"emailVerification": true}), json!({"emailVerification": false})),
    ] {
        let write = json!({"status": "online", "permissions": [format!("read(\"{role}\")")]});
        server.as_session(&ada.token).put("/v1/presences/p", &write).await?.expect_status(200)?;
        let mut socket = server.connect_as(&bob.token).await?;
        socket.subscribe("s1", &["presences"]).await?;
        let path = format!("/v1/users/{}/{path}", bob.user_id);
        let method = if path.ends_with("labels") { http::Method::PUT } else { http::Method::PATCH };
        let set = async |body: &Value| server.as_key().request(method.clone(), &path).json(body).send().await;
        set(&on).await?.expect_status(200)?;
        socket.wait_for(|frame| is_of(frame, &ada.user_id, "upsert"), SOON).await?;
        set(&off).await?.expect_status(200)?;
        socket.wait_for(|frame| is_of(frame, &ada.user_id, "delete"), SOON).await?;
    }
    Ok(())
}
