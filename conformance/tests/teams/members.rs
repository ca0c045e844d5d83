//! Memberships: who gets in, who sees whom, who leaves.

use anyhow::Result;
use herenow_testkit::{ServerOptions, unique_id};
use http::Method;
use serde_json::json;

use crate::scene::{Scene, add, each, query, refused};

#[tokio::test]
async fn a_key_puts_users_into_a_team_at_once() -> Result<()> {
    let scene = Scene::start().await?;
    let body = json!({"userId": scene.stranger.user_id, "roles": ["a", "b"]});
    let added = scene.server.as_key().post(&scene.path("/memberships"), &body).await?.expect_status(201)?.json()?;
    let keys: Vec<&String> = added.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "$id",
            "$createdAt",
            "$updatedAt",
            "userId",
            "userName",
            "userEmail",
            "userPhone",
            "teamId",
            "teamName",
            "invited",
            "joined",
            "confirm",
            "mfa",
            "userAccessedAt",
            "roles"
        ]
    );
    assert_eq!((&added["userName"], &added["teamName"]), (&json!("Sten"), &json!("The crew")));
    assert_eq!((&added["confirm"], &added["roles"]), (&json!(true), &json!(["a", "b"])));
    assert_ne!(added["joined"], "");
    let team = scene.as_stranger().get(&scene.path("")).await?.expect_status(200)?.json()?;
    assert_eq!(team["total"], 3);
    let again = scene.server.as_key().post(&scene.path("/memberships"), &body).await?;
    refused(&again, 409, "membership_already_confirmed")
}

#[tokio::test]
async fn an_email_or_phone_that_nobody_has_makes_a_user() -> Result<()> {
    let scene = Scene::start().await?;
    let (key, path) = (scene.server.as_key(), scene.path("/memberships"));
    let email = format!("{}@example.com", unique_id());
    let body = json!({"email": email.to_uppercase(), "roles": [], "name": "Nina"});
    let added = key.post(&path, &body).await?.expect_status(201)?.json()?;
    assert_eq!((&added["userName"], &added["userEmail"]), (&json!("Nina"), &json!(email)));
    let user = format!("/v1/users/{}", added["userId"].as_str().expect("an id"));
    let user = key.get(&user).await?.expect_status(200)?.json()?;
    assert_eq!((&user["email"], &user["emailVerification"]), (&json!(email), &json!(false)));

    let unnamed = format!("{}@example.com", unique_id());
    let added = key.post(&path, &json!({"email": unnamed, "roles": []})).await?.expect_status(201)?.json()?;
    assert_eq!(added["userName"], json!(unnamed), "without a name the email stands for it");
    let added = key.post(&path, &json!({"phone": "+4912345", "roles": []})).await?.expect_status(201)?.json()?;
    assert_eq!((&added["userPhone"], &added["userName"]), (&json!("+4912345"), &json!("")));
    // The same address is the same user from now on.
    let again = key.post(&path, &json!({"email": email, "roles": []})).await?;
    refused(&again, 409, "membership_already_confirmed")
}

#[tokio::test]
async fn a_user_and_an_address_of_somebody_else_contradict_each_other() -> Result<()> {
    let scene = Scene::start().await?;
    let (key, path) = (scene.server.as_key(), scene.path("/memberships"));
    let stranger = &scene.stranger.user_id;
    for body in [
        json!({"userId": stranger, "email": "other@example.com", "roles": []}),
        json!({"userId": stranger, "phone": "+4912345", "roles": []}),
        json!({"email": format!("{stranger}@example.com"), "phone": "+4912345", "roles": []}),
    ] {
        refused(&key.post(&path, &body).await?, 409, "user_already_exists")?;
    }
    let body = json!({"userId": "nobody", "roles": []});
    refused(&key.post(&path, &body).await?, 404, "user_not_found")?;
    let body = json!({"userId": stranger, "roles": []});
    refused(&key.post("/v1/teams/nowhere/memberships", &body).await?, 404, "team_not_found")?;
    let body = json!({"userId": stranger, "email": format!("{stranger}@example.com"), "roles": []});
    key.post(&path, &body).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn a_membership_needs_somebody_and_roles() -> Result<()> {
    let scene = Scene::start().await?;
    let stranger = scene.stranger.user_id.as_str();
    for body in [
        json!({"roles": []}),
        json!({"userId": stranger}),
        json!({"userId": "", "roles": []}),
        json!({"userId": "unique()", "roles": []}),
        json!({"email": "", "roles": []}),
        json!({"email": "nobody", "roles": []}),
        json!({"phone": "123", "roles": []}),
        json!({"userId": stranger, "roles": ["r".repeat(82)]}),
        json!({"userId": stranger, "roles": [1]}),
        json!({"userId": stranger, "roles": [], "name": ""}),
    ] {
        let answer = scene.server.as_key().post(&scene.path("/memberships"), &body).await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    let body = json!({"userId": stranger, "roles": ["r".repeat(81)], "url": "http://localhost:3000/join"});
    scene.server.as_key().post(&scene.path("/memberships"), &body).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn members_do_not_see_who_the_others_are() -> Result<()> {
    let scene = Scene::start().await?;
    let blank =
        json!({"userId": "", "userName": "", "userEmail": "", "userPhone": "", "userAccessedAt": "", "mfa": false});
    let list = scene.as_owner().get(&scene.path("/memberships")).await?.expect_status(200)?.json()?;
    let one = scene.as_owner().get(&scene.membership_path("")).await?.expect_status(200)?.json()?;
    assert_eq!(list["memberships"][1], one);
    for (key, value) in blank.as_object().expect("an object") {
        assert_eq!(&one[key], value, "{key}");
    }
    assert_eq!((&one["roles"], &one["teamName"]), (&json!(["editor"]), &json!("The crew")));
    let one = scene.server.as_key().get(&scene.membership_path("")).await?.expect_status(200)?.json()?;
    assert_eq!((&one["userName"], &one["userId"]), (&json!("Mika"), &json!(scene.member.user_id)));
    Ok(())
}

#[tokio::test]
async fn a_filter_does_not_tell_what_the_answer_leaves_blank() -> Result<()> {
    let scene = Scene::start().await?;
    let total = async |client: herenow_testkit::Http, name: &str, value: &str| -> Result<serde_json::Value> {
        let request = client.request(Method::GET, &scene.path("/memberships")).query(name, value);
        Ok(request.send().await?.expect_status(200)?.json()?["total"].clone())
    };
    let member = scene.member.user_id.as_str();
    let equal = query("equal", "userId", &json!([member]));
    assert_eq!(total(scene.server.as_key(), "queries[]", &equal).await?, 1);
    assert_eq!(total(scene.as_member(), "queries[]", &equal).await?, 1, "one's own id is no secret");
    assert_eq!(total(scene.as_owner(), "queries[]", &equal).await?, 0);
    assert_eq!(total(scene.server.as_key(), "search", member).await?, 1);
    assert_eq!(total(scene.as_owner(), "search", member).await?, 0);
    let editors = query("contains", "roles", &json!(["editor"]));
    assert_eq!(total(scene.as_owner(), "queries[]", &editors).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_list_of_members_is_paged_and_checked() -> Result<()> {
    let scene = Scene::start().await?;
    let third = add(&scene.server, &scene.team, &scene.stranger.user_id, &[]).await?;
    let request = |name: &str, value: &str| {
        scene.as_owner().request(Method::GET, &scene.path("/memberships")).query(name, value).send()
    };
    let after = query("cursorAfter", "", &json!([scene.membership]));
    let list = request("queries[]", &after).await?.expect_status(200)?.json()?;
    assert_eq!((&list["total"], each(&list["memberships"], "$id")), (&json!(3), vec![third]));
    let after = query("cursorAfter", "", &json!(["nowhere"]));
    refused(&request("queries[]", &after).await?, 400, "general_cursor_not_found")?;
    refused(&request("queries[]", "{").await?, 400, "general_argument_invalid")?;
    // What is wrong with a parameter is said before what is wrong with the team.
    let path = "/v1/teams/nowhere/memberships";
    let answer = scene.as_owner().request(Method::GET, path).query("queries[]", "{").send().await?;
    refused(&answer, 400, "general_argument_invalid")
}

#[tokio::test]
async fn memberships_are_behind_their_team() -> Result<()> {
    let scene = Scene::start().await?;
    let path = scene.membership_path("");
    for (client, status, kind) in [
        (scene.as_stranger(), 404, "team_not_found"),
        (scene.server.guest(), 401, "general_unauthorized_scope"),
        (scene.as_narrow_key(), 401, "general_unauthorized_scope"),
    ] {
        refused(&client.get(&path).await?, status, kind)?;
    }
    refused(&scene.as_owner().get(&scene.path("/memberships/nowhere")).await?, 404, "membership_not_found")?;
    // A membership of another team does not show through a team of one's own.
    let body = json!({"teamId": "mine", "name": "Mine"});
    scene.as_stranger().post("/v1/teams", &body).await?.expect_status(201)?;
    let path = format!("/v1/teams/mine/memberships/{}", scene.membership);
    refused(&scene.as_stranger().get(&path).await?, 404, "membership_not_found")
}

#[tokio::test]
async fn a_member_leaves_and_an_owner_removes() -> Result<()> {
    let scene = Scene::start().await?;
    let other = add(&scene.server, &scene.team, &scene.stranger.user_id, &[]).await?;
    let other = scene.path(&format!("/memberships/{other}"));
    refused(&scene.as_member().delete(&other).await?, 401, "user_unauthorized")?;
    refused(&scene.server.guest().delete(&other).await?, 401, "general_unauthorized_scope")?;
    refused(&scene.as_narrow_key().delete(&other).await?, 401, "general_unauthorized_scope")?;
    scene.as_member().delete(&scene.membership_path("")).await?.expect_status(204)?;
    refused(&scene.as_member().get(&scene.path("")).await?, 404, "team_not_found")?;
    scene.as_owner().delete(&other).await?.expect_status(204)?;
    refused(&scene.as_stranger().get(&scene.path("")).await?, 404, "team_not_found")?;
    let team = scene.as_owner().get(&scene.path("")).await?.json()?;
    assert_eq!(team["total"], 1);
    refused(&scene.as_owner().delete(&other).await?, 404, "team_invite_not_found")
}

#[tokio::test]
async fn a_membership_cannot_be_ended_from_outside() -> Result<()> {
    let scene = Scene::start().await?;
    refused(&scene.as_stranger().delete(&scene.membership_path("")).await?, 404, "team_not_found")?;
    let body = json!({"teamId": "mine", "name": "Mine"});
    scene.as_stranger().post("/v1/teams", &body).await?.expect_status(201)?;
    let path = format!("/v1/teams/mine/memberships/{}", scene.membership);
    for client in [scene.as_stranger(), scene.server.as_key()] {
        refused(&client.delete(&path).await?, 404, "team_membership_mismatch")?;
    }
    scene.as_member().get(&scene.membership_path("")).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn the_last_owner_of_an_ordinary_team_may_go() -> Result<()> {
    let scene = Scene::with(ServerOptions::new()).await?;
    let list = scene.server.as_key().get(&scene.path("/memberships")).await?.json()?;
    let owner = scene.path(&format!("/memberships/{}", each(&list["memberships"], "$id")[0]));
    scene.as_owner().delete(&owner).await?.expect_status(204)?;
    refused(&scene.as_member().put(&scene.path(""), &json!({"name": "x"})).await?, 401, "user_unauthorized")
}
