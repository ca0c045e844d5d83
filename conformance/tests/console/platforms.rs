//! Platforms in the forms of today and of before.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{Operator, refused, server, text};

#[tokio::test]
async fn each_kind_has_a_path_of_its_own_and_an_id_under_its_own_name() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let admin = owner.admin(&owner.project().await?);
    for (kind, key, value) in [
        ("web", "hostname", "app.test"),
        ("apple", "bundleIdentifier", "com.app"),
        ("android", "applicationId", "com.app"),
        ("linux", "packageName", "app"),
        ("windows", "packageIdentifierName", "App"),
    ] {
        let path = format!("/v1/project/platforms/{kind}");
        let mut body = json!({"platformId": kind, "name": "An app"});
        refused(&admin.post(&path, &body).await?, 400, "general_argument_invalid")?;
        body[key] = json!(value);
        let made = admin.post(&path, &body).await?.expect_status(201)?.json()?;
        assert_eq!((&made["type"], &made[key], &made["name"]), (&json!(kind), &json!(value), &json!("An app")));
        refused(&admin.post(&path, &body).await?, 409, "platform_already_exists")?;
        let id = text(&made, "$id")?;
        let changed = admin.put(&format!("{path}/{id}"), &json!({"name": "Renamed"})).await?.expect_status(200)?;
        assert_eq!((&changed.json()?["name"], &changed.json()?[key]), (&json!("Renamed"), &json!(value)));
        let kept = admin.get(&format!("/v1/project/platforms/{id}")).await?.expect_status(200)?.json()?;
        assert_eq!(kept, changed.json()?);
    }
    assert_eq!(admin.get("/v1/project/platforms").await?.json()?["total"], 5);
    let web = json!({"method": "equal", "attribute": "type", "values": ["web"]}).to_string();
    let web = admin.request(http::Method::GET, "/v1/project/platforms").query("queries[0]", &web).send().await?;
    assert_eq!(web.expect_status(200)?.json()?["total"], 1);
    Ok(())
}

#[tokio::test]
async fn older_clients_name_the_kind_in_the_body() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let path = format!("/v1/projects/{}/platforms", owner.project().await?);
    let older = owner.console().with_header("X-Appwrite-Response-Format", "1.8.0");
    let web = json!({"type": "web", "name": "Site", "hostname": "localhost"});
    let made = older.post(&path, &web).await?.expect_status(201)?.json()?;
    assert_eq!((&made["type"], &made["hostname"], &made["store"]), (&json!("web"), &json!("localhost"), &json!("")));
    let native = json!({"type": "flutter-ios", "name": "App", "key": "com.app", "hostname": ""});
    let native = older.post(&path, &native).await?.expect_status(201)?.json()?;
    assert_eq!((&native["type"], &native["key"]), (&json!("flutter-ios"), &json!("com.app")));
    let id = text(&native, "$id")?;
    let changed = json!({"name": "App 2", "key": "com.app2"});
    let changed = older.put(&format!("{path}/{id}"), &changed).await?.expect_status(200)?.json()?;
    assert_eq!((&changed["key"], &changed["name"]), (&json!("com.app2"), &json!("App 2")));
    assert_eq!(owner.console().get(&format!("{path}/{id}")).await?.json()?["type"], "apple");
    for body in [
        json!({"type": "toaster", "name": "x", "hostname": "a.test"}),
        json!({"type": "web", "name": "x", "hostname": "http://a.test"}),
        json!({"type": "web", "name": "x"}),
        json!({"type": "android", "name": "x"}),
        json!({"type": "web", "hostname": "a.test"}),
    ] {
        refused(&older.post(&path, &body).await?, 400, "general_argument_invalid")?;
    }
    older.delete(&format!("{path}/{id}")).await?.expect_status(204)?;
    for answer in [
        older.get(&format!("{path}/{id}")).await?,
        older.put(&format!("{path}/{id}"), &json!({"name": "x"})).await?,
        older.request(http::Method::DELETE, &format!("{path}/{id}")).send().await?,
    ] {
        refused(&answer, 404, "platform_not_found")?;
    }
    let left = older.get(&path).await?.json()?;
    assert_eq!(left["platforms"].as_array().map(Vec::len), Some(1));
    assert_ne!(left["platforms"][0], Value::Null);
    Ok(())
}
