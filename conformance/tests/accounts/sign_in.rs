//! The ways to sign in: email, anonymous, token.

use anyhow::Result;
use serde_json::json;

use crate::support::{Person, console, done, refused, server, sign_in, signed_in, text};

#[tokio::test]
async fn an_email_session_shows_no_secret_to_its_user() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let mut credentials = ada.credentials();
    credentials["email"] = json!(ada.email.to_uppercase());
    let client = server.guest().with_header("user-agent", "tests/1");
    let response = sign_in(&client, &credentials).await?.expect_status(201)?;
    let session = response.json()?;
    assert_eq!(
        (&session["userId"], &session["current"], &session["secret"]),
        (&json!(ada.id), &json!(true), &json!(""))
    );
    assert_eq!((&session["provider"], &session["providerUid"]), (&json!("email"), &json!(ada.email)));
    assert_eq!((&session["factors"], &session["ip"]), (&json!(["password"]), &json!("127.0.0.1")));
    signed_in(&server, &server.session_token(&response)?).await
}

#[tokio::test]
async fn the_short_path_signs_in_too() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let response = server.guest().post("/v1/account/sessions", &ada.credentials()).await?.expect_status(201)?;
    signed_in(&server, &server.session_token(&response)?).await
}

#[tokio::test]
async fn an_unknown_email_a_wrong_password_and_no_password_answer_the_same() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let bob = server.create_user("Bob").await?;
    let mut answers = Vec::new();
    for (email, password) in [
        (ada.email.as_str(), "another password"),
        ("nobody@example.com", ada.password.as_str()),
        (&format!("{bob}@example.com"), "anything at all"),
    ] {
        let response = sign_in(&server.guest(), &json!({"email": email, "password": password})).await?;
        refused(&response, 401, "user_invalid_credentials")?;
        assert!(response.cookies().is_empty(), "{:?}", response.headers);
        answers.push(response.text());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    Ok(())
}

#[tokio::test]
async fn bad_credentials_are_refused_by_name() -> Result<()> {
    let server = server().await?;
    for (credentials, name) in [
        (json!({"password": "longenough"}), "email"),
        (json!({"email": "a@example.com"}), "password"),
        (json!({"email": "a", "password": "longenough"}), "email"),
        (json!({"email": "a@example.com", "password": "short"}), "password"),
        (json!({"email": {"$ne": ""}, "password": "longenough"}), "email"),
    ] {
        let response = sign_in(&server.guest(), &credentials).await?;
        refused(&response, 400, "general_argument_invalid")?;
        assert!(response.text().contains(name), "{credentials}: {}", response.text());
    }
    let body = server.guest().request(http::Method::POST, "/v1/account/sessions/email");
    let response = body.header("content-type", "application/json").body("{\"email\":").send().await?;
    refused(&response, 400, "general_bad_request")
}

#[tokio::test]
async fn who_is_blocked_learns_it_with_the_right_password_alone() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let path = format!("/v1/users/{}/status", ada.id);
    server.as_key().patch(&path, &json!({"status": false})).await?.expect_status(200)?;
    refused(&sign_in(&server.guest(), &ada.credentials()).await?, 403, "user_blocked")?;
    let wrong = json!({"email": ada.email, "password": "another password"});
    refused(&sign_in(&server.guest(), &wrong).await?, 401, "user_invalid_credentials")
}

#[tokio::test]
async fn an_anonymous_session_makes_a_user_of_whom_nothing_is_known() -> Result<()> {
    let server = server().await?;
    let response = server.guest().post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    let session = response.json()?;
    assert_eq!((&session["provider"], &session["factors"]), (&json!("anonymous"), &json!(["anonymous"])));
    let token = server.session_token(&response)?;
    let account = server.as_session(&token).get("/v1/account").await?.expect_status(200)?.json()?;
    assert_eq!(account["$id"], session["userId"]);
    for empty in ["name", "email", "phone", "passwordUpdate"] {
        assert_eq!(account[empty], "", "{empty}");
    }
    assert_eq!(account["targets"], json!([]));
    Ok(())
}

#[tokio::test]
async fn the_console_has_no_anonymous_users() -> Result<()> {
    let server = server().await?;
    let response = console(&server).post("/v1/account/sessions/anonymous", &json!({})).await?;
    refused(&response, 401, "user_anonymous_console_prohibited")
}

#[tokio::test]
async fn a_token_is_worth_one_session() -> Result<()> {
    let server = server().await?;
    let ada = server.create_user("Ada").await?;
    let token = server.as_key().post(&format!("/v1/users/{ada}/tokens"), &json!({})).await?.expect_status(201)?;
    let exchange = json!({"userId": ada, "secret": text(&token.json()?, "secret")?});
    let response = server.guest().post("/v1/account/sessions/token", &exchange).await?.expect_status(201)?;
    let session = response.json()?;
    assert_eq!((&session["provider"], &session["factors"]), (&json!("token"), &json!(["token"])));
    signed_in(&server, &server.session_token(&response)?).await?;
    let again = server.guest().post("/v1/account/sessions/token", &exchange).await?;
    refused(&again, 401, "user_invalid_token")
}

#[tokio::test]
async fn a_token_of_somebody_else_or_of_nobody_is_worth_nothing() -> Result<()> {
    let server = server().await?;
    let (ada, bob) = (server.create_user("Ada").await?, server.create_user("Bob").await?);
    let token = server.as_key().post(&format!("/v1/users/{ada}/tokens"), &json!({})).await?.json()?;
    let secret = text(&token, "secret")?;
    for (user, secret) in [(bob.as_str(), secret.as_str()), ("nobody", &secret), ("unique()", &secret), (&ada, "000")] {
        let exchange = json!({"userId": user, "secret": secret});
        let response = server.guest().post("/v1/account/sessions/token", &exchange).await?;
        refused(&response, 401, "user_invalid_token")?;
    }
    for exchange in [json!({"userId": ada}), json!({"secret": secret}), json!({"userId": ada, "secret": ""})] {
        let response = server.guest().post("/v1/account/sessions/token", &exchange).await?;
        refused(&response, 400, "general_argument_invalid")?;
    }
    let exchange = json!({"userId": ada, "secret": secret});
    server.guest().post("/v1/account/sessions/token", &exchange).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn who_has_a_session_or_a_jwt_begins_no_other() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let session = ada.sign_in(&server).await?;
    let jwt = server.as_session(&session.token).post("/v1/account/jwts", &json!({})).await?.json()?;
    for client in [server.as_session(&session.token), server.as_jwt(&text(&jwt, "jwt")?)] {
        for way in ["email", "anonymous", "token"] {
            let path = format!("/v1/account/sessions/{way}");
            // Before the parameters are looked at: none were sent.
            refused(&client.post(&path, &json!({})).await?, 401, "user_session_already_exists")?;
        }
        let other = Person::new();
        client.post("/v1/account", &other.account()).await?.expect_status(201)?;
    }
    done(&server.as_session(&session.token).delete("/v1/account/sessions/current").await?)?;
    let over = server.as_session(&session.token);
    sign_in(&over, &ada.credentials()).await?.expect_status(201)?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_signs_a_user_in_gets_the_token() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let response = sign_in(&server.as_key(), &ada.credentials()).await?.expect_status(201)?;
    let secret = text(&response.json()?, "secret")?;
    assert_eq!(secret, server.session_token(&response)?);
    signed_in(&server, &secret).await?;
    // A key beats the session that comes with it, which then is no reason to refuse.
    let both = server.as_key().with_header("X-Appwrite-Session", &secret);
    sign_in(&both, &ada.credentials()).await?.expect_status(201)?;
    Ok(())
}
