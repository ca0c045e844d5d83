//! Roles of members.

use anyhow::Result;
use serde_json::json;

use crate::scene::{Scene, each, refused};

#[tokio::test]
async fn an_owner_and_a_key_change_roles() -> Result<()> {
    let scene = Scene::start().await?;
    let path = scene.membership_path("");
    let changed = scene.as_owner().patch(&path, &json!({"roles": ["a", "b"]})).await?.expect_status(200)?.json()?;
    assert_eq!(changed["roles"], json!(["a", "b"]));
    assert_eq!((&changed["userId"], &changed["userName"]), (&json!(scene.member.user_id), &json!("Mika")));
    assert_eq!(changed["userEmail"], format!("{}@example.com", scene.member.user_id));
    let changed = scene.server.as_key().patch(&path, &json!({"roles": []})).await?.expect_status(200)?.json()?;
    assert_eq!(changed["roles"], json!([]));
    let seen = scene.as_member().get(&path).await?.expect_status(200)?.json()?;
    assert_eq!((&seen["roles"], &seen["confirm"]), (&json!([]), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn roles_are_changed_by_nobody_else() -> Result<()> {
    let scene = Scene::start().await?;
    let (path, body) = (scene.membership_path(""), json!({"roles": ["owner"]}));
    for (client, status, kind) in [
        (scene.as_member(), 401, "user_unauthorized"),
        (scene.as_stranger(), 404, "team_not_found"),
        (scene.server.guest(), 401, "general_unauthorized_scope"),
        (scene.as_narrow_key(), 401, "general_unauthorized_scope"),
    ] {
        refused(&client.patch(&path, &body).await?, status, kind)?;
    }
    let nowhere = scene.path("/memberships/nowhere");
    refused(&scene.as_owner().patch(&nowhere, &body).await?, 404, "membership_not_found")?;
    scene.as_owner().post("/v1/teams", &json!({"teamId": "second", "name": "x"})).await?.expect_status(201)?;
    let elsewhere = format!("/v1/teams/second/memberships/{}", scene.membership);
    for client in [scene.as_owner(), scene.server.as_key()] {
        refused(&client.patch(&elsewhere, &body).await?, 404, "team_membership_mismatch")?;
    }
    for body in [json!({}), json!({"roles": "a"}), json!({"roles": ["-"]}), json!({"roles": null})] {
        refused(&scene.as_owner().patch(&path, &body).await?, 400, "general_argument_invalid")?;
    }
    let seen = scene.as_member().get(&path).await?.json()?;
    assert_eq!(seen["roles"], json!(["editor"]));
    Ok(())
}

#[tokio::test]
async fn ownership_is_given_and_taken_at_the_next_request() -> Result<()> {
    let scene = Scene::start().await?;
    let rename = |name: &str| json!({"name": name});
    scene.as_owner().patch(&scene.membership_path(""), &json!({"roles": ["owner"]})).await?.expect_status(200)?;
    scene.as_member().put(&scene.path(""), &rename("Theirs")).await?.expect_status(200)?;
    let list = scene.server.as_key().get(&scene.path("/memberships")).await?.json()?;
    let first = scene.path(&format!("/memberships/{}", each(&list["memberships"], "$id")[0]));
    scene.as_member().patch(&first, &json!({"roles": []})).await?.expect_status(200)?;
    refused(&scene.as_owner().put(&scene.path(""), &rename("Mine")).await?, 401, "user_unauthorized")?;
    let team = scene.as_owner().get(&scene.path("")).await?.expect_status(200)?.json()?;
    assert_eq!(team["name"], "Theirs");
    Ok(())
}

#[tokio::test]
async fn the_members_own_phone_is_shown_to_keys_alone() -> Result<()> {
    let scene = Scene::start().await?;
    let user = json!({"userId": "phoned", "phone": "+4930123456"});
    scene.server.as_key().post("/v1/users", &user).await?.expect_status(201)?;
    let body = json!({"userId": "phoned", "roles": []});
    let added = scene.server.as_key().post(&scene.path("/memberships"), &body).await?.expect_status(201)?.json()?;
    assert_eq!(added["userPhone"], "+4930123456");
    let path = scene.path(&format!("/memberships/{}", added["$id"].as_str().expect("an id")));
    let changed = scene.as_owner().patch(&path, &json!({"roles": ["a"]})).await?.expect_status(200)?.json()?;
    assert_eq!((&changed["userId"], &changed["userPhone"]), (&json!("phoned"), &json!("")));
    Ok(())
}
