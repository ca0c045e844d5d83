//! API keys: made, used, changed and revoked.

use anyhow::Result;
use herenow_testkit::await_until;
use serde_json::json;

use crate::support::{Operator, SCOPES, SOON, guest, refused, server, text};

#[tokio::test]
async fn the_secret_of_a_key_is_shown_once() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let body = json!({"keyId": "mine", "name": "Mine", "scopes": ["users.read", "users.read", "presences.read"]});
    for (client, path) in
        [(owner.admin(&id), "/v1/project/keys".to_owned()), (owner.console(), format!("/v1/projects/{id}/keys"))]
    {
        let made = client.post(&path, &body).await?.expect_status(201)?.json()?;
        let secret = text(&made, "secret")?;
        assert!(secret.len() == 265 && secret.starts_with("standard_"), "{secret}");
        assert_eq!((&made["$id"], &made["expire"]), (&json!("mine"), &json!("")));
        assert_eq!(made["scopes"], json!(["users.read", "presences.read"]));
        guest(&server, &id).with_header("X-Appwrite-Key", &secret).get("/v1/users").await?.expect_status(200)?;
        let listed = client.get(&path).await?.expect_status(200)?;
        assert!(listed.json()?["total"] == 1 && !listed.text().contains(&secret));
        let one = client.get(&format!("{path}/mine")).await?.expect_status(200)?.json()?;
        assert_eq!((&one["name"], &one["secret"]), (&json!("Mine"), &json!("")));
        refused(&client.post(&path, &body).await?, 409, "key_already_exists")?;
        client.delete(&format!("{path}/mine")).await?.expect_status(204)?;
        refused(&client.get(&format!("{path}/mine")).await?, 404, "key_not_found")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_key_is_used_changed_and_revoked_with_effect_on_the_next_request() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?;
    let (client, path) = (key.client(&server, &id), format!("/v1/project/keys/{}", key.id));
    client.get("/v1/users").await?.expect_status(200)?;
    let admin = owner.admin(&id);
    let narrow = json!({"name": "Narrow", "scopes": ["presences.read"]});
    let changed = admin.put(&path, &narrow).await?.expect_status(200)?.json()?;
    assert_eq!((&changed["scopes"], &changed["secret"]), (&json!(["presences.read"]), &json!("")));
    refused(&client.get("/v1/users").await?, 401, "general_unauthorized_scope")?;
    client.get("/v1/presences").await?.expect_status(200)?;

    let ended = json!({"name": "Ended", "scopes": ["presences.read"], "expire": "2020-01-01T00:00:00.000+00:00"});
    admin.put(&path, &ended).await?.expect_status(200)?;
    refused(&client.get("/v1/presences").await?, 401, "project_key_expired")?;
    let open = json!({"name": "Open", "scopes": ["presences.read"], "expire": null});
    admin.put(&path, &open).await?.expect_status(200)?;
    client.get("/v1/presences").await?.expect_status(200)?;
    admin.delete(&path).await?.expect_status(204)?;
    refused(&client.get("/v1/presences").await?, 401, "user_unauthorized")
}

#[tokio::test]
async fn the_last_use_of_a_key_and_its_sdk_are_noted() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &["presences.read"]).await?;
    for sdk in ["Node.js", "Something"] {
        let client = key.client(&server, &id).with_header("X-SDK-Name", sdk);
        client.get("/v1/presences").await?.expect_status(200)?;
    }
    let path = format!("/v1/project/keys/{}", key.id);
    await_until("the key's use is noted", SOON, async || {
        let kept = owner.admin(&id).get(&path).await.and_then(|kept| kept.json());
        kept.is_ok_and(|kept| kept["accessedAt"] != "" && kept["sdks"] == json!(["Node.js"]))
    })
    .await
}

#[tokio::test]
async fn a_key_can_neither_make_keys_nor_give_more_than_it_has() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &["keys.read", "keys.write"]).await?;
    let client = key.client(&server, &id);
    let body = json!({"keyId": "unique()", "name": "Child", "scopes": ["keys.read"]});
    for path in ["/v1/project/keys", "/v1/project/keys/ephemeral", "/v1/project/jwts"] {
        refused(&client.post(path, &body).await?, 403, "key_creation_denied")?;
    }
    let path = format!("/v1/project/keys/{}", key.id);
    let more = json!({"name": "More", "scopes": ["keys.read", "users.write"]});
    refused(&client.put(&path, &more).await?, 401, "general_unauthorized_scope")?;
    client.put(&path, &json!({"name": "Less", "scopes": ["keys.read"]})).await?.expect_status(200)?;
    client.get(&path).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn an_ephemeral_key_opens_its_project_until_it_ends() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let (id, other) = (owner.project().await?, owner.project().await?);
    let body = json!({"scopes": ["presences.read"], "duration": 60});
    for (client, path) in [
        (owner.admin(&id), "/v1/project/keys/ephemeral".to_owned()),
        (owner.console(), format!("/v1/projects/{id}/jwts")),
    ] {
        let made = client.post(&path, &body).await?.expect_status(201)?.json()?;
        let secret = text(&made, "secret")?;
        assert!(secret.starts_with("ephemeral_") && made["jwt"] == secret.as_str());
        assert!(text(&made, "expire")?.ends_with('Z') && made["name"] == "");
        let with = |project: &str| guest(&server, project).with_header("X-Appwrite-Key", &secret);
        with(&id).get("/v1/presences").await?.expect_status(200)?;
        refused(&with(&id).get("/v1/users").await?, 401, "general_unauthorized_scope")?;
        refused(&with(&other).get("/v1/presences").await?, 401, "general_unauthorized_scope")?;
        for duration in [json!(0), json!(3601), json!("x")] {
            let body = json!({"scopes": ["presences.read"], "duration": duration});
            refused(&client.post(&path, &body).await?, 400, "general_argument_invalid")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_key_needs_a_name_and_known_scopes() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    for body in [
        json!({"keyId": "k", "scopes": []}),
        json!({"keyId": "k", "name": "", "scopes": []}),
        json!({"keyId": "k", "name": "x"}),
        json!({"keyId": "k", "name": "x", "scopes": ["everything"]}),
        json!({"keyId": "k", "name": "x", "scopes": ["Users.read"]}),
        json!({"keyId": "k", "name": "x", "scopes": vec!["users.read"; 201]}),
        json!({"keyId": "_k", "name": "x", "scopes": []}),
        json!({"keyId": "k", "name": "x", "scopes": [], "expire": "tomorrow"}),
    ] {
        let answer = owner.admin(&id).post("/v1/project/keys", &body).await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    // Older clients name no id.
    let body = json!({"name": "x", "scopes": []});
    owner.admin(&id).post("/v1/project/keys", &body).await?.expect_status(201)?;
    Ok(())
}
