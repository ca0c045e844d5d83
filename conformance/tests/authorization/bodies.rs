//! What is sent to each route, valid for who may call it.

use herenow_wire::model::platform_kinds;
use http::Method;
use serde_json::{Value, json};

/// The body for a route; placeholders in braces are filled as those of paths are.
pub(crate) fn body(method: &Method, path: &str) -> Option<Value> {
    if *method == Method::GET || *method == Method::DELETE {
        return None;
    }
    let of_project = path.strip_prefix("/v1/projects/{projectId}").or_else(|| path.strip_prefix("/v1/project"));
    let found = match (method.as_str(), path, of_project) {
        ("PUT", "/v1/presences/{presenceId}", _) => json!({"status": "here", "userId": "{keysUserId}"}),
        ("PATCH", "/v1/presences/{presenceId}", _) => json!({"status": "changed"}),
        ("POST", "/v1/graphql" | "/v1/graphql/mutation", _) => json!({"query": "{ __typename }"}),
        ("POST", "/v1/projects", _) => json!({"projectId": "unique()", "name": "x", "teamId": "{operatorsTeamId}"}),
        (_, "/v1/projects/{projectId}", _) => json!({"name": "x"}),
        (_, "/v1/projects/{projectId}/team", _) => json!({"teamId": "{operatorsTeamId}"}),
        (_, "/v1/webhooks" | "/v1/webhooks/{webhookId}", _) => webhook(),
        (_, _, Some(rest)) => of_projects(method, rest),
        _ if path.starts_with("/v1/account") => of_accounts(path),
        _ if path.starts_with("/v1/users") => of_users(path),
        _ if path.starts_with("/v1/teams") => of_teams(method, path),
        _ => json!({}),
    };
    Some(found)
}

fn webhook() -> Value {
    json!({"name": "x", "url": "http://example.com", "events": ["users.*"]})
}

fn of_accounts(path: &str) -> Value {
    match path {
        "/v1/account" => json!({"userId": "unique()", "email": "{fresh}@example.com", "password": "a password"}),
        "/v1/account/sessions" | "/v1/account/sessions/email" => json!({"email": "{email}", "password": "a password"}),
        "/v1/account/sessions/token" => json!({"userId": "{tokenUserId}", "secret": "{tokenSecret}"}),
        "/v1/account/prefs" => json!({"prefs": {"a": 1}}),
        "/v1/account/name" => json!({"name": "Ada"}),
        "/v1/account/password" => json!({"password": "a password"}),
        _ => json!({}),
    }
}

fn of_users(path: &str) -> Value {
    match path.rsplit('/').next() {
        Some("users") => json!({"userId": "unique()"}),
        Some("labels") => json!({"labels": ["vip"]}),
        Some("status") => json!({"status": true}),
        Some("name") => json!({"name": "Ada"}),
        Some("verification") => json!({"emailVerification": true}),
        Some("phone") => json!({"phoneVerification": true}),
        Some("prefs") => json!({"prefs": {"a": 1}}),
        _ => json!({}),
    }
}

fn of_teams(method: &Method, path: &str) -> Value {
    match path.rsplit('/').next() {
        Some("teams") => json!({"teamId": "unique()", "name": "Crew"}),
        Some("{teamId}") => json!({"name": "Crew"}),
        Some("prefs") => json!({"prefs": {"a": 1}}),
        Some("memberships") if *method == Method::POST => {
            json!({"userId": "{strangerId}", "roles": [], "url": "http://localhost/join"})
        }
        Some("{membershipId}") => json!({"roles": ["editor"]}),
        // Whoever may ask is told that the secret is wrong: the right one travels by mail alone.
        Some("status") => json!({"userId": "{memberId}", "secret": "wrong"}),
        _ => json!({}),
    }
}

fn of_projects(method: &Method, rest: &str) -> Value {
    let native = platform_kinds().find(|(kind, key)| !key.is_empty() && rest == format!("/platforms/{kind}"));
    let web = || json!({"name": "x", "hostname": "{fresh}.test"});
    match (method.as_str(), rest) {
        ("POST", "/keys") => json!({"name": "x", "scopes": ["keys.write"]}),
        (_, "/keys/ephemeral" | "/jwts") if *method == Method::POST => json!({"scopes": []}),
        ("PUT", "/keys/{keyId}" | "/keys/ephemeral") => json!({"name": "x", "scopes": ["keys.write"]}),
        ("POST", "/platforms") => json!({"type": "web", "name": "x", "hostname": "{fresh}.test"}),
        ("POST", _) if native.is_some() => {
            json!({"name": "x", native.map_or("", |(_, key)| key): "com.{fresh}"})
        }
        (_, rest) if rest.starts_with("/platforms/") => web(),
        (_, "/webhooks" | "/webhooks/{webhookId}") => webhook(),
        (_, "/policies/session-limit") => json!({"total": 5}),
        (_, "/auth/max-sessions") => json!({"limit": 5}),
        (_, "/policies/session-duration" | "/auth/duration") => json!({"duration": 60}),
        (_, "/policies/session-invalidation" | "/auth/session-invalidation") => json!({"enabled": true}),
        (_, "/policies/membership-privacy" | "/auth/memberships-privacy") => json!({"userName": true}),
        (_, "/smtp") => json!({"host": "mail.test"}),
        _ => json!({}),
    }
}
