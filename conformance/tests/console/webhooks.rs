//! Webhooks: kept and given back, in the forms of today and of before.

use anyhow::Result;
use serde_json::json;

use crate::support::{Operator, refused, server, text};

#[tokio::test]
async fn a_webhook_shows_its_secrets_once() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let admin = owner.admin(&owner.project().await?);
    let body = json!({
        "webhookId": "hook", "name": "Hook", "url": "https://example.com/hook", "events": ["users.*", "teams.*.create"],
        "tls": true, "authUsername": "u", "authPassword": "open sesame", "secret": "a secret of mine",
    });
    let made = admin.post("/v1/webhooks", &body).await?.expect_status(201)?.json()?;
    for key in ["name", "url", "events", "tls", "authUsername", "authPassword", "secret"] {
        assert_eq!(made[key], body[key], "{key}");
    }
    assert_eq!((&made["enabled"], &made["attempts"], &made["logs"]), (&json!(true), &json!(0), &json!("")));
    refused(&admin.post("/v1/webhooks", &body).await?, 409, "webhook_already_exists")?;
    for path in ["/v1/webhooks", "/v1/webhooks/hook"] {
        let later = admin.get(path).await?.expect_status(200)?.text();
        assert!(!later.contains("open sesame") && !later.contains("a secret of mine"), "{later}");
    }
    let renewed = admin.patch("/v1/webhooks/hook/secret", &json!({})).await?.expect_status(200)?.json()?;
    assert_eq!((text(&renewed, "secret")?.len(), &renewed["authPassword"]), (128, &json!("")));
    let change = json!({"name": "New", "url": "http://example.com", "events": ["users.*"], "enabled": false});
    let changed = admin.put("/v1/webhooks/hook", &change).await?.expect_status(200)?.json()?;
    assert_eq!(
        (&changed["enabled"], &changed["tls"], &changed["authUsername"]),
        (&json!(false), &json!(true), &json!("u"))
    );
    admin.delete("/v1/webhooks/hook").await?.expect_status(204)?;
    refused(&admin.get("/v1/webhooks/hook").await?, 404, "webhook_not_found")
}

#[tokio::test]
async fn older_clients_use_other_names() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let path = format!("/v1/projects/{}/webhooks", owner.project().await?);
    let body = json!({
        "name": "Hook", "url": "http://localhost:9000", "events": ["users.*"], "security": true, "httpUser": "u",
        "httpPass": "p",
    });
    let made = owner.console().post(&path, &body).await?.expect_status(201)?.json()?;
    assert_eq!((&made["security"], &made["httpUser"], &made["httpPass"]), (&json!(true), &json!("u"), &json!("p")));
    assert_eq!(made["signatureKey"], made["secret"]);
    let path = format!("{path}/{}", text(&made, "$id")?);
    let signed = owner.console().patch(&format!("{path}/signature"), &json!({})).await?.expect_status(200)?.json()?;
    assert_ne!(signed["signatureKey"], made["signatureKey"]);
    owner.console().get(&path).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn a_webhook_needs_an_address_and_events_that_there_are() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let admin = owner.admin(&owner.project().await?);
    for (key, value) in [
        ("url", json!("ftp://example.com")),
        ("url", json!("example")),
        ("url", json!("http://")),
        ("events", json!(["presences.*"])),
        ("events", json!(["nothing.*"])),
        ("events", json!(vec!["users.*"; 101])),
        ("name", json!("")),
        ("secret", json!("short")),
        ("webhookId", json!("_x")),
    ] {
        let mut body = json!({"webhookId": "unique()", "name": "x", "url": "http://a.test", "events": ["users.*"]});
        body[key] = value;
        refused(&admin.post("/v1/webhooks", &body).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}
