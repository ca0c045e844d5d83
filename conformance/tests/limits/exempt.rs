//! Who is not counted, and how limits are switched off.

use anyhow::{Result, ensure};
use herenow_testkit::{RateLimits, Server, ServerOptions};
use serde_json::json;

use crate::support::{account, refused, remaining, server, told};

#[tokio::test]
async fn a_key_is_told_how_it_stands_and_never_stopped() -> Result<()> {
    let server = server("sign_ups_per_hour = 2\ninvitations_per_hour = 1").await?;
    for _ in 0..4 {
        let made = server.as_key().post("/v1/account", &account()).await?.expect_status(201)?;
        assert_eq!(remaining(&made)?, 1);
    }
    assert_eq!(remaining(&server.guest().post("/v1/account", &account()).await?.expect_status(201)?)?, 1);
    assert_eq!(remaining(&server.as_key().post("/v1/account", &account()).await?.expect_status(201)?)?, 0);
    server.as_key().post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await?.expect_status(201)?;
    for number in 0..3 {
        let body = json!({"email": format!("u{number}@example.com"), "roles": []});
        server.as_key().post("/v1/teams/crew/memberships", &body).await?.expect_status(201)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_none_is_no_excuse() -> Result<()> {
    let server = server("anonymous_sessions_per_hour = 1").await?;
    let stranger = server.guest().with_header("x-appwrite-key", "made_up");
    stranger.post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    refused(&stranger.post("/v1/account/sessions/anonymous", &json!({})).await?)
}

#[tokio::test]
async fn where_limits_are_off_the_headers_stay() -> Result<()> {
    let options = ServerOptions::new().rate_limits(RateLimits::Off).tables("[limits]\nsign_ups_per_hour = 1");
    let server = Server::start(options).await?;
    for _ in 0..3 {
        let made = server.guest().post("/v1/account", &account()).await?.expect_status(201)?;
        assert_eq!(remaining(&made)?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_limit_of_0_is_none() -> Result<()> {
    let server = server("anonymous_sessions_per_hour = 0").await?;
    for _ in 0..60 {
        let made = server.guest().post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
        ensure!(told(&made)?.is_none(), "{:?}", made.headers);
    }
    Ok(())
}
