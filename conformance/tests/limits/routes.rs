//! Every limited route tells its limit, and no other does.

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response};
use serde_json::json;

use crate::support::{account, server, told};

/// Checks the headers of a first call.
fn first(response: &Response, limit: i64, window: i64) -> Result<()> {
    let told = told(response)?.with_context(|| format!("no headers: {}", response.text()))?;
    ensure!((told.limit, told.remaining) == (limit, limit - 1), "{told:?}: {}", response.text());
    ensure!(told.reset % window == 0, "{told:?}: windows begin at multiples of their length");
    Ok(())
}

#[tokio::test]
async fn every_limited_route_tells_its_limit() -> Result<()> {
    const HOUR: i64 = 3600;
    let server = server("").await?;
    let account = account();
    let guest = server.guest();
    first(&guest.post("/v1/account", &account).await?.expect_status(201)?, 10, HOUR)?;
    let credentials = json!({"email": account["email"], "password": account["password"]});
    let signed_in = guest.post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
    first(&signed_in, 10, HOUR)?;
    first(&guest.post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?, 50, HOUR)?;
    let user_id = account["userId"].as_str().context("an id")?;
    let token = server.as_key().post(&format!("/v1/users/{user_id}/tokens"), &json!({})).await?.expect_status(201)?;
    let exchange = json!({"userId": user_id, "secret": token.json()?["secret"]});
    first(&guest.post("/v1/account/sessions/token", &exchange).await?.expect_status(201)?, 10, HOUR)?;

    let user = server.as_session(&server.session_token(&signed_in)?);
    first(&user.post("/v1/account/jwts", &json!({})).await?.expect_status(201)?, 120, 60)?;
    first(&user.patch("/v1/account/sessions/current", &json!({})).await?.expect_status(200)?, 10, HOUR)?;
    let passwords = json!({"password": "battery staple", "oldPassword": "correct horse"});
    first(&user.patch("/v1/account/password", &passwords).await?.expect_status(200)?, 10, HOUR)?;
    let team = user.post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await?.expect_status(201)?;
    ensure!(told(&team)?.is_none(), "making a team is not limited");
    let invitation = json!({"email": "a@example.com", "roles": [], "url": "http://localhost/join"});
    first(&user.post("/v1/teams/crew/memberships", &invitation).await?, 10, HOUR)?;
    let other = server.create_session(user_id).await?;
    let path = format!("/v1/account/sessions/{}", other.session_id);
    first(&user.delete(&path).await?.expect_status(204)?, 100, HOUR)?;
    first(&user.delete("/v1/account/sessions").await?.expect_status(204)?, 100, HOUR)
}

#[tokio::test]
async fn no_other_route_has_a_limit() -> Result<()> {
    let server = server("").await?;
    let user = server.new_user("Ada").await?;
    let (user, key) = (server.as_session(&user.token), server.as_key());
    let read = async |client: &Http, path: &str| client.get(path).await?.expect_status(200);
    let write = json!({"status": "here"});
    for response in [
        read(&user, "/v1/account").await?,
        read(&user, "/v1/presences").await?,
        user.put("/v1/presences/mine", &write).await?.expect_status(200)?,
        read(&user, "/v1/teams").await?,
        read(&key, "/v1/users").await?,
        key.post("/v1/users", &json!({"userId": "bob"})).await?.expect_status(201)?,
    ] {
        ensure!(told(&response)?.is_none(), "{:?}", response.headers);
    }
    Ok(())
}

#[tokio::test]
async fn who_may_not_call_at_all_is_not_counted() -> Result<()> {
    let server = server("jwts_per_minute = 1").await?;
    for _ in 0..3 {
        let refused = server.guest().post("/v1/account/jwts", &json!({})).await?.expect_status(401)?;
        ensure!(told(&refused)?.is_none(), "the scope is checked before");
    }
    Ok(())
}
