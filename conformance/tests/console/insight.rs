//! What operators alone see: holders, the recent events of a presence, counters of a project.

use anyhow::Result;
use herenow_testkit::{Socket, SocketOptions};
use serde_json::json;

use crate::support::{Operator, SCOPES, SOON, guest, refused, server, user};

/// As a float it would be another number.
const LARGE: &str = "12345678901234567891234";

#[tokio::test]
async fn an_operator_sees_who_holds_a_presence_and_where_they_come_from() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (person, token) = user(&key).await?;
    let body = format!(r#"{{"userId": "{person}", "status": "by a server", "metadata": {{"n": {LARGE}}}}}"#);
    let put = key.request(http::Method::PUT, "/v1/presences/p").header("Content-Type", "application/json");
    put.body(body).send().await?.expect_status(200)?;
    let options = SocketOptions::new(server.address(), "/v1/realtime").query("project", &id);
    let options = options.header("X-Appwrite-Session", &token).header("User-Agent", "a browser");
    let mut socket = Socket::open(options).await?;
    socket.expect_connected(SOON).await?;
    socket.request(&json!({"type": "presence", "data": {"status": "in a tab"}})).await?;

    let path = "/v1/herenow/presences/p/holders";
    let answer = owner.admin(&id).get(path).await?.expect_status(200)?;
    assert!(answer.text().contains(LARGE), "metadata is passed through: {}", answer.text());
    let list = answer.json()?;
    assert_eq!(list["total"], 2, "{list}");
    let (tab, lease) = (&list["holders"][0], &list["holders"][1]);
    assert_eq!((&tab["kind"], &tab["shows"], &tab["status"]), (&json!("socket"), &json!(true), &json!("in a tab")));
    assert_eq!((&tab["ip"], &tab["userAgent"]), (&json!("127.0.0.1"), &json!("a browser")));
    assert_eq!(tab["endsAt"], "", "an open socket lives as long as it is open");
    assert_eq!((&lease["kind"], &lease["shows"]), (&json!("rest"), &json!(false)));
    assert_eq!(lease["endsAt"], lease["expiresAt"]);
    assert!(["since", "writtenAt"].iter().all(|time| tab[time] != "" && lease[time] != ""), "{list}");
    assert!(!list.to_string().contains(&token), "no secret is shown");

    let page = owner.admin(&id).get(&format!("{path}?limit=1&offset=1")).await?.expect_status(200)?.json()?;
    assert_eq!((&page["total"], &page["holders"][0]["kind"]), (&json!(2), &json!("rest")));
    refused(&owner.admin(&id).get(&format!("{path}?limit=101")).await?, 400, "general_argument_invalid")
}

#[tokio::test]
async fn what_happened_to_a_presence_is_told_also_after_its_end() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let id = owner.project().await?;
    let admin = owner.admin(&id);
    admin.put("/v1/presences/p", &json!({"status": "one"})).await?.expect_status(200)?;
    admin.patch("/v1/presences/p", &json!({"status": "two"})).await?.expect_status(200)?;
    admin.delete("/v1/presences/p").await?.expect_status(204)?;
    let path = "/v1/herenow/presences/p/events";
    let list = admin.get(path).await?.expect_status(200)?.json()?;
    let events = list["events"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> = events.iter().map(|event| (event["event"].clone(), event["holders"].clone())).collect();
    assert_eq!(told, [(json!("delete"), json!(0)), (json!("update"), json!(1)), (json!("upsert"), json!(1))]);
    assert_eq!((&events[0]["presence"]["status"], &events[2]["presence"]["status"]), (&json!("two"), &json!("one")));
    let older = format!("{path}?before={}&limit=1", events[1]["seq"]);
    let older = admin.get(&older).await?.expect_status(200)?.json()?;
    assert_eq!(older["events"][0]["event"], "upsert");
    refused(&admin.get("/v1/herenow/presences/p/holders").await?, 404, "presence_not_found")?;
    refused(&admin.get("/v1/herenow/presences/never/events").await?, 404, "presence_not_found")
}

#[tokio::test]
async fn the_counters_of_a_project_are_its_own() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let (id, other) = (owner.project().await?, owner.project().await?);
    let mut socket = Socket::open(owner.socket(&id)).await?;
    socket.expect_connected(SOON).await?;
    socket.subscribe("s", &["presences"]).await?;
    owner.admin(&id).put("/v1/presences/p", &json!({"status": "one"})).await?.expect_status(200)?;
    socket.expect_type("event", SOON).await?;
    let stats = owner.admin(&id).get("/v1/herenow/stats").await?.expect_status(200)?.json()?;
    assert_eq!(
        (&stats["presences"], &stats["connections"], &stats["subscriptions"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let minutes = stats["minutes"].as_array().cloned().unwrap_or_default();
    assert_eq!(minutes.len(), 60);
    assert_eq!(minutes.iter().filter_map(|minute| minute["events"].as_u64()).sum::<u64>(), 1);
    let stats = owner.admin(&other).get("/v1/herenow/stats").await?.expect_status(200)?.json()?;
    assert_eq!((&stats["presences"], &stats["connections"]), (&json!(0), &json!(0)));
    Ok(())
}

#[tokio::test]
async fn nobody_but_an_operator_of_the_project_sees_what_operators_see() -> Result<()> {
    let server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let id = owner.project().await?;
    let key = owner.key(&id, &SCOPES).await?.client(&server, &id);
    let (_, token) = user(&key).await?;
    for path in ["/v1/herenow/stats", "/v1/herenow/presences/p/holders", "/v1/herenow/presences/p/events"] {
        let user = guest(&server, &id).with_header("X-Appwrite-Session", &token);
        for caller in [guest(&server, &id), user, key.clone(), owner.console()] {
            refused(&caller.get(path).await?, 401, "general_unauthorized_scope")?;
        }
        refused(&other.admin(&id).get(path).await?, 401, "user_unauthorized")?;
        refused(&owner.admin("nowhere").get(path).await?, 404, "project_not_found")?;
    }
    let scopes = json!({"keyId": "k", "name": "A key", "scopes": ["herenow.read"]});
    refused(&owner.admin(&id).post("/v1/project/keys", &scopes).await?, 400, "general_argument_invalid")
}
