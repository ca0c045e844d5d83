//! One's own sessions: seen, extended, ended, limited.

use anyhow::Result;
use herenow_testkit::SignedIn;
use serde_json::{Value, json};

use crate::support::{Person, done, refused, server, signed_in, signed_out, text};

#[tokio::test]
async fn every_session_is_listed_and_the_caller_s_is_marked() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    server.new_user("Bob").await?;
    let list = server.as_session(&ada.token).get("/v1/account/sessions").await?.expect_status(200)?.json()?;
    let marks: Vec<_> =
        list["sessions"].as_array().expect("a list").iter().map(|own| (&own["$id"], &own["current"])).collect();
    assert_eq!(list["total"], 2);
    assert_eq!(marks, [(&json!(ada.session_id), &json!(true)), (&json!(other.session_id), &json!(false))]);
    assert!(list["sessions"].as_array().expect("a list").iter().all(|own| own["secret"] == ""));
    Ok(())
}

#[tokio::test]
async fn a_session_is_found_by_id_or_as_current_and_never_somebody_else_s() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let other = server.create_session(&ada.user_id).await?;
    let client = server.as_session(&ada.token);
    let get = async |id: &str| client.get(&format!("/v1/account/sessions/{id}")).await;
    for (id, expected, current) in
        [("current", &ada, true), (&ada.session_id, &ada, true), (&other.session_id, &other, false)]
    {
        let session = get(id).await?.expect_status(200)?.json()?;
        assert_eq!((&session["$id"], &session["current"]), (&json!(expected.session_id), &json!(current)));
        assert_eq!(session["secret"], "");
    }
    for unknown in [bob.session_id.as_str(), "nothing"] {
        refused(&get(unknown).await?, 404, "user_session_not_found")?;
    }
    refused(&get("_bad").await?, 400, "general_argument_invalid")?;
    refused(&server.guest().get("/v1/account/sessions/current").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn extending_a_session_moves_its_end() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let client = server.as_session(&ada.token);
    let before = client.get("/v1/account/sessions/current").await?.json()?;
    let after = client.patch("/v1/account/sessions/current", &json!({})).await?.expect_status(200)?.json()?;
    assert_eq!(after["$id"], before["$id"]);
    assert!(text(&after, "expire")? > text(&before, "expire")?, "{before} {after}");
    assert_eq!(client.get("/v1/account/sessions/current").await?.json()?, after);
    refused(&client.patch("/v1/account/sessions/nothing", &json!({})).await?, 404, "user_session_not_found")
}

#[tokio::test]
async fn ending_the_current_session_signs_out_here_and_nowhere_else() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    let response = server.as_session(&ada.token).delete("/v1/account/sessions/current").await?;
    done(&response)?;
    assert_eq!(response.header("x-fallback-cookies"), Some("[]"));
    assert!(
        response.cookies().iter().all(|cookie| cookie.value.is_empty() && cookie.attribute("max-age") == Some("0"))
    );
    assert_eq!(response.cookies().len(), 2);
    signed_out(&server, &ada.token).await?;
    signed_in(&server, &other.token).await
}

#[tokio::test]
async fn ending_another_session_leaves_the_cookies_alone() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    let path = format!("/v1/account/sessions/{}", other.session_id);
    let client = server.as_session(&ada.token);
    // The SDKs send an empty object along.
    let response = client.request(http::Method::DELETE, &path).json(&json!({})).send().await?;
    done(&response)?;
    assert!(response.cookies().is_empty() && response.header("x-fallback-cookies").is_none());
    signed_out(&server, &other.token).await?;
    signed_in(&server, &ada.token).await?;
    refused(&client.delete(&path).await?, 404, "user_session_not_found")
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let path = format!("/v1/account/sessions/{}", bob.session_id);
    refused(&server.as_session(&ada.token).delete(&path).await?, 404, "user_session_not_found")?;
    signed_in(&server, &bob.token).await
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions() -> Result<()> {
    let server = server().await?;
    let ada = server.new_user("Ada").await?;
    let other = server.create_session(&ada.user_id).await?;
    let response = server.as_session(&ada.token).delete("/v1/account/sessions").await?;
    done(&response)?;
    assert_eq!(response.cookies().len(), 2);
    signed_out(&server, &ada.token).await?;
    signed_out(&server, &other.token).await
}

#[tokio::test]
async fn the_eleventh_sign_in_ends_the_oldest_session() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let mut signed_ins = Vec::new();
    for _ in 0..11 {
        signed_ins.push(sign_in_by_token(&server, &ada).await?);
    }
    let sessions = server.as_key().get(&format!("/v1/users/{ada}/sessions")).await?.json()?;
    let ids: Vec<&Value> = sessions["sessions"].as_array().expect("a list").iter().map(|own| &own["$id"]).collect();
    let expected: Vec<_> = signed_ins[1..].iter().map(|kept| json!(kept.session_id)).collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    signed_out(&server, &signed_ins[0].token).await?;
    signed_in(&server, &signed_ins[1].token).await
}

#[tokio::test]
async fn a_session_survives_a_restart_and_its_end_does_too() -> Result<()> {
    let mut server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let (kept, ended) = (ada.sign_in(&server).await?, ada.sign_in(&server).await?);
    done(&server.as_session(&ended.token).delete("/v1/account/sessions/current").await?)?;
    server.kill().await?;
    server.restart().await?;
    signed_in(&server, &kept.token).await?;
    signed_out(&server, &ended.token).await
}

async fn sign_in_by_token(server: &herenow_testkit::Server, user: &str) -> Result<SignedIn> {
    let token = server.as_key().post(&format!("/v1/users/{user}/tokens"), &json!({"length": 32})).await?.json()?;
    let exchange = json!({"userId": user, "secret": text(&token, "secret")?});
    let response = server.guest().post("/v1/account/sessions/token", &exchange).await?.expect_status(201)?;
    let token = server.session_token(&response)?;
    Ok(SignedIn { user_id: user.to_owned(), session_id: text(&response.json()?, "$id")?, token })
}
