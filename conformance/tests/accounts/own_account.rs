//! What a user does with the own account: read, change, block, delete.

use anyhow::Result;
use serde_json::json;

use crate::support::{Person, done, refused, server, sign_in, signed_in, signed_out, text};

#[tokio::test]
async fn a_guest_has_no_account() -> Result<()> {
    let server = server().await?;
    for path in ["", "/sessions", "/prefs"] {
        let response = server.guest().get(&format!("/v1/account{path}")).await?;
        refused(&response, 401, "general_unauthorized_scope")?;
    }
    for path in ["/prefs", "/name", "/password", "/status", "/sessions/current"] {
        let response = server.guest().patch(&format!("/v1/account{path}"), &json!({})).await?;
        refused(&response, 401, "general_unauthorized_scope")?;
    }
    refused(&server.guest().delete("/v1/account").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn a_new_name_is_shown_and_moves_the_date_of_change_once() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    let changed = client.patch("/v1/account/name", &json!({"name": "Ada L."})).await?.expect_status(200)?.json()?;
    assert_eq!(changed["name"], "Ada L.");
    assert!(text(&changed, "$updatedAt")? > text(&changed, "$createdAt")?);
    assert_eq!(client.get("/v1/account").await?.json()?["name"], "Ada L.");
    let again = client.patch("/v1/account/name", &json!({"name": "Ada L."})).await?.expect_status(200)?.json()?;
    assert_eq!(again["$updatedAt"], changed["$updatedAt"]);
    for name in [json!(""), json!("x".repeat(129)), json!(null), json!(1)] {
        let response = client.patch("/v1/account/name", &json!({"name": name})).await?;
        refused(&response, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn preferences_are_replaced_whole_and_keep_their_order() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    assert_eq!(client.get("/v1/account/prefs").await?.expect_status(200)?.text(), "{}");
    let prefs = json!({"prefs": {"theme": "dark", "a": {"n": 3, "empty": {}}, "list": []}});
    let account = client.patch("/v1/account/prefs", &prefs).await?.expect_status(200)?.json()?;
    assert_eq!(account["prefs"], prefs["prefs"]);
    let kept = client.get("/v1/account/prefs").await?.text();
    assert_eq!(kept, r#"{"theme":"dark","a":{"n":3,"empty":{}},"list":[]}"#);
    for bad in [json!([]), json!(["a"]), json!("x"), json!(1), json!(null), json!({"x": "y".repeat(65_536)})] {
        let response = client.patch("/v1/account/prefs", &json!({"prefs": bad})).await?;
        refused(&response, 400, "general_argument_invalid")?;
    }
    assert_eq!(client.get("/v1/account/prefs").await?.text(), kept);
    client.patch("/v1/account/prefs", &json!({"prefs": {}})).await?.expect_status(200)?;
    assert_eq!(client.get("/v1/account/prefs").await?.text(), "{}");
    Ok(())
}

#[tokio::test]
async fn a_new_password_needs_the_former_one_and_ends_all_other_sessions() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let (here, elsewhere) = (ada.sign_in(&server).await?, ada.sign_in(&server).await?);
    let client = server.as_session(&here.token);
    for former in [json!("another one"), json!(""), json!(null)] {
        let change = json!({"password": "a new password", "oldPassword": former});
        refused(&client.patch("/v1/account/password", &change).await?, 401, "user_invalid_credentials")?;
    }
    signed_in(&server, &elsewhere.token).await?;
    let change = json!({"password": "a new password", "oldPassword": ada.password});
    let account = client.patch("/v1/account/password", &change).await?.expect_status(200)?.json()?;
    assert!(text(&account, "passwordUpdate")? > text(&account, "registration")?);
    signed_in(&server, &here.token).await?;
    signed_out(&server, &elsewhere.token).await?;
    refused(&sign_in(&server.guest(), &ada.credentials()).await?, 401, "user_invalid_credentials")?;
    let new = json!({"email": ada.email, "password": "a new password"});
    sign_in(&server.guest(), &new).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn who_has_no_password_sets_the_first_one_without_a_former() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    for password in [json!("short"), json!(null), json!("x".repeat(257))] {
        let response = client.patch("/v1/account/password", &json!({"password": password})).await?;
        refused(&response, 400, "general_argument_invalid")?;
    }
    client.patch("/v1/account/password", &json!({"password": "a new password"})).await?.expect_status(200)?;
    let credentials = json!({"email": format!("{}@example.com", ada.user_id), "password": "a new password"});
    sign_in(&server.guest(), &credentials).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn who_blocks_the_own_account_is_let_in_nowhere() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    let response = client.patch("/v1/account/status", &json!({})).await?.expect_status(200)?;
    assert_eq!(response.json()?["status"], false);
    assert_eq!(response.header("x-fallback-cookies"), Some("[]"));
    assert_eq!(response.cookies().len(), 2);
    refused(&client.get("/v1/account").await?, 403, "user_blocked")?;
    refused(&client.patch("/v1/account/name", &json!({"name": "x"})).await?, 403, "user_blocked")
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_sessions_and_its_email_is_free() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let session = ada.sign_in(&server).await?;
    done(&server.as_session(&session.token).delete("/v1/account").await?)?;
    signed_out(&server, &session.token).await?;
    refused(&server.as_key().get(&format!("/v1/users/{}", ada.id)).await?, 404, "user_not_found")?;
    refused(&sign_in(&server.guest(), &ada.credentials()).await?, 401, "user_invalid_credentials")?;
    server.guest().post("/v1/account", &ada.account()).await?.expect_status(201)?;
    Ok(())
}
