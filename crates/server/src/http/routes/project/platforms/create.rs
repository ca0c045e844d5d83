//! `POST …/platforms/web` and its like, of old `POST …/platforms` with a `type`: let a page or an app call.

use axum::response::Response;
use herenow_core::PlatformId;
use herenow_wire::model::{is_legacy_platform, platform_kinds};
use http::StatusCode;

use super::{answer, hostname, manager};
use crate::{
    auth::scope,
    clock::random_u64,
    failure::Failure,
    http::{
        call::Call,
        params::{Params, parsed, text},
    },
    ops::platforms::{PlatformInput, create},
};

/// Makes one of this kind of today.
pub(in crate::http) async fn handle(call: Call, kind: &'static str) -> Result<Response, Failure> {
    let input = |params: &Params| {
        let id_key = platform_kinds().find(|(known, _)| *known == kind).map_or("", |(_, id_key)| id_key);
        let web = id_key.is_empty();
        Ok(PlatformInput {
            name: params.required("name", text(1, 128))?,
            kind: kind.to_owned(),
            hostname: if web { params.required("hostname", hostname)? } else { String::new() },
            key: if web { String::new() } else { params.required(id_key, text(1, 256))? },
        })
    };
    make(call, input).await
}

/// Makes one of an older kind, which the body names.
pub(in crate::http) async fn handle_legacy(call: Call) -> Result<Response, Failure> {
    let input = |params: &Params| {
        let kind = |text: &str| {
            if is_legacy_platform(text) { Ok(text.to_owned()) } else { Err("Value must be one of the platform types") }
        };
        let kind = params.required("type", parsed(kind))?;
        let web = matches!(kind.as_str(), "web" | "flutter-web");
        let key = params.optional("key", text(0, 256))?.unwrap_or_default();
        if !web && key.is_empty() {
            return Err(Failure::missing_param("key"));
        }
        Ok(PlatformInput {
            name: params.required("name", text(1, 128))?,
            kind,
            hostname: if web { params.required("hostname", hostname)? } else { String::new() },
            key,
        })
    };
    make(call, input).await
}

async fn make(
    mut call: Call,
    input: impl FnOnce(&Params) -> Result<PlatformInput, Failure>,
) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PLATFORMS_WRITE]).await?;
    let (app, now) = (call.app.clone(), call.now);
    let params = call.params()?;
    // Older clients name none.
    let id = params.optional("platformId", parsed(|id| PlatformId::parse_custom(id, now, random_u64())))?;
    let id = id.unwrap_or_else(|| PlatformId::generate(now, random_u64()));
    let platform = create(&app, &caller.project, id, input(params)?).await?;
    Ok(answer(&call, StatusCode::CREATED, &platform))
}
