//! What belongs to a project, for operators and keys: under `/v1/project`, and under `/v1/projects/:projectId` for
//! the console. Source: http-api, section F.

pub(in crate::http) mod keys;
pub(in crate::http) mod platforms;
pub(in crate::http) mod policies;
pub(in crate::http) mod update_smtp;
pub(in crate::http) mod webhooks;

use herenow_wire::ErrorType;

use crate::{
    auth::{Caller, Scope, scope},
    failure::Failure,
    http::call::Call,
};

/// Whoever has one of `scopes` in a project other than the console.
///
/// # Errors
/// 401 `general_access_forbidden` on the console, whoever calls; else as every call.
async fn manager(call: &Call, scopes: &[Scope]) -> Result<Caller, Failure> {
    if call.project.as_ref().is_some_and(|known| known.project.id.is_console()) {
        call.authorize(&[scope::GLOBAL]).await?;
        return Err(ErrorType::GeneralAccessForbidden.into());
    }
    call.authorize(scopes).await
}
