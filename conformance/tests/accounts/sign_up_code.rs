//! The code with which the first operator signs up from elsewhere, and `GET /v1/herenow/start`.

use std::time::Duration;

use anyhow::{Context, Result};
use herenow_testkit::{Http, Server, ServerOptions, await_until};
use serde_json::{Value, json};

use crate::support::{Person, console, refused, server};

/// What says that a request comes from elsewhere, here and as proxies say it.
const FORWARDED: [(&str, &str); 4] = [
    ("X-Forwarded-For", "192.0.2.1"),
    ("Forwarded", "for=192.0.2.1"),
    ("X-Real-IP", "192.0.2.1"),
    ("Via", "1.1 somewhere"),
];

fn far(server: &Server) -> Http {
    console(server).with_header("X-Forwarded-For", "192.0.2.1")
}

/// The last code that the server has printed.
async fn printed(server: &Server) -> Result<String> {
    let code = || server.logs().lines().rev().find_map(|line| Some(line.split_once("sign-up code ")?.1.to_owned()));
    await_until("the code", Duration::from_secs(10), async || code().is_some()).await?;
    code().context("a code")
}

async fn start(client: &Http) -> Result<Value> {
    client.get("/v1/herenow/start").await?.expect_status(200)?.json()
}

#[tokio::test]
async fn the_first_operator_signs_up_from_elsewhere_with_the_printed_code_alone() -> Result<()> {
    let server = server().await?;
    let code = printed(&server).await?;
    assert!(!server.stdout().contains(&code), "on standard error alone");
    for (name, value) in FORWARDED {
        let client = console(&server).with_header(name, value);
        let response = client.post("/v1/account", &Person::new().account()).await?;
        refused(&response, 501, "user_console_count_exceeded")?;
    }
    for wrong in ["wrong", "00000-00000-00000-00000", &code[1..]] {
        let client = far(&server).with_header("X-Herenow-Signup-Code", wrong);
        let response = client.post("/v1/account", &Person::new().account()).await?;
        refused(&response, 401, "user_invalid_token")?;
        assert!(!response.text().contains(&code));
    }
    let client = far(&server).with_header("X-Herenow-Signup-Code", &code);
    let operator = Person::new();
    client.post("/v1/account", &operator.account()).await?.expect_status(201)?;
    client.post("/v1/account/sessions/email", &operator.credentials()).await?.expect_status(201)?;
    let response = client.post("/v1/account", &Person::new().account()).await?;
    refused(&response, 501, "user_console_count_exceeded")
}

#[tokio::test]
async fn a_used_code_is_worth_nothing_when_the_operator_is_gone_and_the_next_start_prints_another() -> Result<()> {
    let mut server = server().await?;
    let former = printed(&server).await?;
    let client = far(&server).with_header("X-Herenow-Signup-Code", &former);
    let operator = Person::new();
    client.post("/v1/account", &operator.account()).await?.expect_status(201)?;
    let session = client.post("/v1/account/sessions/email", &operator.credentials()).await?.expect_status(201)?;
    let cookie = session.cookies().into_iter().find(|cookie| cookie.name == "a_session_console").context("a cookie")?;
    let own = console(&server).with_header("Cookie", &format!("a_session_console={}", cookie.value));
    own.delete("/v1/account").await?.expect_status(204)?;
    let response = client.post("/v1/account", &Person::new().account()).await?;
    refused(&response, 501, "user_console_count_exceeded")?;

    server.restart().await?;
    await_until("another code", Duration::from_secs(10), async || {
        printed(&server).await.is_ok_and(|code| code != former)
    })
    .await?;
    let response = far(&server).with_header("X-Herenow-Signup-Code", &former);
    refused(&response.post("/v1/account", &Person::new().account()).await?, 401, "user_invalid_token")?;
    let current = printed(&server).await?;
    let client = far(&server).with_header("X-Herenow-Signup-Code", &current);
    client.post("/v1/account", &Person::new().account()).await?.expect_status(201)?;
    server.restart().await?;
    assert_eq!(server.logs().matches("sign-up code ").count(), 2, "with an operator none is printed");
    Ok(())
}

#[tokio::test]
async fn of_two_with_the_right_code_at_once_one_becomes_the_operator() -> Result<()> {
    let server = server().await?;
    let client = far(&server).with_header("X-Herenow-Signup-Code", &printed(&server).await?);
    let (one, other) = (Person::new().account(), Person::new().account());
    let (one, other) = tokio::join!(client.post("/v1/account", &one), client.post("/v1/account", &other));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 501]);
    Ok(())
}

#[tokio::test]
async fn the_code_opens_the_console_alone() -> Result<()> {
    let closed = Server::start(ServerOptions::new().settings("console_signup = \"closed\"")).await?;
    let open = Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await?;
    let response = closed.guest().post("/v1/account", &Person::new().account()).await?;
    assert_eq!(response.status, 201, "users of projects need none");
    for server in [closed, open] {
        assert!(!server.logs().contains("sign-up code "), "{}", server.logs());
    }
    Ok(())
}

#[tokio::test]
async fn everybody_is_told_whether_there_is_an_operator_and_what_it_takes_to_become_one() -> Result<()> {
    let first = server().await?;
    assert_eq!(start(&console(&first)).await?, json!({"operator": false, "signUp": true, "codeRequired": false}));
    assert_eq!(start(&far(&first)).await?, json!({"operator": false, "signUp": true, "codeRequired": true}));
    let nameless = Http::new(first.address()).with_header("Cookie", "a_session_console=broken");
    assert_eq!(start(&nameless).await?["operator"], false);
    console(&first).post("/v1/account", &Person::new().account()).await?.expect_status(201)?;
    let there = json!({"operator": true, "signUp": false, "codeRequired": false});
    assert_eq!((start(&console(&first)).await?, start(&far(&first)).await?), (there.clone(), there));

    let open = Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await?;
    assert_eq!(start(&far(&open)).await?, json!({"operator": false, "signUp": true, "codeRequired": false}));
    let closed = Server::start(ServerOptions::new().settings("console_signup = \"closed\"")).await?;
    let none = json!({"operator": false, "signUp": false, "codeRequired": false});
    assert_eq!((start(&console(&closed)).await?, start(&far(&closed)).await?), (none.clone(), none));
    Ok(())
}
