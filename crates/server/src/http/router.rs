//! Every route, on one screen.

use herenow_wire::model::platform_kinds;

use super::{
    call::Call,
    listed::{Route, Router, Table, delete, get, patch, post, put},
    pages, pipeline, routes,
};
use crate::{
    App,
    config::{OpsListen, RateLimits},
    locale::List,
};

/// Ways to sign in that the original has below the sessions and that are not offered here. Without routes of their
/// own they would be taken for sessions, and answer that the method is wrong.
const NOT_SESSIONS: [&str; 3] = ["id-token", "magic-url", "phone"];
/// The same for users who come with a password that another system has hashed.
const NOT_USERS: [&str; 7] = ["argon2", "bcrypt", "md5", "phpass", "scrypt", "scrypt-modified", "sha"];

/// The API.
#[must_use]
pub fn router(app: &App) -> Table {
    api(app.config.ops_listen, app.config.rate_limits).into_table()
}

/// All routes that one address can have.
#[must_use]
pub fn all() -> Vec<Route> {
    api(OpsListen::WithApi, RateLimits::On).into_routes()
}

fn api(ops_listen: OpsListen, rate_limits: RateLimits) -> Router {
    let presence = get(routes::presences::get::handle)
        .put(routes::presences::upsert::handle)
        .patch(routes::presences::update::handle)
        .delete(routes::presences::delete::handle);
    Router::new()
        .route("/v1/presences", get(routes::presences::list::handle))
        .route("/v1/presences/{presenceId}", presence)
        .route("/v1/realtime", get(routes::realtime::handle))
        .route("/v1/ping", get(routes::ping::handle))
        .route("/v1/health", get(routes::health::get::handle))
        .route("/v1/health/version", get(routes::health::version::handle))
        .route("/v1/openapi.json", get(routes::openapi::handle))
        .merge(locale_routes())
        .merge(account_routes())
        .merge(user_routes())
        .merge(team_routes())
        .merge(project_routes())
        .merge(graphql_routes(rate_limits))
        .merge(operator_routes())
        .merge(pages::router())
        .merge(ops_routes(ops_listen))
}

fn locale_routes() -> Router {
    use routes::locale;
    let mut all = Router::new().route("/v1/locale", get(locale::get::handle));
    for list in List::ALL {
        all =
            all.route(&format!("/v1/locale/{}", list.path()), get(move |call: Call| locale::list::handle(call, list)));
    }
    all
}

fn graphql_routes(rate_limits: RateLimits) -> Router {
    let graphql = routes::graphql::Graphql::new(rate_limits);
    let asked = graphql.clone();
    let run = post(move |call: Call| graphql.clone().post(call));
    Router::new()
        .route("/v1/graphql", run.clone().get(move |call: Call| asked.clone().get(call)))
        .route("/v1/graphql/mutation", run)
}

fn account_routes() -> Router {
    use routes::account;
    let own = get(account::get::handle).post(account::create::handle).delete(account::delete::handle);
    let sign_in = post(account::create_email_session::handle);
    let sessions = sign_in.clone().get(account::list_sessions::handle).delete(account::delete_sessions::handle);
    let session = get(account::get_session::handle)
        .patch(account::update_session::handle)
        .delete(account::delete_session::handle);
    let mut all = Router::new();
    for name in NOT_SESSIONS {
        let named = move |call: Call| call.naming("sessionId", name);
        let addressed = put(pipeline::unmatched)
            .post(pipeline::unmatched)
            .get(move |call: Call| account::get_session::handle(named(call)))
            .patch(move |call: Call| account::update_session::handle(named(call)))
            .delete(move |call: Call| account::delete_session::handle(named(call)));
        all = all.case(&format!("/v1/account/sessions/{name}"), addressed);
    }
    all.route("/v1/account", own)
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
    let mut all = Router::new();
    for name in NOT_USERS {
        let named = move |call: Call| call.naming("userId", name);
        let addressed = post(pipeline::unmatched)
            .get(move |call: Call| users::get::handle(named(call)))
            .delete(move |call: Call| users::delete::handle(named(call)));
        all = all.case(&format!("/v1/users/{name}"), addressed);
    }
    all.case(
        "/v1/users/identities",
        get(pipeline::unmatched).delete(|call: Call| users::delete::handle(call.naming("userId", "identities"))),
    )
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

fn project_routes() -> Router {
    use routes::{project::webhooks, projects};
    let addressed = get(projects::get::handle).delete(projects::delete::handle);
    let named = addressed.clone().patch(projects::update::handle);
    let webhook = get(webhooks::get::handle).put(webhooks::update::handle).delete(webhooks::delete::handle);
    let mut all = Router::new()
        .route("/v1/console/variables", get(routes::console::variables::handle))
        .route("/v1/projects", get(projects::list::handle).post(projects::create::handle))
        .route("/v1/projects/{projectId}", named)
        .route("/v1/projects/{projectId}/team", patch(projects::update_team::handle))
        .route("/v1/project", addressed)
        .merge(belongings("/v1/project"))
        .merge(belongings("/v1/projects/{projectId}"));
    for path in ["/v1/webhooks", "/v1/projects/{projectId}/webhooks"] {
        all = all
            .route(path, get(webhooks::list::handle).post(webhooks::create::handle))
            .route(&format!("{path}/{{webhookId}}"), webhook.clone())
            .route(&format!("{path}/{{webhookId}}/secret"), patch(webhooks::update_secret::handle))
            .route(&format!("{path}/{{webhookId}}/signature"), patch(webhooks::update_secret::handle));
    }
    all
}

/// What operators see and no model of the API has.
fn operator_routes() -> Router {
    use routes::herenow;
    Router::new()
        .route("/v1/herenow/start", get(herenow::start::handle))
        .route("/v1/herenow/stats", get(herenow::stats::handle))
        .route("/v1/herenow/presences/{presenceId}/holders", get(herenow::holders::handle))
        .route("/v1/herenow/presences/{presenceId}/events", get(herenow::events::handle))
}

/// What belongs to a project, below the path that names it, in the forms of today and of before.
fn belongings(project: &str) -> Router {
    use routes::project::{self, keys, platforms, policies};
    let key = get(keys::get::handle).put(keys::update::handle).delete(keys::delete::handle);
    let platform = get(platforms::get::handle).put(platforms::update::handle).delete(platforms::delete::handle);
    let named = |call: Call| call.naming("keyId", "ephemeral");
    let ephemeral = post(keys::create_ephemeral::handle)
        .get(move |call: Call| keys::get::handle(named(call)))
        .put(move |call: Call| keys::update::handle(named(call)))
        .delete(move |call: Call| keys::delete::handle(named(call)));
    let below = |path: &str| format!("{project}{path}");
    let mut all = Router::new()
        .route(&below("/keys"), get(keys::list::handle).post(keys::create::handle))
        .route(&below("/keys/ephemeral"), ephemeral)
        .route(&below("/jwts"), post(keys::create_ephemeral::handle))
        .route(&below("/keys/{keyId}"), key)
        .route(&below("/platforms"), get(platforms::list::handle).post(platforms::create::handle_legacy))
        .route(&below("/platforms/{platformId}"), platform)
        .route(&below("/policies"), get(policies::list::handle))
        .route(&below("/smtp"), patch(project::update_smtp::handle));
    let settable = [
        ("session-limit", "max-sessions", patch(policies::update_session_limit::handle)),
        ("session-duration", "duration", patch(policies::update_session_duration::handle)),
        ("session-invalidation", "session-invalidation", patch(policies::update_session_invalidation::handle)),
        ("membership-privacy", "memberships-privacy", patch(policies::update_membership_privacy::handle)),
    ];
    for (id, older, set) in settable {
        all = all
            .route(
                &below(&format!("/policies/{id}")),
                set.clone().get(move |call: Call| policies::get::handle(call, id)),
            )
            .route(&below(&format!("/auth/{older}")), set);
    }
    all = all.route(&below("/policies/user-limit"), get(|call: Call| policies::get::handle(call, "user-limit")));
    for (kind, _) in platform_kinds() {
        // Nothing keeps a platform from having the name of a kind as its id.
        let named = move |call: Call| call.naming("platformId", kind);
        let of_kind = post(move |call: Call| platforms::create::handle(call, kind))
            .get(move |call: Call| platforms::get::handle(named(call)))
            .put(move |call: Call| platforms::update::handle(named(call)))
            .delete(move |call: Call| platforms::delete::handle(named(call)));
        all = all
            .route(&below(&format!("/platforms/{kind}")), of_kind)
            .route(&below(&format!("/platforms/{kind}/{{platformId}}")), put(platforms::update::handle));
    }
    all
}

/// The routes for operators, on an address of their own.
#[must_use]
pub fn ops_router() -> Table {
    routes::ops::router(routes::ops::Metrics::ToAll).into_table()
}

/// The routes for operators, where they answer beside the API.
fn ops_routes(listen: OpsListen) -> Router {
    if listen == OpsListen::WithApi { routes::ops::router(routes::ops::Metrics::ToLoopback) } else { Router::new() }
}
