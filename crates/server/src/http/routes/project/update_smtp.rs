//! `PATCH …/smtp`: the mail server. It is kept and shown, and not used yet.

use axum::response::Response;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{
        call::Call,
        params::{Raw, email, integer, loose_bool, text},
        routes::projects::answer,
    },
    ops::policies::{SmtpEdit, set_smtp},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    manager(&call, &[scope::PROJECT_WRITE]).await?;
    let (app, known) = (call.app.clone(), call.project()?.clone());
    let params = call.params()?;
    let older_reply = params.optional("replyTo", email_or_none)?;
    let edit = SmtpEdit {
        enabled: params.optional("enabled", loose_bool)?,
        sender_name: params.optional("senderName", text(0, 256))?,
        sender_email: params.optional("senderEmail", email_or_none)?,
        reply_to_name: params.optional("replyToName", text(0, 256))?,
        reply_to_email: params.optional("replyToEmail", email_or_none)?.or(older_reply),
        host: params.optional("host", text(0, 256))?,
        port: params.optional("port", port)?,
        username: params.optional("username", text(0, 256))?,
        password: params.optional("password", text(0, 256))?,
        secure: params.optional("secure", secure)?,
    };
    let project = set_smtp(&app, &known.project, edit).await?;
    answer(&call, StatusCode::OK, &project).await
}

fn email_or_none(raw: Raw<'_>) -> Result<String, String> {
    if raw.json() == "\"\"" { Ok(String::new()) } else { email(raw) }
}

fn port(raw: Raw<'_>) -> Result<u16, String> {
    integer(0..=u64::from(u16::MAX))(raw).and_then(|port| u16::try_from(port).map_err(|error| error.to_string()))
}

fn secure(raw: Raw<'_>) -> Result<String, String> {
    let secure = text(0, 3)(raw)?;
    if matches!(secure.as_str(), "" | "tls" | "ssl") { Ok(secure) } else { Err("Value must be tls or ssl".to_owned()) }
}
