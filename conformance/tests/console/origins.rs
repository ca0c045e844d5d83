//! From which pages an operator may call, and what platforms let in.

use anyhow::Result;
use serde_json::json;

use crate::support::{Operator, guest, refused, server};

#[tokio::test]
async fn admin_mode_and_the_console_open_to_the_servers_own_pages_alone() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    for host in ["*", "app.test"] {
        let web = json!({"name": "App", "hostname": host});
        owner.admin(&id).post("/v1/project/platforms/web", &web).await?.expect_status(201)?;
    }
    let from = |client: herenow_testkit::Http, origin: &str| client.with_header("Origin", origin);
    let bound = format!("/v1/projects/{id}/keys");
    for own in ["http://localhost", "http://127.0.0.1:3000"] {
        let answer = from(owner.admin(&id), own).get("/v1/users").await?.expect_status(200)?;
        assert_eq!(answer.header("access-control-allow-origin"), Some(own));
        from(owner.console(), own).get(&bound).await?.expect_status(200)?;
    }
    let callback = format!("appwrite-callback-{id}://x");
    for foreign in ["https://app.test", "https://evil.test", "exp://localhost", callback.as_str()] {
        for (client, path) in
            [(owner.admin(&id), "/v1/users"), (owner.console(), "/v1/projects"), (owner.console(), bound.as_str())]
        {
            let answer = from(client, foreign).get(path).await?;
            refused(&answer, 403, "general_unknown_origin")?;
            assert_eq!(answer.header("access-control-allow-origin"), None, "{foreign}");
        }
    }
    from(guest(&server, &id), "https://app.test").get("/v1/ping").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn a_platform_lets_in_at_once_and_keeps_out_once_removed() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let from = |origin: &str| guest(&server, &id).with_header("Origin", origin);
    let sign_up = async |origin: &str| from(origin).post("/v1/account/sessions/anonymous", &json!({})).await;
    for (kind, body, origin) in [
        ("web", json!({"platformId": "p", "name": "x", "hostname": "*.app.test"}), "https://a.app.test"),
        ("android", json!({"platformId": "p", "name": "x", "applicationId": "com.app"}), "appwrite-android://com.app"),
        ("apple", json!({"platformId": "p", "name": "x", "bundleIdentifier": "com.app"}), "appwrite-ios://com.app"),
    ] {
        refused(&sign_up(origin).await?, 403, "general_unknown_origin")?;
        let path = format!("/v1/project/platforms/{kind}");
        owner.admin(&id).post(&path, &body).await?.expect_status(201)?;
        let answer = sign_up(origin).await?.expect_status(201)?;
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        owner.admin(&id).delete("/v1/project/platforms/p").await?.expect_status(204)?;
        refused(&sign_up(origin).await?, 403, "general_unknown_origin")?;
    }
    Ok(())
}
