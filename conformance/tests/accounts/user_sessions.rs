//! Sessions and tokens of users, for servers.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{done, refused, server, signed_in, signed_out, text};

#[tokio::test]
async fn a_server_s_session_comes_with_its_token_once_and_without_cookies() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let path = format!("/v1/users/{ada}/sessions");
    let response = server.as_key().post(&path, &json!({})).await?.expect_status(201)?;
    assert!(response.cookies().is_empty() && response.header("x-fallback-cookies").is_none());
    let session = response.json()?;
    assert_eq!((&session["provider"], &session["factors"]), (&json!("server"), &json!(["server"])));
    signed_in(&server, &text(&session, "secret")?).await?;
    let list = server.as_key().get(&path).await?.expect_status(200)?.json()?;
    assert_eq!((&list["total"], &list["sessions"][0]["$id"]), (&json!(1), &session["$id"]));
    assert_eq!((&list["sessions"][0]["secret"], &list["sessions"][0]["current"]), (&json!(""), &json!(false)));
    let uncounted = server.as_key().get(&format!("{path}?total=false")).await?.json()?;
    assert_eq!((&uncounted["total"], &uncounted["sessions"][0]["$id"]), (&json!(0), &session["$id"]));
    Ok(())
}

#[tokio::test]
async fn a_server_s_sessions_end_none() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    for _ in 0..11 {
        server.create_session(&ada.user_id).await?;
    }
    signed_in(&server, &ada.token).await
}

#[tokio::test]
async fn a_server_ends_one_session_or_all() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let other = server.create_session(&ada.user_id).await?;
    let path = format!("/v1/users/{}/sessions", ada.user_id);
    let wrong_owner = format!("{path}/{}", bob.session_id);
    refused(&server.as_key().delete(&wrong_owner).await?, 404, "user_session_not_found")?;
    done(&server.as_key().delete(&format!("{path}/{}", ada.session_id)).await?)?;
    signed_out(&server, &ada.token).await?;
    signed_in(&server, &other.token).await?;
    done(&server.as_key().delete(&path).await?)?;
    signed_out(&server, &other.token).await?;
    signed_in(&server, &bob.token).await
}

#[tokio::test]
async fn a_token_has_the_length_and_life_that_were_asked_for() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let path = format!("/v1/users/{ada}/tokens");
    let post = async |body: Value| server.as_key().post(&path, &body).await;
    for (body, length) in [(json!({}), 6), (json!({"length": 7, "expire": 60}), 7), (json!({"length": 128}), 128)] {
        let token = post(body).await?.expect_status(201)?.json()?;
        let secret = text(&token, "secret")?;
        assert!(secret.len() == length && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}");
        assert_eq!((&token["userId"], &token["phrase"]), (&json!(ada), &json!("")));
        assert!(text(&token, "expire")? > text(&token, "$createdAt")?);
    }
    for bad in [json!({"length": 3}), json!({"length": 129}), json!({"expire": 59}), json!({"expire": 31_536_001})] {
        refused(&post(bad).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}
