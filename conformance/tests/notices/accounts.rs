//! What users hear of themselves and of their sessions.

use anyhow::Result;
use herenow_testkit::{Server, ServerOptions};
use serde_json::{Value, json};

use crate::support::{PATIENCE, heard, heard_of, listening, texts};

#[tokio::test]
async fn a_user_hears_what_changes_of_them() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let ada = server.new_user("Ada").await?;
    let (id, own, key) = (&ada.user_id, server.as_session(&ada.token), server.as_key());
    let mut socket = listening(&server, &ada.token, &["account"]).await?;

    let answer = own.patch("/v1/account/name", &json!({"name": "Ada L."})).await?.expect_status(200)?;
    let data = heard(&mut socket).await?;
    let expected = ["update", "*.update", "update.name", "*.update.name", "", "*"].map(|rest| match rest {
        "" => format!("users.{id}"),
        "*" => "users.*".to_owned(),
        rest => rest.strip_prefix("*.").map_or(format!("users.{id}.{rest}"), |rest| format!("users.*.{rest}")),
    });
    assert_eq!(texts(&data["events"]), expected);
    let channels = ["account".to_owned(), format!("account.{id}"), "account.update".to_owned()];
    assert_eq!(texts(&data["channels"])[..3], channels);
    assert_eq!(texts(&data["channels"])[3], format!("account.{id}.update"));
    assert_eq!(data["payload"], answer.json()?);

    let prefs = json!({"prefs": {"theme": "dark"}});
    own.patch("/v1/account/prefs", &prefs).await?.expect_status(200)?;
    let data = heard_of(&mut socket, &format!("users.{id}.update.prefs")).await?;
    assert_eq!(data["payload"]["prefs"], prefs["prefs"]);
    let path = |rest: &str| format!("/v1/users/{id}/{rest}");
    key.put(&path("labels"), &json!({"labels": ["vip"]})).await?.expect_status(200)?;
    let data = heard_of(&mut socket, &format!("users.{id}.update.labels")).await?;
    assert_eq!(data["payload"]["labels"], json!(["vip"]));
    key.patch(&path("verification"), &json!({"emailVerification": true})).await?.expect_status(200)?;
    heard_of(&mut socket, &format!("users.{id}.update.verification")).await?;
    own.patch("/v1/account/password", &json!({"password": "correct horse"})).await?.expect_status(200)?;
    heard_of(&mut socket, &format!("users.{id}.update.password")).await?;
    Ok(())
}

#[tokio::test]
async fn nobody_hears_of_another_users_account() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let (ada, eve) = (server.new_user("Ada").await?, server.new_user("Eve").await?);
    let (of_ada, of_update) = (format!("account.{}", ada.user_id), "account.update");
    let mut socket = listening(&server, &eve.token, &["account", of_update, &of_ada, "presences"]).await?;
    let rename = json!({"name": "Ada L."});
    server.as_session(&ada.token).patch("/v1/account/name", &rename).await?.expect_status(200)?;
    let own = json!({"name": "Eve L."});
    server.as_session(&eve.token).patch("/v1/account/name", &own).await?.expect_status(200)?;
    assert_eq!(heard(&mut socket).await?["payload"]["name"], "Eve L.", "the first that she hears is her own");
    Ok(())
}

#[tokio::test]
async fn a_user_hears_sessions_come_and_go_and_the_last_word_comes_before_the_close() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let ada = server.new_user("Ada").await?;
    let mut socket = listening(&server, &ada.token, &["account"]).await?;
    let other = server.create_session(&ada.user_id).await?;
    let name = |session: &str, verb: &str| format!("users.{}.sessions.{session}.{verb}", ada.user_id);
    let data = heard_of(&mut socket, &name(&other.session_id, "create")).await?;
    assert_eq!(texts(&data["channels"]), ["account".to_owned(), format!("account.{}", ada.user_id)]);
    assert_eq!(data["payload"]["$id"], other.session_id.as_str());

    let mut doomed = listening(&server, &other.token, &["account"]).await?;
    let path = format!("/v1/account/sessions/{}", other.session_id);
    server.as_session(&ada.token).delete(&path).await?.expect_status(204)?;
    heard_of(&mut socket, &name(&other.session_id, "delete")).await?;
    heard_of(&mut doomed, &name(&other.session_id, "delete")).await?;
    assert_eq!(doomed.wait_for_close(PATIENCE).await?.code, Some(1001));

    server.as_session(&ada.token).delete("/v1/account/sessions").await?.expect_status(204)?;
    heard_of(&mut socket, &name(&ada.session_id, "delete")).await?;
    assert_eq!(socket.wait_for_close(PATIENCE).await?.code, Some(1001));
    Ok(())
}

#[tokio::test]
async fn who_is_blocked_or_deleted_hears_it_before_the_close() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let mut socket = listening(&server, &ada.token, &["account"]).await?;
    let path = format!("/v1/users/{}", ada.user_id);
    server.as_key().patch(&format!("{path}/status"), &json!({"status": false})).await?.expect_status(200)?;
    let data = heard_of(&mut socket, &format!("users.{}.update.status", ada.user_id)).await?;
    assert_eq!(data["payload"]["status"], Value::Bool(false));
    assert_eq!(socket.wait_for_close(PATIENCE).await?.code, Some(1001));

    let mut socket = listening(&server, &bob.token, &["account"]).await?;
    server.as_key().delete(&format!("/v1/users/{}", bob.user_id)).await?.expect_status(204)?;
    heard_of(&mut socket, &format!("users.{}.delete", bob.user_id)).await?;
    assert_eq!(socket.wait_for_close(PATIENCE).await?.code, Some(1001));
    Ok(())
}

#[tokio::test]
async fn a_subscription_hears_what_its_queries_want() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let ada = server.new_user("Ada").await?;
    let mut socket = server.connect_as(&ada.token).await?;
    let query = json!({"method": "equal", "attribute": "name", "values": ["Wanted"]}).to_string();
    let row = json!({"subscriptionId": "s", "channels": ["account"], "queries": [query]});
    socket.request(&json!({"type": "subscribe", "data": [row]})).await?;
    for name in ["Unwanted", "Wanted"] {
        let body = json!({"name": name});
        server.as_session(&ada.token).patch("/v1/account/name", &body).await?.expect_status(200)?;
    }
    assert_eq!(heard(&mut socket).await?["payload"]["name"], "Wanted");
    Ok(())
}
