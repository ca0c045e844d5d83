//! `PATCH …/policies/membership-privacy`, of old `…/auth/memberships-privacy`: what members see of each other.

use axum::response::Response;
use http::StatusCode;

use super::manager;
use crate::{
    auth::scope,
    failure::Failure,
    http::{call::Call, params::loose_bool, routes::projects::answer},
    ops::policies::{MemberViewEdit, set_member_view},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = manager(&call, &scope::POLICIES_WRITE).await?;
    let app = call.app.clone();
    let params = call.params()?;
    let older_mfa = params.optional("mfa", loose_bool)?;
    let edit = MemberViewEdit {
        user_id: params.optional("userId", loose_bool)?,
        user_name: params.optional("userName", loose_bool)?,
        user_email: params.optional("userEmail", loose_bool)?,
        user_phone: params.optional("userPhone", loose_bool)?,
        mfa: params.optional("userMFA", loose_bool)?.or(older_mfa),
        accessed_at: params.optional("userAccessedAt", loose_bool)?,
    };
    let project = set_member_view(&app, &caller.project, edit).await?;
    answer(&call, StatusCode::OK, &project).await
}
