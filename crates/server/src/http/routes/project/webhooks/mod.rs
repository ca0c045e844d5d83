//! Webhooks of a project: kept and given back. Nothing is delivered yet.

pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;
pub(in crate::http) mod update_secret;

use herenow_core::WebhookId;
use http::Uri;

use super::manager;
use crate::{
    failure::Failure,
    http::params::{Params, Raw, loose_bool, parsed, text, texts},
    ops::webhooks::{WebhookInput, is_event},
};

/// Most events that a webhook asks for.
const MAX_EVENTS: usize = 100;

/// The webhook that the path names.
fn webhook_id(params: &Params) -> Result<WebhookId, Failure> {
    params.required("webhookId", parsed(WebhookId::parse))
}

/// What a webhook shall be, under the names of today or of before.
fn input(params: &Params) -> Result<WebhookInput, Failure> {
    let older_tls = params.optional("security", loose_bool)?;
    let older_user = params.optional("httpUser", text(0, 256))?;
    let older_password = params.optional("httpPass", text(0, 256))?;
    Ok(WebhookInput {
        name: params.required("name", text(1, 128))?,
        url: params.required("url", url)?,
        events: params.required("events", events)?,
        tls: params.optional("tls", loose_bool)?.or(older_tls),
        auth_username: params.optional("authUsername", text(0, 256))?.or(older_user),
        auth_password: params.optional("authPassword", text(0, 256))?.or(older_password),
        enabled: params.optional("enabled", loose_bool)?,
    })
}

/// The secret that deliveries shall be signed with.
fn secret(params: &Params) -> Result<Option<String>, Failure> {
    params.optional("secret", text(8, 256))
}

fn url(raw: Raw<'_>) -> Result<String, String> {
    let url = text(1, 2048)(raw)?;
    let parsed = url.parse::<Uri>().ok();
    let scheme = parsed.as_ref().and_then(Uri::scheme_str);
    let hosted = parsed.as_ref().and_then(Uri::host).is_some_and(|host| !host.is_empty());
    if matches!(scheme, Some("http" | "https")) && hosted {
        Ok(url)
    } else {
        Err("Value must be a valid URL with a scheme of http or https".to_owned())
    }
}

fn events(raw: Raw<'_>) -> Result<Vec<String>, String> {
    let events = texts(MAX_EVENTS)(raw)?;
    match events.iter().find(|event| !is_event(event)) {
        Some(unknown) => Err(format!("Event {unknown:?} is not one that webhooks can ask for")),
        None => Ok(events),
    }
}
