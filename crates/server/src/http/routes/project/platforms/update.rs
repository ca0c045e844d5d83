//! `PUT …/platforms/web/:platformId` and its like, of old `PUT …/platforms/:platformId`: change one. Its kind stays.

use axum::response::Response;
use herenow_wire::model::platform_kinds;
use http::StatusCode;

use super::{answer, hostname, manager, platform_id};
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::text},
    ops::platforms::{PlatformEdit, update},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &[scope::PLATFORMS_WRITE]).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let mut key = params.optional("key", text(0, 256))?;
    for (_, id_key) in platform_kinds().filter(|(_, id_key)| !id_key.is_empty()) {
        key = params.optional(id_key, text(1, 256))?.or(key);
    }
    let edit = PlatformEdit {
        name: params.required("name", text(1, 128))?,
        hostname: params
            .optional("hostname", |raw| if raw.json() == "\"\"" { Ok(None) } else { hostname(raw).map(Some) })?
            .flatten(),
        key: key.filter(|key| !key.is_empty()),
    };
    let platform = update(&app, &caller.project, &platform_id(params)?, edit).await?;
    Ok(answer(&call, StatusCode::OK, &platform))
}
