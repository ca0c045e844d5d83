//! Which of several credentials counts.

use anyhow::Result;
use herenow_testkit::{Http, Server, SignedIn};
use serde_json::json;

use crate::support::{refused, server, text};

/// Four people, one for each place of a session.
async fn four(server: &Server) -> Result<[SignedIn; 4]> {
    Ok([
        server.new_user("Cookie").await?,
        server.new_user("Legacy").await?,
        server.new_user("Header").await?,
        server.new_user("Fallback").await?,
    ])
}

async fn who(client: &Http) -> Result<String> {
    text(&client.get("/v1/account").await?.expect_status(200)?.json()?, "$id")
}

#[tokio::test]
async fn the_cookie_beats_the_legacy_one_beats_the_header_beats_the_fallback() -> Result<()> {
    let server = server().await?;
    let [cookie, legacy, header, fallback] = four(&server).await?;
    let in_fallback = json!({"a_session_test": fallback.token}).to_string();
    let client = server.guest().with_header("X-Fallback-Cookies", &in_fallback);
    assert_eq!(who(&client).await?, fallback.user_id);
    let client = client.with_header("X-Appwrite-Session", &header.token);
    assert_eq!(who(&client).await?, header.user_id);
    let legacy_line = format!("a_session_test_legacy={}", legacy.token);
    assert_eq!(who(&client.clone().with_header("Cookie", &legacy_line)).await?, legacy.user_id);
    let both = format!("{legacy_line}; a_session_test={}", cookie.token);
    assert_eq!(who(&client.with_header("Cookie", &both)).await?, cookie.user_id);
    Ok(())
}

#[tokio::test]
async fn a_cookie_of_another_project_or_without_sense_is_passed_over() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    for line in [format!("a_session_other={}", ada.token), "a_session_test=nonsense".to_owned()] {
        assert_eq!(who(&client.clone().with_header("Cookie", &line)).await?, ada.user_id);
    }
    let other = format!("a_session_other={}", ada.token);
    let response = server.guest().with_header("Cookie", &other).get("/v1/account").await?;
    refused(&response, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn a_session_and_a_jwt_contradict_each_other_unless_the_session_is_none() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let jwt = server.as_session(&ada.token).post("/v1/account/jwts", &json!({})).await?.json()?;
    let client = server.as_jwt(&text(&jwt, "jwt")?);
    let both = client.clone().with_header("X-Appwrite-Session", &bob.token);
    refused(&both.get("/v1/account").await?, 403, "user_jwt_and_cookie_set")?;
    server.as_session(&bob.token).delete("/v1/account/sessions/current").await?.expect_status(204)?;
    assert_eq!(who(&both).await?, ada.user_id);
    Ok(())
}

#[tokio::test]
async fn a_key_beats_a_session_and_has_no_account() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_key().with_header("X-Appwrite-Session", &ada.token);
    refused(&client.get("/v1/account").await?, 401, "general_unauthorized_scope")?;
    client.get("/v1/users").await?.expect_status(200)?;
    Ok(())
}
