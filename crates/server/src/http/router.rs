//! Every route, on one screen.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{delete, get, patch, post, put},
};

use super::{pipeline, routes};
use crate::{App, config::OpsListen};

/// The API.
pub fn router(app: &Arc<App>) -> Router {
    let presence = get(routes::presences::get::handle)
        .put(routes::presences::upsert::handle)
        .patch(routes::presences::update::handle)
        .delete(routes::presences::delete::handle);
    let routes = Router::new()
        .route("/v1/presences", get(routes::presences::list::handle))
        .route("/v1/presences/{presenceId}", presence)
        .route("/v1/realtime", get(routes::realtime::handle))
        .route("/v1/ping", get(routes::ping::handle))
        .route("/v1/health", get(routes::health::get::handle))
        .route("/v1/health/version", get(routes::health::version::handle))
        .route("/v1/locale", get(routes::locale::handle))
        .merge(account_routes())
        .merge(user_routes())
        .merge(team_routes())
        .merge(ops_routes(app.config.ops_listen));
    routes
        .fallback(pipeline::unmatched)
        .method_not_allowed_fallback(pipeline::wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), pipeline::run))
        .with_state(())
}

fn account_routes() -> Router {
    use routes::account;
    let own = get(account::get::handle).post(account::create::handle).delete(account::delete::handle);
    let sign_in = post(account::create_email_session::handle);
    let sessions = sign_in.clone().get(account::list_sessions::handle).delete(account::delete_sessions::handle);
    let session = get(account::get_session::handle)
        .patch(account::update_session::handle)
        .delete(account::delete_session::handle);
    Router::new()
        .route("/v1/account", own)
        .route("/v1/account/sessions", sessions)
        .route("/v1/account/sessions/email", sign_in)
        .route("/v1/account/sessions/anonymous", post(account::create_anonymous_session::handle))
        .route("/v1/account/sessions/token", post(account::create_token_session::handle))
        .route("/v1/account/sessions/{sessionId}", session)
        .route("/v1/account/jwts", post(account::create_jwt::handle))
        .route("/v1/account/jwt", post(account::create_jwt::handle))
        .route("/v1/account/prefs", get(account::get_prefs::handle).patch(account::update_prefs::handle))
        .route("/v1/account/name", patch(account::update_name::handle))
        .route("/v1/account/password", patch(account::update_password::handle))
        .route("/v1/account/status", patch(account::update_status::handle))
}

fn user_routes() -> Router {
    use routes::users;
    let sessions =
        get(users::list_sessions::handle).post(users::create_session::handle).delete(users::delete_sessions::handle);
    Router::new()
        .route("/v1/users", get(users::list::handle).post(users::create::handle))
        .route("/v1/users/{userId}", get(users::get::handle).delete(users::delete::handle))
        .route("/v1/users/{userId}/labels", put(users::update_labels::handle))
        .route("/v1/users/{userId}/status", patch(users::update_status::handle))
        .route("/v1/users/{userId}/name", patch(users::update_name::handle))
        .route("/v1/users/{userId}/verification", patch(users::update_email_verification::handle))
        .route("/v1/users/{userId}/verification/phone", patch(users::update_phone_verification::handle))
        .route("/v1/users/{userId}/prefs", get(users::get_prefs::handle).patch(users::update_prefs::handle))
        .route("/v1/users/{userId}/sessions", sessions)
        .route("/v1/users/{userId}/sessions/{sessionId}", delete(users::delete_session::handle))
        .route("/v1/users/{userId}/tokens", post(users::create_token::handle))
        .route("/v1/users/{userId}/jwts", post(users::create_jwt::handle))
}

fn team_routes() -> Router {
    use routes::teams::{self, memberships};
    let team = get(teams::get::handle).put(teams::update::handle).delete(teams::delete::handle);
    let prefs = get(teams::get_prefs::handle).put(teams::update_prefs::handle);
    let membership =
        get(memberships::get::handle).patch(memberships::update::handle).delete(memberships::delete::handle);
    Router::new()
        .route("/v1/teams", get(teams::list::handle).post(teams::create::handle))
        .route("/v1/teams/{teamId}", team)
        .route("/v1/teams/{teamId}/prefs", prefs)
        .route("/v1/teams/{teamId}/memberships", get(memberships::list::handle).post(memberships::create::handle))
        .route("/v1/teams/{teamId}/memberships/{membershipId}", membership)
        .route("/v1/teams/{teamId}/memberships/{membershipId}/status", patch(memberships::accept::handle))
}

/// The routes for operators, on an address of their own.
pub fn ops_router(app: &Arc<App>) -> Router {
    routes::ops::router(routes::ops::Metrics::ToAll)
        .fallback(pipeline::unmatched)
        .layer(middleware::from_fn_with_state(app.clone(), pipeline::run))
}

/// The routes for operators, where they answer beside the API.
fn ops_routes(listen: OpsListen) -> Router {
    if listen == OpsListen::WithApi { routes::ops::router(routes::ops::Metrics::ToLoopback) } else { Router::new() }
}
