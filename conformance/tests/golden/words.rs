//! The groups about dates, session tokens and error types.

use anyhow::{Context, Result, ensure};
use herenow_core::Timestamp;
use herenow_server::auth::secret::hash;
use herenow_wire::{ErrorType, error::ErrorBody, secret::SessionToken};
use serde_json::Value;

fn text<'a>(json: &'a Value, key: &str) -> Result<&'a str> {
    json[key].as_str().with_context(|| format!("no {key}"))
}

pub(crate) fn datetime(input: &Value, expected: &Value) -> Result<()> {
    let found = Timestamp::parse(text(input, "value")?)?.to_string();
    ensure!(expected["output"] == found, "{found}");
    Ok(())
}

pub(crate) fn session_token(input: &Value, expected: &Value) -> Result<()> {
    if let Ok(encoded) = text(input, "encoded") {
        let value = SessionToken::cookie_value(encoded);
        ensure!(expected["setCookieValue"] == value, "{value}");
        return Ok(());
    }
    let token = SessionToken { id: text(input, "userId")?.to_owned(), secret: text(input, "secret")?.to_owned() };
    ensure!(expected["encoded"] == token.encode(), "{}", token.encode());
    ensure!(expected["storedHash"] == hash(&token.secret), "{}", hash(&token.secret));
    ensure!(SessionToken::decode(&token.encode()) == Some(token), "it does not come back");
    Ok(())
}

pub(crate) fn error(input: &Value, expected: &Value) -> Result<()> {
    let name = text(input, "type")?;
    let kind = ErrorType::from_name(name).with_context(|| format!("no error type {name}"))?;
    let body = ErrorBody::new(kind, Some("told".to_owned()));
    ensure!(expected["http"] == kind.status() && expected["http"] == body.code, "HTTP status {}", kind.status());
    ensure!(body.kind == name, "the body says {}", body.kind);
    let message = if body.code == 500 { "Server Error" } else { "told" };
    ensure!(body.message == message, "the body says {}", body.message);
    Ok(())
}
