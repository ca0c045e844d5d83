//! The description of the API describes the API: its operations are the router's, its models are what is answered.

use std::collections::{BTreeMap, BTreeSet};

use herenow_conformance::desk::{Desk, accepted};
use herenow_server::http::{openapi::operations, router};
use http::Method;
use serde_json::{Value, json};

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// Pages are for people, and not of the API.
const PAGES: [&str; 2] = ["/demo", "/admin"];

#[tokio::test]
async fn every_operation_is_a_route_and_every_other_method_of_its_path_is_not() {
    let desk = Desk::open().await;
    let mut by_path: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in operations() {
        assert!(
            by_path.entry(operation.path.clone()).or_default().insert(operation.method),
            "{operation:?} is there twice"
        );
    }
    for (path, methods) in &by_path {
        let concrete = path.replace("{projectId}", desk.server.project()).replace(['{', '}'], "");
        for method in METHODS {
            let answer = desk.server.guest().request(method.clone(), &concrete).send().await.expect("an answer");
            let kind = answer.json().ok().and_then(|body| body["type"].as_str().map(str::to_owned)).unwrap_or_default();
            let is_route = !["general_route_not_found", "general_method_not_allowed"].contains(&kind.as_str());
            assert_eq!(is_route, methods.contains(method.as_str()), "{method} {path} answers {} {kind}", answer.status);
        }
    }
}

/// A route that is new in the router needs a line in `routes.txt`.
#[test]
fn every_route_is_described_and_nothing_else() {
    let described: BTreeSet<String> =
        operations().into_iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    let is_page = |path: &str| path == "/" || PAGES.iter().any(|page| path.starts_with(page));
    let routes = router::all().into_iter().filter(|route| !is_page(&route.path));
    let routes: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(described, routes);
}

/// Holds a value against a schema of the document: required keys, and the kinds of those that are described.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        return check(document, &document["components"]["schemas"][name], value, place);
    }
    let fits = match schema["type"].as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("{other}"),
    };
    assert!(fits, "{place} is {value}, not {schema}");
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().expect("a name")).is_some(), "{place} has no {name}: {value}");
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        check(document, schema, &value[name], &format!("{place}.{name}"));
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{place}[]"));
    }
}

fn made(answer: anyhow::Result<herenow_testkit::Response>) -> Value {
    answer.and_then(|answer| answer.expect_status(201)?.json()).expect("it is made")
}

#[tokio::test]
async fn answers_have_the_shapes_that_are_described() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let session = desk.session(&person);
    let team = made(session.post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await);
    let presence = desk.put("shape", &desk.user().await, &json!({"permissions": ["read(\"any\")"]})).await;
    let document = accepted(desk.server.guest().get("/v1/openapi.json").await.expect("an answer"));
    let get = async |caller: &herenow_testkit::Http, path: &str| accepted(caller.get(path).await.expect("an answer"));
    let shown = [
        ("Presence", presence),
        ("PresenceList", get(&desk.key, "/v1/presences").await),
        ("Account", get(&session, "/v1/account").await),
        ("SessionList", get(&session, "/v1/account/sessions").await),
        ("UserList", get(&desk.key, "/v1/users").await),
        ("Team", team),
        ("TeamList", get(&session, "/v1/teams").await),
        ("MembershipList", get(&session, "/v1/teams/crew/memberships").await),
        ("Jwt", made(session.post("/v1/account/jwts", &json!({})).await)),
        ("Health", get(&desk.key, "/v1/health").await),
        ("Version", get(&desk.server.guest(), "/v1/health/version").await),
        ("Locale", get(&session, "/v1/locale").await),
    ];
    for (model, value) in shown {
        check(&document, &document["components"]["schemas"][model], &value, model);
    }
    let error = session.get("/v1/presences/nobody").await.expect("an answer").json().expect("JSON");
    check(&document, &document["components"]["schemas"]["Error"], &error, "Error");
}
