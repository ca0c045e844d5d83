//! Teams themselves.

use anyhow::Result;
use herenow_testkit::unique_id;
use http::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, each, query, refused};

#[tokio::test]
async fn a_user_who_makes_a_team_owns_it() -> Result<()> {
    let scene = Scene::start().await?;
    let body = json!({"teamId": "unique()", "name": "Band", "roles": ["drummer"]});
    let team = scene.as_stranger().post("/v1/teams", &body).await?.expect_status(201)?.json()?;
    let keys: Vec<&String> = team.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["$id", "$createdAt", "$updatedAt", "name", "total", "prefs"]);
    assert_eq!((&team["name"], &team["total"], &team["prefs"]), (&json!("Band"), &json!(1), &json!({})));
    let id = team["$id"].as_str().expect("an id");
    assert_eq!(id.len(), 20, "{id}");
    let path = format!("/v1/teams/{id}/memberships");
    let members = scene.server.as_key().get(&path).await?.expect_status(200)?.json()?;
    let first = &members["memberships"][0];
    assert_eq!(members["total"], 1);
    assert_eq!(first["userId"], scene.stranger.user_id.as_str());
    assert_eq!((&first["roles"], &first["confirm"]), (&json!(["drummer", "owner"]), &json!(true)));
    assert_eq!(first["joined"], first["invited"]);
    Ok(())
}

#[tokio::test]
async fn a_team_made_by_a_key_has_no_members() -> Result<()> {
    let scene = Scene::start().await?;
    let id = unique_id();
    let body = json!({"teamId": id, "name": "Empty"});
    let team = scene.server.as_key().post("/v1/teams", &body).await?.expect_status(201)?.json()?;
    assert_eq!((&team["$id"], &team["total"]), (&json!(id), &json!(0)));
    let again = scene.as_owner().post("/v1/teams", &body).await?;
    refused(&again, 409, "team_already_exists")
}

#[tokio::test]
async fn a_team_needs_an_id_a_name_and_roles_that_are_roles() -> Result<()> {
    let scene = Scene::start().await?;
    let many: Vec<String> = (0..101).map(|number| format!("r{number}")).collect();
    for body in [
        json!({"name": "x"}),
        json!({"teamId": "_a", "name": "x"}),
        json!({"teamId": "a".repeat(37), "name": "x"}),
        json!({"teamId": "unique()"}),
        json!({"teamId": "unique()", "name": ""}),
        json!({"teamId": "unique()", "name": "x".repeat(129)}),
        json!({"teamId": "unique()", "name": 7}),
        json!({"teamId": "unique()", "name": "x", "roles": "owner"}),
        json!({"teamId": "unique()", "name": "x", "roles": ["a/b"]}),
        json!({"teamId": "unique()", "name": "x", "roles": ["r".repeat(37)]}),
        json!({"teamId": "unique()", "name": "x", "roles": many}),
    ] {
        let answer = scene.as_owner().post("/v1/teams", &body).await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    let teams = scene.server.as_key().get("/v1/teams").await?.json()?;
    assert_eq!(teams["total"], 1, "nothing was made: {teams}");
    Ok(())
}

#[tokio::test]
async fn only_members_and_keys_know_of_a_team() -> Result<()> {
    let scene = Scene::start().await?;
    for (path, read) in [("", "name"), ("/prefs", ""), ("/memberships", "total")] {
        let path = scene.path(path);
        for client in [scene.as_owner(), scene.as_member(), scene.server.as_key()] {
            let answer = client.get(&path).await?.expect_status(200)?.json()?;
            assert!(read.is_empty() || !answer[read].is_null(), "{path}: {answer}");
        }
        refused(&scene.as_stranger().get(&path).await?, 404, "team_not_found")?;
        refused(&scene.server.guest().get(&path).await?, 401, "general_unauthorized_scope")?;
        refused(&scene.as_narrow_key().get(&path).await?, 401, "general_unauthorized_scope")?;
    }
    refused(&scene.server.as_key().get("/v1/teams/nowhere").await?, 404, "team_not_found")?;
    refused(&scene.as_owner().get("/v1/teams/nowhere").await?, 404, "team_not_found")?;
    refused(&scene.as_owner().get("/v1/teams/_").await?, 400, "general_argument_invalid")
}

#[tokio::test]
async fn only_owners_and_keys_change_a_team() -> Result<()> {
    let scene = Scene::start().await?;
    let changes = [
        (Method::PUT, "", json!({"name": "Another"})),
        (Method::PUT, "/prefs", json!({"prefs": {"a": 1}})),
        (Method::DELETE, "", json!({})),
    ];
    for (method, rest, body) in &changes {
        let path = scene.path(rest);
        for (client, status, kind) in [
            (scene.as_member(), 401, "user_unauthorized"),
            (scene.as_stranger(), 404, "team_not_found"),
            (scene.server.guest(), 401, "general_unauthorized_scope"),
            (scene.as_narrow_key(), 401, "general_unauthorized_scope"),
        ] {
            refused(&client.request(method.clone(), &path).json(body).send().await?, status, kind)?;
        }
    }
    let team = scene.server.as_key().get(&scene.path("")).await?.expect_status(200)?.json()?;
    assert_eq!((&team["name"], &team["prefs"], &team["total"]), (&json!("The crew"), &json!({}), &json!(2)));
    Ok(())
}

#[tokio::test]
async fn a_team_is_renamed_by_its_owner_and_by_a_key() -> Result<()> {
    let scene = Scene::start().await?;
    let before = scene.as_owner().get(&scene.path("")).await?.json()?;
    let same = scene.as_owner().put(&scene.path(""), &json!({"name": "The crew"})).await?.expect_status(200)?.json()?;
    assert_eq!(same, before, "what does not change is not touched");
    for (client, name) in [(scene.as_owner(), "Ours"), (scene.server.as_key(), "Theirs")] {
        let team = client.put(&scene.path(""), &json!({"name": name})).await?.expect_status(200)?.json()?;
        assert_eq!((&team["name"], &team["total"]), (&json!(name), &json!(2)));
        assert_eq!(team["$createdAt"], before["$createdAt"]);
    }
    for body in [json!({}), json!({"name": ""}), json!({"name": null})] {
        refused(&scene.as_owner().put(&scene.path(""), &body).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn prefs_are_replaced_whole_and_keep_their_order() -> Result<()> {
    let scene = Scene::start().await?;
    let path = scene.path("/prefs");
    let empty = scene.as_member().get(&path).await?.expect_status(200)?;
    assert_eq!(empty.text(), "{}");
    let prefs = json!({"z": {"nested": [1, 2.5, null]}, "a": "ä"});
    let set = scene.as_owner().put(&path, &json!({"prefs": prefs})).await?.expect_status(200)?;
    assert_eq!(set.text(), prefs.to_string());
    let replaced = scene.server.as_key().put(&path, &json!({"prefs": {"b": 1}})).await?.expect_status(200)?;
    assert_eq!(replaced.text(), r#"{"b":1}"#);
    assert_eq!(scene.as_member().get(&path).await?.text(), r#"{"b":1}"#);
    for body in [json!({}), json!({"prefs": "x"}), json!({"prefs": [1]}), json!({"prefs": {"a": "x".repeat(65_536)}})] {
        refused(&scene.as_owner().put(&path, &body).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_deleted_team_is_gone_with_its_memberships() -> Result<()> {
    let scene = Scene::start().await?;
    let answer = scene.as_owner().delete(&scene.path("")).await?.expect_status(204)?;
    assert!(answer.body.is_empty());
    for client in [scene.as_owner(), scene.as_member(), scene.server.as_key()] {
        refused(&client.get(&scene.path("")).await?, 404, "team_not_found")?;
        refused(&client.delete(&scene.path("")).await?, 404, "team_not_found")?;
    }
    // The id is free again, and whoever was in the team that had it is not in this one.
    let body = json!({"teamId": scene.team, "name": "Anew"});
    scene.as_stranger().post("/v1/teams", &body).await?.expect_status(201)?;
    refused(&scene.as_owner().get(&scene.path("")).await?, 404, "team_not_found")?;
    refused(&scene.as_member().get(&scene.path("")).await?, 404, "team_not_found")
}

#[tokio::test]
async fn a_list_of_teams_shows_ones_own() -> Result<()> {
    let scene = Scene::start().await?;
    for (client, id) in [(scene.as_stranger(), "strangers"), (scene.server.as_key(), "keys")] {
        client.post("/v1/teams", &json!({"teamId": id, "name": id})).await?.expect_status(201)?;
    }
    let own = scene.team.as_str();
    for (client, ids) in [
        (scene.as_owner(), &[own][..]),
        (scene.as_member(), &[own]),
        (scene.as_stranger(), &["strangers"]),
        (scene.server.as_key(), &[own, "strangers", "keys"]),
    ] {
        let list = client.get("/v1/teams").await?.expect_status(200)?.json()?;
        assert_eq!(each(&list["teams"], "$id"), ids);
        assert_eq!(list["total"], ids.len());
    }
    refused(&scene.server.guest().get("/v1/teams").await?, 401, "general_unauthorized_scope")?;
    refused(&scene.as_narrow_key().get("/v1/teams").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn a_list_of_teams_is_filtered_searched_and_paged() -> Result<()> {
    let scene = Scene::start().await?;
    for (id, name) in [("t1", "Red crew"), ("t2", "Blue crew"), ("t3", "Red band")] {
        scene.server.as_key().post("/v1/teams", &json!({"teamId": id, "name": name})).await?.expect_status(201)?;
    }
    let list = async |pairs: &[(&str, &str)]| -> Result<(Value, Vec<String>)> {
        let mut request = scene.server.as_key().request(Method::GET, "/v1/teams");
        for (name, value) in pairs {
            request = request.query(name, value);
        }
        let list = request.send().await?.expect_status(200)?.json()?;
        Ok((list["total"].clone(), each(&list["teams"], "$id")))
    };
    let starts = query("startsWith", "name", &json!(["red"]));
    let down = query("orderDesc", "name", &json!([]));
    assert_eq!(
        list(&[("queries[]", &starts), ("queries[]", &down)]).await?,
        (json!(2), vec!["t1".into(), "t3".into()])
    );
    assert_eq!(list(&[("search", "CREW red")]).await?, (json!(1), vec!["t1".to_owned()]));
    let members = query("greaterThan", "total", &json!([0]));
    assert_eq!(list(&[("queries[0]", &members)]).await?, (json!(1), vec![scene.team.clone()]));
    let (limit, after) = (query("limit", "", &json!([1])), query("cursorAfter", "", &json!(["t1"])));
    assert_eq!(list(&[("queries[0]", &limit), ("queries[1]", &after)]).await?, (json!(4), vec!["t2".to_owned()]));
    assert_eq!(list(&[("total", "false"), ("search", "band")]).await?, (json!(0), vec!["t3".to_owned()]));
    Ok(())
}

#[tokio::test]
async fn a_cursor_must_be_a_team_that_the_caller_sees() -> Result<()> {
    let scene = Scene::start().await?;
    scene.server.as_key().post("/v1/teams", &json!({"teamId": "hidden", "name": "x"})).await?.expect_status(201)?;
    let after = query("cursorAfter", "", &json!(["hidden"]));
    let list = |client: herenow_testkit::Http| client.request(Method::GET, "/v1/teams").query("queries[]", &after);
    list(scene.server.as_key()).send().await?.expect_status(200)?;
    refused(&list(scene.as_owner()).send().await?, 400, "general_cursor_not_found")?;
    for (name, value) in [
        ("queries[]", query("equal", "prefs", &json!(["x"]))),
        ("queries[]", query("equal", "total", &json!(["1"]))),
        ("queries", "x".to_owned()),
        ("search", String::new()),
        ("search", "x".repeat(257)),
        ("total", "maybe".to_owned()),
    ] {
        let answer = scene.as_owner().request(Method::GET, "/v1/teams").query(name, &value).send().await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_key_pages_through_all_teams_and_a_user_through_their_own() -> Result<()> {
    let scene = Scene::start().await?;
    for id in ["a", "b", "c"] {
        let body = json!({"teamId": id, "name": id});
        let maker = if id == "b" { scene.server.as_key() } else { scene.as_stranger() };
        maker.post("/v1/teams", &body).await?.expect_status(201)?;
    }
    let list = async |client: herenow_testkit::Http, queries: &[String]| {
        let request = client.request(Method::GET, "/v1/teams");
        queries.iter().fold(request, |request, query| request.query("queries[]", query)).send().await
    };
    let (descending, two) = (query("orderDesc", "", &json!([])), query("limit", "", &json!([2])));
    let (after, before) = (query("cursorAfter", "", &json!(["b"])), query("cursorBefore", "", &json!(["c"])));
    for (is_key, queries, total, expected) in [
        (true, vec![descending.clone(), two.clone()], 4, vec!["c", "b"]),
        (true, vec![after.clone()], 4, vec!["c"]),
        (true, vec![before.clone(), two.clone()], 4, vec!["a", "b"]),
        (false, vec![descending, two], 2, vec!["c", "a"]),
        (false, vec![before], 2, vec!["a"]),
    ] {
        let client = if is_key { scene.server.as_key() } else { scene.as_stranger() };
        let page = list(client, &queries).await?.expect_status(200)?.json()?;
        assert_eq!(
            (each(&page["teams"], "$id"), &page["total"]),
            (expected.iter().map(ToString::to_string).collect(), &json!(total)),
            "{queries:?}"
        );
    }
    refused(&list(scene.as_stranger(), &[after]).await?, 400, "general_cursor_not_found")?;
    let nowhere = query("cursorAfter", "", &json!(["nowhere"]));
    refused(&list(scene.server.as_key(), &[nowhere]).await?, 400, "general_cursor_not_found")
}
