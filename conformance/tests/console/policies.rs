//! Policies and the mail server: what is set holds at once.

use anyhow::Result;
use herenow_testkit::{Http, unique_id};
use serde_json::{Value, json};

use crate::support::{Operator, guest, refused, server, text};

/// Somebody who has signed up, by their credentials.
async fn person(guest: &Http) -> Result<Value> {
    let (id, password) = (unique_id(), unique_id());
    let credentials = json!({"email": format!("{id}@example.com"), "password": password});
    let account = json!({"userId": id, "email": credentials["email"], "password": password, "name": "Ada"});
    guest.post("/v1/account", &account).await?.expect_status(201)?;
    Ok(credentials)
}

async fn sign_in(guest: &Http, project: &str, credentials: &Value) -> Result<Http> {
    let answer = guest.post("/v1/account/sessions/email", credentials).await?.expect_status(201)?;
    let name = format!("a_session_{project}");
    let cookie = answer.cookies().into_iter().find(|cookie| cookie.name == name);
    let cookie = cookie.map(|cookie| cookie.decoded()).unwrap_or_default();
    Ok(guest.clone().with_header("X-Appwrite-Session", &cookie))
}

#[tokio::test]
async fn the_session_limit_holds_for_the_next_sign_in() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let guest = guest(&server, &id);
    let ada = person(&guest).await?;
    let policy = json!({"total": 1});
    owner.admin(&id).patch("/v1/project/policies/session-limit", &policy).await?.expect_status(200)?;
    let first = sign_in(&guest, &id, &ada).await?;
    first.get("/v1/account").await?.expect_status(200)?;
    let second = sign_in(&guest, &id, &ada).await?;
    second.get("/v1/account").await?.expect_status(200)?;
    refused(&first.get("/v1/account").await?, 401, "general_unauthorized_scope")?;
    let kept = owner.admin(&id).get("/v1/project/policies/session-limit").await?.expect_status(200)?.json()?;
    assert_eq!(kept, json!({"$id": "session-limit", "total": 1}));
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_unless_the_project_says_otherwise() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let guest = guest(&server, &id);
    let path = format!("/v1/projects/{id}/auth/session-invalidation");
    let project = owner.console().patch(&path, &json!({"enabled": false})).await?.expect_status(200)?.json()?;
    assert_eq!(project["$id"], id.as_str());
    let ada = person(&guest).await?;
    let (here, elsewhere) = (sign_in(&guest, &id, &ada).await?, sign_in(&guest, &id, &ada).await?);
    let change = json!({"password": "another one", "oldPassword": ada["password"]});
    here.patch("/v1/account/password", &change).await?.expect_status(200)?;
    elsewhere.get("/v1/account").await?.expect_status(200)?;
    owner.console().patch(&path, &json!({"enabled": true})).await?.expect_status(200)?;
    let change = json!({"password": "yet another", "oldPassword": "another one"});
    here.patch("/v1/account/password", &change).await?.expect_status(200)?;
    refused(&elsewhere.get("/v1/account").await?, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn sessions_live_as_long_as_the_project_says() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let path = format!("/v1/projects/{id}/auth/duration");
    owner.console().patch(&path, &json!({"duration": 3600})).await?.expect_status(200)?;
    let session = guest(&server, &id).post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    assert!(session.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=36")), "{:?}", session.headers);
    for duration in [json!(0), json!(31_536_001), json!("x"), Value::Null] {
        let answer = owner.console().patch(&path, &json!({"duration": duration})).await?;
        refused(&answer, 400, "general_argument_invalid")?;
    }
    Ok(())
}

#[tokio::test]
async fn members_see_of_each_other_what_the_project_lets_them() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let guest = guest(&server, &id);
    let ada = sign_in(&guest, &id, &person(&guest).await?).await?;
    ada.post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await?.expect_status(201)?;
    let seen = async || -> Result<Value> {
        let list = ada.get("/v1/teams/crew/memberships").await?.expect_status(200)?.json()?;
        let one = &list["memberships"][0];
        Ok(json!([one["userId"] != "", one["userName"] != "", one["userEmail"] != "", one["userAccessedAt"] != ""]))
    };
    assert_eq!(seen().await?, json!([false, false, false, false]));
    let path = "/v1/project/policies/membership-privacy";
    owner.admin(&id).patch(path, &json!({"userName": true, "userId": true})).await?.expect_status(200)?;
    assert_eq!(seen().await?, json!([true, true, false, false]));
    owner.admin(&id).patch(path, &json!({"userId": false, "userEmail": true})).await?.expect_status(200)?;
    assert_eq!(seen().await?, json!([false, true, true, false]));
    let older = format!("/v1/projects/{id}/auth/memberships-privacy");
    let none = json!({"userName": false, "userEmail": false, "mfa": false});
    owner.console().patch(&older, &none).await?.expect_status(200)?;
    assert_eq!(seen().await?, json!([false, false, false, false]));
    Ok(())
}

#[tokio::test]
async fn the_mail_server_is_kept_and_its_password_never_shown() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let path = "/v1/project/smtp";
    let smtp = json!({
        "enabled": true, "senderEmail": "m@example.com", "senderName": "M", "host": "mail.test", "port": 587,
        "username": "u", "password": "hunter2hunter2", "secure": "tls", "replyToEmail": "r@example.com",
    });
    let set = owner.admin(&id).patch(path, &smtp).await?.expect_status(200)?;
    let kept = owner.console().get(&format!("/v1/projects/{id}")).await?.expect_status(200)?;
    assert_eq!(set.json()?, kept.json()?);
    let project = kept.json()?;
    assert_eq!(
        [&project["smtpEnabled"], &project["smtpHost"], &project["smtpPort"], &project["smtpSecure"]],
        [&json!(true), &json!("mail.test"), &json!(587), &json!("tls")]
    );
    assert_eq!((&project["smtpReplyToEmail"], &project["smtpPassword"]), (&json!("r@example.com"), &json!("")));
    assert!(!set.text().contains("hunter2") && !kept.text().contains("hunter2") && !server.logs().contains("hunter2"));
    owner.admin(&id).patch(path, &json!({"enabled": false, "replyTo": ""})).await?.expect_status(200)?;
    let project = owner.admin(&id).get("/v1/project").await?.json()?;
    assert_eq!(
        (text(&project, "smtpHost")?, text(&project, "smtpReplyToEmail")?),
        ("mail.test".to_owned(), String::new())
    );
    for body in [
        json!({"port": 65_536}),
        json!({"senderEmail": "nobody"}),
        json!({"secure": "rot13"}),
        json!({"enabled": true, "host": ""}),
    ] {
        refused(&owner.admin(&id).patch(path, &body).await?, 400, "general_argument_invalid")?;
    }
    Ok(())
}
