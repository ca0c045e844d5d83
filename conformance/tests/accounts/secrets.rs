//! What must not get out: secrets in logs, lists and errors, and whether somebody has an account.

use anyhow::{Result, ensure};
use herenow_server::auth::secret::hash;
use herenow_testkit::{Server, ServerOptions};
use serde_json::json;

use crate::support::{Person, refused, server, sign_in, text};

/// Fails where one of `secrets` stands in `text`, and says which by its name alone.
fn without(text: &str, what: &str, secrets: &[(&str, String)]) -> Result<()> {
    for (name, secret) in secrets {
        ensure!(!text.contains(secret), "{what} tells {name}");
    }
    Ok(())
}

#[tokio::test]
async fn no_secret_is_in_a_log_a_list_or_an_error() -> Result<()> {
    let mut server = Server::start(ServerOptions::new().settings("log = \"trace\"")).await?;
    let person = Person::signed_up(&server).await?;
    let signed_in = person.sign_in(&server).await?;
    let user = format!("/v1/users/{}", person.id);
    let own = server.as_session(&signed_in.token);
    let token = server.as_key().post(&format!("{user}/tokens"), &json!({"length": 32})).await?.expect_status(201)?;
    let token = text(&token.json()?, "secret")?;
    let jwt = text(&own.post("/v1/account/jwts", &json!({})).await?.expect_status(201)?.json()?, "jwt")?;
    server.as_jwt(&jwt).get("/v1/account").await?.expect_status(200)?;
    let wrong = "a-wrong-but-real-password".to_owned();
    let secrets = [
        ("the password", person.password.clone()),
        ("the password that was wrong", wrong.clone()),
        ("the session", signed_in.token.clone()),
        ("the token", token.clone()),
        ("the JWT", jwt.clone()),
        ("the key", server.key().to_owned()),
        ("the hash of the key", hash(server.key())),
        ("the hash of the token", hash(&token)),
    ];
    let lists = ["/v1/users".to_owned(), user.clone(), format!("{user}/sessions"), "/v1/presences".to_owned()];
    for path in lists {
        let answer = server.as_key().get(&path).await?.expect_status(200)?;
        without(&answer.text(), &path, &secrets)?;
    }
    for path in ["/v1/account", "/v1/account/sessions", "/v1/account/sessions/current", "/v1/teams"] {
        let answer = own.get(path).await?.expect_status(200)?;
        without(&answer.text(), path, &secrets)?;
    }
    let credentials = json!({"email": person.email, "password": wrong});
    let short = json!({"userId": person.id, "secret": "x".repeat(257), "password": person.password});
    let query = format!("/v1/nowhere?jwt={jwt}&key={}", server.key());
    for refusal in [
        sign_in(&server.guest(), &credentials).await?,
        server.guest().post("/v1/account/sessions/token", &short).await?,
        server.guest().post("/v1/account", &person.account()).await?,
        server.guest().get(&query).await?,
        own.patch("/v1/account/password", &json!({"password": person.password, "oldPassword": wrong})).await?,
        server.as_jwt(&format!("{jwt}x")).get("/v1/account").await?,
    ] {
        ensure!(refusal.status.is_client_error(), "it should be refused: {}", refusal.status);
        without(&refusal.text(), "an error", &secrets)?;
    }
    let mut socket = server.connect_as(&signed_in.token).await?;
    socket.subscribe("s", &["account"]).await?;
    drop(socket);
    ensure!(server.stop().await?.success(), "the server stops");
    let logs = server.logs();
    ensure!(logs.contains("answered a request"), "requests are logged at this level");
    without(&logs, "the log", &secrets)
}

#[tokio::test]
async fn signing_in_does_not_tell_who_has_an_account() -> Result<()> {
    let server = server().await?;
    let person = Person::signed_up(&server).await?;
    let bare = json!({"userId": "bare", "email": "bare@example.com"});
    server.as_key().post("/v1/users", &bare).await?.expect_status(201)?;
    let mut answers = Vec::new();
    for email in [person.email.as_str(), "nobody@example.com", "bare@example.com"] {
        let answer = sign_in(&server.guest(), &json!({"email": email, "password": "not the password"})).await?;
        refused(&answer, 401, "user_invalid_credentials")?;
        answers.push(answer.text());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let mut answers = Vec::new();
    for user in [person.id.as_str(), "nobody"] {
        let guess = json!({"userId": user, "secret": "guessed"});
        let answer = server.guest().post("/v1/account/sessions/token", &guess).await?;
        refused(&answer, 401, "user_invalid_token")?;
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1]);
    Ok(())
}

#[tokio::test]
async fn a_blocked_user_is_told_so_only_with_the_right_password() -> Result<()> {
    let server = server().await?;
    let person = Person::signed_up(&server).await?;
    let status = format!("/v1/users/{}/status", person.id);
    server.as_key().patch(&status, &json!({"status": false})).await?.expect_status(200)?;
    let wrong = json!({"email": person.email, "password": "not the password"});
    refused(&sign_in(&server.guest(), &wrong).await?, 401, "user_invalid_credentials")?;
    refused(&sign_in(&server.guest(), &person.credentials()).await?, 403, "user_blocked")
}
