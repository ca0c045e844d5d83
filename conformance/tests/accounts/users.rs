//! One user, for servers: read, change, block, delete.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{Person, done, refused, server, signed_in, signed_out, text};

#[tokio::test]
async fn a_server_makes_and_reads_a_user_without_its_secrets() -> Result<()> {
    let server = server().await?;
    let body = json!({"userId": "ada", "email": "Ada@Example.com", "phone": "+15550100", "password": "longenough", "name": "Ada"});
    let made = server.as_key().post("/v1/users", &body).await?.expect_status(201)?.json()?;
    assert_eq!((&made["email"], &made["phone"]), (&json!("ada@example.com"), &json!("+15550100")));
    assert_eq!((&made["password"], &made["hash"]), (&Value::Null, &json!("argon2")));
    assert_eq!((&made["accessedAt"], &made["hashOptions"]["type"]), (&json!(""), &json!("argon2")));
    assert_eq!(made["targets"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.as_key().get("/v1/users/ada").await?.expect_status(200)?.json()?, made);
    for (key, value) in [("userId", json!("ada")), ("email", json!("ADA@example.com")), ("phone", json!("+15550100"))] {
        let mut other = json!({"userId": "bob"});
        other[key] = value;
        refused(&server.as_key().post("/v1/users", &other).await?, 409, "user_already_exists")?;
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_user_is_not_found_anywhere() -> Result<()> {
    let server = server().await?;
    let key = server.as_key();
    refused(&key.get("/v1/users/nobody").await?, 404, "user_not_found")?;
    refused(&key.delete("/v1/users/nobody").await?, 404, "user_not_found")?;
    refused(&key.put("/v1/users/nobody/labels", &json!({"labels": []})).await?, 404, "user_not_found")?;
    for (path, body) in [
        ("status", json!({"status": true})),
        ("name", json!({"name": "x"})),
        ("verification", json!({"emailVerification": true})),
        ("verification/phone", json!({"phoneVerification": true})),
        ("prefs", json!({"prefs": {}})),
    ] {
        refused(&key.patch(&format!("/v1/users/nobody/{path}"), &body).await?, 404, "user_not_found")?;
    }
    for path in ["sessions", "prefs"] {
        refused(&key.get(&format!("/v1/users/nobody/{path}")).await?, 404, "user_not_found")?;
    }
    for path in ["sessions", "tokens", "jwts"] {
        refused(&key.post(&format!("/v1/users/nobody/{path}"), &json!({})).await?, 404, "user_not_found")?;
    }
    refused(&key.delete("/v1/users/nobody/sessions").await?, 404, "user_not_found")?;
    refused(&key.delete("/v1/users/nobody/sessions/x").await?, 404, "user_not_found")?;
    refused(&key.get("/v1/users/_bad").await?, 400, "general_argument_invalid")
}

#[tokio::test]
async fn guests_and_users_manage_nobody() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let user = format!("/v1/users/{}", ada.user_id);
    for client in [server.guest(), server.as_session(&ada.token)] {
        for path in ["/v1/users", &user, &format!("{user}/sessions"), &format!("{user}/prefs")] {
            refused(&client.get(path).await?, 401, "general_unauthorized_scope")?;
        }
        // Both have sessions.write, by which they sign in: it must open nobody's sessions.
        for path in ["sessions", "tokens", "jwts"] {
            let response = client.post(&format!("{user}/{path}"), &json!({})).await?;
            refused(&response, 401, "general_unauthorized_scope")?;
        }
        for path in [user.clone(), format!("{user}/sessions"), format!("{user}/sessions/{}", ada.session_id)] {
            refused(&client.delete(&path).await?, 401, "general_unauthorized_scope")?;
        }
        let response = client.patch(&format!("{user}/status"), &json!({"status": false})).await?;
        refused(&response, 401, "general_unauthorized_scope")?;
    }
    signed_in(&server, &ada.token).await
}

#[tokio::test]
async fn labels_are_replaced_in_order_and_without_doubles() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let path = format!("/v1/users/{ada}/labels");
    let put = async |labels: Value| server.as_key().put(&path, &json!({"labels": labels})).await;
    let user = put(json!(["vip", "a1", "vip", "VIP"])).await?.expect_status(200)?.json()?;
    assert_eq!(user["labels"], json!(["vip", "a1", "VIP"]));
    let too_many: Vec<String> = (0..1001).map(|index| format!("l{index}")).collect();
    for bad in [
        json!(["with space"]),
        json!([""]),
        json!(["x".repeat(37)]),
        json!("vip"),
        json!([1]),
        json!(null),
        json!(too_many),
    ] {
        refused(&put(bad).await?, 400, "general_argument_invalid")?;
    }
    let user = server.as_key().get(&format!("/v1/users/{ada}")).await?.json()?;
    assert_eq!(user["labels"], json!(["vip", "a1", "VIP"]));
    assert_eq!(put(json!([])).await?.expect_status(200)?.json()?["labels"], json!([]));
    Ok(())
}

#[tokio::test]
async fn a_blocked_user_is_refused_until_let_in_again() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let path = format!("/v1/users/{}/status", ada.user_id);
    let user = server.as_key().patch(&path, &json!({"status": "0"})).await?.expect_status(200)?.json()?;
    assert_eq!(user["status"], false);
    let client = server.as_session(&ada.token);
    refused(&client.get("/v1/account").await?, 403, "user_blocked")?;
    refused(&client.put("/v1/presences/p", &json!({"status": "on"})).await?, 403, "user_blocked")?;
    server.as_key().patch(&path, &json!({"status": true})).await?.expect_status(200)?;
    client.put("/v1/presences/p", &json!({"status": "on"})).await?.expect_status(200)?;
    for bad in [json!("maybe"), json!(2), json!(null)] {
        refused(&server.as_key().patch(&path, &json!({"status": bad})).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn names_verifications_and_preferences_are_set() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let patch = async |path: &str, body: Value| server.as_key().patch(&format!("/v1/users/{ada}/{path}"), &body).await;
    assert_eq!(patch("name", json!({"name": ""})).await?.expect_status(200)?.json()?["name"], "");
    let user = patch("verification", json!({"emailVerification": true})).await?.expect_status(200)?.json()?;
    assert_eq!((&user["emailVerification"], &user["phoneVerification"]), (&json!(true), &json!(false)));
    let user = patch("verification/phone", json!({"phoneVerification": true})).await?.expect_status(200)?.json()?;
    assert_eq!((&user["emailVerification"], &user["phoneVerification"]), (&json!(true), &json!(true)));
    let prefs = patch("prefs", json!({"prefs": {"z": 1, "a": 2}})).await?.expect_status(200)?;
    assert_eq!(prefs.text(), r#"{"z":1,"a":2}"#);
    assert_eq!(server.as_key().get(&format!("/v1/users/{ada}/prefs")).await?.text(), r#"{"z":1,"a":2}"#);
    for (path, body) in [
        ("name", json!({"name": "x".repeat(129)})),
        ("name", json!({})),
        ("verification", json!({"emailVerification": "true"})),
        ("verification", json!({"emailVerification": 1})),
        ("verification/phone", json!({})),
        ("prefs", json!({"prefs": []})),
    ] {
        refused(&patch(path, body).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_deleted_user_is_gone_with_sessions_tokens_and_presence() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let session = ada.sign_in(&server).await?;
    let client = server.as_session(&session.token);
    client.put("/v1/presences/p", &json!({"status": "on"})).await?.expect_status(200)?;
    let token = server.as_key().post(&format!("/v1/users/{}/tokens", ada.id), &json!({})).await?.json()?;
    done(&server.as_key().delete(&format!("/v1/users/{}", ada.id)).await?)?;
    signed_out(&server, &session.token).await?;
    refused(&server.as_key().get("/v1/presences/p").await?, 404, "presence_not_found")?;
    let exchange = json!({"userId": ada.id, "secret": text(&token, "secret")?});
    refused(&server.guest().post("/v1/account/sessions/token", &exchange).await?, 401, "user_invalid_token")?;
    refused(&server.as_key().delete(&format!("/v1/users/{}", ada.id)).await?, 404, "user_not_found")
}

#[tokio::test]
async fn a_user_is_seen_once_it_has_called() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let path = format!("/v1/users/{}", ada.user_id);
    assert_eq!(server.as_key().get(&path).await?.json()?["accessedAt"], "");
    signed_in(&server, &ada.token).await?;
    let seen = async || {
        let user = server.as_key().get(&path).await.and_then(|response| response.json());
        user.is_ok_and(|user| user["accessedAt"] != "")
    };
    herenow_testkit::await_until("the user was seen", crate::support::SOON, seen).await
}
