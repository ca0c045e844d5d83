//! JWTs of users: made, bound, ended.

use anyhow::Result;
use herenow_testkit::{Server, await_until};
use serde_json::{Value, json};

use crate::support::{SOON, refused, server, text};

async fn jwt_of(server: &Server, token: &str, body: &Value) -> Result<String> {
    let response = server.as_session(token).post("/v1/account/jwts", body).await?.expect_status(201)?;
    text(&response.json()?, "jwt")
}

#[tokio::test]
async fn a_jwt_speaks_for_the_user_of_the_session() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let jwt = jwt_of(&server, &ada.token, &json!({})).await?;
    assert_eq!(jwt.split('.').count(), 3);
    let client = server.as_jwt(&jwt);
    assert_eq!(client.get("/v1/account").await?.expect_status(200)?.json()?["$id"], ada.user_id);
    client.put("/v1/presences/p1", &json!({"status": "online"})).await?.expect_status(200)?;
    let old = server.as_session(&ada.token).post("/v1/account/jwt", &json!({"duration": 60})).await?;
    old.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn a_jwt_has_no_session_of_its_own_and_makes_no_other() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_jwt(&jwt_of(&server, &ada.token, &json!({})).await?);
    refused(&client.post("/v1/account/jwts", &json!({})).await?, 403, "user_jwt_creation_denied")?;
    refused(&client.get("/v1/account/sessions/current").await?, 404, "user_session_not_found")?;
    refused(&client.delete("/v1/account/sessions/current").await?, 404, "user_session_not_found")?;
    let sessions = client.get("/v1/account/sessions").await?.expect_status(200)?.json()?;
    assert_eq!((&sessions["total"], &sessions["sessions"][0]["current"]), (&json!(1), &json!(false)));
    Ok(())
}

#[tokio::test]
async fn a_jwt_ends_with_its_session() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let jwt = jwt_of(&server, &ada.token, &json!({})).await?;
    server.as_session(&ada.token).delete("/v1/account/sessions/current").await?.expect_status(204)?;
    refused(&server.as_jwt(&jwt).get("/v1/account").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn a_jwt_ends_with_its_time() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_jwt(&jwt_of(&server, &ada.token, &json!({"duration": 1})).await?);
    let has_ended = async || client.get("/v1/account").await.is_ok_and(|response| response.status == 401);
    await_until("the JWT ends", SOON, has_ended).await?;
    refused(&client.get("/v1/account").await?, 401, "user_jwt_invalid")?;
    Ok(())
}

#[tokio::test]
async fn a_jwt_that_was_tampered_with_or_is_none_is_refused() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let jwt = jwt_of(&server, &ada.token, &json!({})).await?;
    let (head, signature) = jwt.rsplit_once('.').expect("a signature");
    for broken in [format!("{head}."), format!("{head}.{}", signature.to_lowercase()), "a.b.c".into(), "x".into()] {
        refused(&server.as_jwt(&broken).get("/v1/account").await?, 401, "user_jwt_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn the_life_of_a_jwt_is_between_a_second_and_an_hour() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    for duration in [json!(0), json!(3601), json!(-1), json!("soon"), json!(1.5)] {
        let response = client.post("/v1/account/jwts", &json!({"duration": duration})).await?;
        refused(&response, 400, "general_argument_invalid")?;
    }
    for duration in [json!(3600), json!("60"), json!(null)] {
        jwt_of(&server, &ada.token, &json!({"duration": duration})).await?;
    }
    refused(&server.guest().post("/v1/account/jwts", &json!({})).await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn a_jwt_is_worth_nothing_in_another_project() -> Result<()> {
    let options = herenow_testkit::ServerOptions::new().tables("[[projects]]\nid = \"other\"");
    let server = Server::start(options).await?;
    let ada = server.new_user("Ada").await?;
    let jwt = jwt_of(&server, &ada.token, &json!({})).await?;
    let elsewhere = server.as_jwt(&jwt).with_header("X-Appwrite-Project", "other");
    refused(&elsewhere.get("/v1/account").await?, 401, "user_jwt_invalid")
}

#[tokio::test]
async fn a_server_s_jwt_is_bound_to_the_session_that_it_names_or_to_the_last() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let last = server.create_session(&ada.user_id).await?;
    let path = format!("/v1/users/{}/jwts", ada.user_id);
    let make = async |body: Value| -> Result<herenow_testkit::Http> {
        let jwt = server.as_key().post(&path, &body).await?.expect_status(201)?.json()?;
        Ok(server.as_jwt(&text(&jwt, "jwt")?))
    };
    let named = make(json!({"sessionId": ada.session_id})).await?;
    let recent = make(json!({"sessionId": "recent", "duration": 60})).await?;
    let default = make(json!({})).await?;
    let unbound = make(json!({"sessionId": "nothing"})).await?;
    server.as_session(&last.token).delete("/v1/account/sessions/current").await?.expect_status(204)?;
    for (client, status) in [(&named, 200), (&recent, 401), (&default, 401), (&unbound, 200)] {
        client.get("/v1/account").await?.expect_status(status)?;
    }
    for body in [json!({"duration": 0}), json!({"sessionId": "_bad"}), json!({"duration": 3601})] {
        refused(&server.as_key().post(&path, &body).await?, 400, "general_argument_invalid")?;
    }
    refused(&server.as_key().post("/v1/users/nobody/jwts", &json!({})).await?, 404, "user_not_found")
}
