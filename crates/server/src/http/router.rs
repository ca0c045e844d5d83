//! Every route, on one screen.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
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
        .route("/v1/users", post(routes::users::create::handle))
        .route("/v1/realtime", get(routes::realtime::handle))
        .route("/v1/ping", get(routes::ping::handle))
        .merge(ops_routes(app.config.ops_listen));
    routes
        .fallback(pipeline::unmatched)
        .method_not_allowed_fallback(pipeline::wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), pipeline::run))
        .with_state(())
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
