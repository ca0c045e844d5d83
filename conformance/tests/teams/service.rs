//! The small answers about the server itself.

use anyhow::Result;
use serde_json::json;

use crate::scene::{Scene, refused};

#[tokio::test]
async fn keys_ask_for_the_health_and_others_for_the_version() -> Result<()> {
    let scene = Scene::start().await?;
    for client in [scene.server.as_key(), scene.as_narrow_key()] {
        let health = client.get("/v1/health").await?.expect_status(200)?;
        assert_eq!(health.text(), r#"{"name":"http","ping":0,"status":"pass"}"#);
        refused(&client.get("/v1/health/version").await?, 401, "general_unauthorized_scope")?;
    }
    for client in [scene.server.guest(), scene.as_owner()] {
        refused(&client.get("/v1/health").await?, 401, "general_unauthorized_scope")?;
        let version = client.get("/v1/health/version").await?.expect_status(200)?;
        assert_eq!(version.text(), r#"{"version":"1.9.6"}"#);
    }
    Ok(())
}

#[tokio::test]
async fn the_locale_knows_the_address_and_no_country() -> Result<()> {
    let scene = Scene::start().await?;
    for client in [scene.server.guest(), scene.as_owner()] {
        let locale = client.get("/v1/locale").await?.expect_status(200)?.json()?;
        let expected = json!({
            "ip": "127.0.0.1",
            "countryCode": "--",
            "country": "Unknown",
            "continentCode": "--",
            "continent": "Unknown",
            "eu": false,
            "currency": "",
        });
        assert_eq!(locale, expected);
    }
    refused(&scene.as_narrow_key().get("/v1/locale").await?, 401, "general_unauthorized_scope")
}
