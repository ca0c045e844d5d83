//! `POST /v1/account`, and who may become an operator.

use anyhow::Result;
use herenow_testkit::{Server, ServerOptions};
use serde_json::json;

use crate::support::{Person, console, refused, server, signed_in};

#[tokio::test]
async fn signing_up_makes_an_account_and_begins_no_session() -> Result<()> {
    let server = server().await?;
    let ada = Person::new();
    let mut account = ada.account();
    account["email"] = json!(ada.email.to_uppercase());
    let response = server.guest().post("/v1/account", &account).await?.expect_status(201)?;
    assert!(response.cookies().is_empty() && response.header("x-fallback-cookies").is_none());
    let made = response.json()?;
    assert_eq!(made["$id"], ada.id);
    assert_eq!(made["email"], ada.email, "in lower case");
    assert_eq!(made["name"], "Ada");
    assert_eq!((&made["status"], &made["emailVerification"]), (&json!(true), &json!(false)));
    assert_eq!((&made["prefs"], &made["labels"], &made["phone"]), (&json!({}), &json!([]), &json!("")));
    assert_eq!(made["targets"][0]["identifier"], ada.email);
    assert_eq!(made["registration"], made["$createdAt"]);
    assert_eq!(made["passwordUpdate"], made["$createdAt"]);
    for secret in ["password", "hash", "hashOptions"] {
        assert!(made.get(secret).is_none(), "{secret} is for servers");
    }
    Ok(())
}

#[tokio::test]
async fn the_server_makes_an_id_where_it_is_asked_to() -> Result<()> {
    let server = server().await?;
    let account = json!({"userId": "unique()", "email": "a@example.com", "password": "longenough"});
    let made = server.guest().post("/v1/account", &account).await?.expect_status(201)?.json()?;
    let id = made["$id"].as_str().expect("an id");
    assert!(id.len() == 20 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(made["name"], "");
    Ok(())
}

#[tokio::test]
async fn a_taken_id_or_email_is_refused() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let mut same_email = Person::new().account();
    same_email["email"] = json!(ada.email.to_uppercase());
    let mut same_id = Person::new().account();
    same_id["userId"] = json!(ada.id);
    for account in [same_email, same_id] {
        let response = server.guest().post("/v1/account", &account).await?;
        refused(&response, 409, "user_already_exists")?;
    }
    Ok(())
}

#[tokio::test]
async fn bad_input_is_refused_and_makes_nobody() -> Result<()> {
    let server = server().await?;
    let whole = Person::new().account();
    let too_long = "x".repeat(257);
    for (key, value) in [
        ("userId", json!("_no")),
        ("userId", json!("")),
        ("userId", json!(7)),
        ("userId", json!("x".repeat(37))),
        ("email", json!("nobody")),
        ("email", json!("")),
        ("email", json!(["a@example.com"])),
        ("password", json!("short77")),
        ("password", json!(too_long)),
        ("password", json!(12_345_678)),
        ("name", json!("")),
        ("name", json!("x".repeat(129))),
        ("userId", json!(null)),
        ("email", json!(null)),
        ("password", json!(null)),
    ] {
        let mut account = whole.clone();
        account[key] = value.clone();
        let response = server.guest().post("/v1/account", &account).await?;
        refused(&response, 400, "general_argument_invalid")?;
        assert!(response.text().contains(key), "{key} {value}: {}", response.text());
    }
    let response = server.guest().post("/v1/account", &json!({})).await?;
    assert_eq!(response.json()?["message"], "Param \"userId\" is not optional.");
    assert_eq!(server.as_key().get("/v1/users").await?.json()?["total"], 0);
    Ok(())
}

#[tokio::test]
async fn a_key_needs_the_scope_to_sign_anybody_up() -> Result<()> {
    let server = server().await?;
    server.as_key().post("/v1/account", &Person::new().account()).await?.expect_status(201)?;
    let narrow = "[[projects]]\nid = \"narrow\"\n[[projects.keys]]\nname = \"k\"\nsecret = \"standard_0123456789\"\n\
                  scopes = [\"users.read\"]";
    let server = Server::start(ServerOptions::new().tables(narrow)).await?;
    let client = console(&server)
        .with_header("X-Appwrite-Project", "narrow")
        .with_header("X-Appwrite-Key", "standard_0123456789");
    let response = client.post("/v1/account", &Person::new().account()).await?;
    refused(&response, 401, "general_unauthorized_scope")
}

#[tokio::test]
async fn the_first_operator_signs_up_from_this_machine_and_no_second_one_does() -> Result<()> {
    let server = server().await?;
    let far = console(&server).with_header("X-Forwarded-For", "192.0.2.1");
    let response = far.post("/v1/account", &Person::new().account()).await?;
    refused(&response, 501, "user_console_count_exceeded")?;

    let operator = Person::new();
    console(&server).post("/v1/account", &operator.account()).await?.expect_status(201)?;
    let response = console(&server).post("/v1/account", &Person::new().account()).await?;
    refused(&response, 501, "user_console_count_exceeded")
}

#[tokio::test]
async fn of_two_who_sign_up_at_once_one_becomes_the_operator() -> Result<()> {
    let server = server().await?;
    let (one, other) = (Person::new().account(), Person::new().account());
    let client = console(&server);
    let (one, other) = tokio::join!(client.post("/v1/account", &one), client.post("/v1/account", &other));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 501]);
    Ok(())
}

#[tokio::test]
async fn operators_sign_up_freely_or_not_at_all_where_the_configuration_says_so() -> Result<()> {
    let open = Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await?;
    for _ in 0..2 {
        console(&open).post("/v1/account", &Person::new().account()).await?.expect_status(201)?;
    }
    let closed = Server::start(ServerOptions::new().settings("console_signup = \"closed\"")).await?;
    let response = console(&closed).post("/v1/account", &Person::new().account()).await?;
    refused(&response, 501, "user_console_count_exceeded")
}

#[tokio::test]
async fn the_same_person_may_have_an_account_in_every_project() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    console(&server).post("/v1/account", &ada.account()).await?.expect_status(201)?;
    let here = ada.sign_in(&server).await?;
    signed_in(&server, &here.token).await?;
    let there = console(&server).with_header("X-Appwrite-Session", &here.token).get("/v1/account").await?;
    refused(&there, 401, "general_unauthorized_scope")
}
