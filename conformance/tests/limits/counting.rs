//! What is counted together, and when a count begins anew.

use anyhow::{Result, ensure};
use herenow_testkit::ServerOptions;
use serde_json::{Value, json};

use crate::support::{MINUTE_MS, account, refused, remaining, room_in, server, start};

const SIGN_IN: &str = "/v1/account/sessions/email";

#[tokio::test]
async fn who_guesses_a_password_is_stopped_whatever_host_or_spelling_they_name() -> Result<()> {
    let server = server("email_sessions_per_hour = 3").await?;
    let account = account();
    server.guest().post("/v1/account", &account).await?.expect_status(201)?;
    let email = account["email"].as_str().unwrap_or_default();
    let guess = |email: &str, password: &str| json!({"email": email, "password": password});
    for (left, spelling) in [(2, email.to_owned()), (1, email.to_uppercase()), (0, email.to_owned())] {
        let client = server.guest().with_header("host", &format!("guess{left}.localhost"));
        let wrong = client.post(SIGN_IN, &guess(&spelling, "battery staple")).await?.expect_status(401)?;
        assert_eq!(remaining(&wrong)?, left);
    }
    refused(&server.guest().post(SIGN_IN, &guess(email, "correct horse")).await?)?;
    refused(&server.guest().post(SIGN_IN, &json!({"email": email})).await?)?;
    let other = server.guest().post(SIGN_IN, &guess("other@example.com", "battery staple")).await?;
    assert_eq!(remaining(&other.expect_status(401)?)?, 2, "an email that nobody has is counted all the same");
    Ok(())
}

#[tokio::test]
async fn ten_guesses_an_hour_are_all_that_an_account_gets_from_however_many_addresses() -> Result<()> {
    let server = start(ServerOptions::new().settings("trusted_proxies = [\"127.0.0.1\"]")).await?;
    let account = account();
    server.guest().post("/v1/account", &account).await?.expect_status(201)?;
    let guess = async |number: u8, email: &Value, password: &str| {
        let client = server.guest().with_header("x-forwarded-for", &format!("192.0.2.{number}"));
        client.post(SIGN_IN, &json!({"email": email, "password": password})).await
    };
    for email in [&account["email"], &json!("nobody@example.com")] {
        for number in 0..10 {
            let wrong = guess(number, email, "battery staple").await?.expect_status(401)?;
            assert_eq!(wrong.error_type()?, "user_invalid_credentials");
            assert_eq!(remaining(&wrong)?, 9 - i64::from(number), "{email}");
        }
        // The right word, from an address that never guessed, is one guess too many, and again.
        for number in [20, 21] {
            refused(&guess(number, email, "correct horse").await?)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_knows_the_password_begins_anew() -> Result<()> {
    let server = server("email_sessions_per_hour = 2").await?;
    let account = account();
    server.guest().post("/v1/account", &account).await?.expect_status(201)?;
    let right = json!({"email": account["email"], "password": account["password"]});
    let wrong = json!({"email": account["email"], "password": "battery staple"});
    for _ in 0..3 {
        assert_eq!(remaining(&server.guest().post(SIGN_IN, &wrong).await?.expect_status(401)?)?, 1);
        assert_eq!(remaining(&server.guest().post(SIGN_IN, &right).await?.expect_status(201)?)?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_call_is_counted_before_its_parameters_are_looked_at() -> Result<()> {
    let server = server("sign_ups_per_hour = 2").await?;
    for body in [json!({}), json!({"userId": "!"})] {
        server.guest().post("/v1/account", &body).await?.expect_status(400)?;
    }
    refused(&server.guest().post("/v1/account", &account()).await?)
}

#[tokio::test]
async fn tokens_are_counted_for_each_user() -> Result<()> {
    let server = server("token_sessions_per_hour = 2").await?;
    let exchange = async |user: &str| {
        let body: Value = json!({"userId": user, "secret": "0123456789abcdef"});
        server.guest().post("/v1/account/sessions/token", &body).await
    };
    for left in [1, 0] {
        assert_eq!(remaining(&exchange("ada").await?.expect_status(401)?)?, left);
    }
    refused(&exchange("ada").await?)?;
    assert_eq!(remaining(&exchange("bob").await?.expect_status(401)?)?, 1);
    Ok(())
}

#[tokio::test]
async fn an_address_is_what_a_trusted_proxy_says_and_nobody_else() -> Result<()> {
    let limits = "[limits]\nanonymous_sessions_per_hour = 1";
    let sign_in = async |server: &herenow_testkit::Server, address: &str| {
        let client = server.guest().with_header("x-forwarded-for", address);
        client.post("/v1/account/sessions/anonymous", &json!({})).await
    };
    let behind = start(ServerOptions::new().settings("trusted_proxies = [\"127.0.0.1\"]").tables(limits)).await?;
    sign_in(&behind, "192.0.2.1").await?.expect_status(201)?;
    sign_in(&behind, "192.0.2.2").await?.expect_status(201)?;
    sign_in(&behind, "2001:db8::1").await?.expect_status(201)?;
    refused(&sign_in(&behind, "192.0.2.1").await?)?;
    refused(&sign_in(&behind, "2001:db8::2").await?)?;

    let alone = start(ServerOptions::new().tables(limits)).await?;
    sign_in(&alone, "192.0.2.1").await?.expect_status(201)?;
    refused(&sign_in(&alone, "192.0.2.2").await?)
}

#[tokio::test]
async fn each_user_makes_so_many_jwts() -> Result<()> {
    let server = server("jwts_per_minute = 2").await?;
    room_in(MINUTE_MS).await?;
    let (ada, bob) = (server.new_user("Ada").await?, server.new_user("Bob").await?);
    let make = async |token: &str| server.as_session(token).post("/v1/account/jwts", &json!({})).await;
    for left in [1, 0] {
        assert_eq!(remaining(&make(&ada.token).await?.expect_status(201)?)?, left);
    }
    refused(&make(&ada.token).await?)?;
    ensure!(remaining(&make(&bob.token).await?.expect_status(201)?)? == 1, "another user has a count of their own");
    Ok(())
}
