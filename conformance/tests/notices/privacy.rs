//! What an event tells about members is what they could read of each other.

use anyhow::Result;
use herenow_testkit::{Server, ServerOptions};
use serde_json::json;

use crate::support::{heard, listening};

#[tokio::test]
async fn who_joined_stays_blank_where_members_may_not_know_each_other() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let (owner, mika) = (server.new_user("Olga").await?, server.new_user("Mika").await?);
    let own = server.as_session(&owner.token);
    own.post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await?.expect_status(201)?;
    let mut socket = listening(&server, &owner.token, &["memberships"]).await?;
    let body = json!({"userId": mika.user_id, "roles": []});
    server.as_key().post("/v1/teams/crew/memberships", &body).await?.expect_status(201)?;
    let payload = heard(&mut socket).await?["payload"].take();
    for key in ["userId", "userName", "userEmail", "userPhone", "userAccessedAt"] {
        assert_eq!(payload[key], "", "{key}: {payload}");
    }
    let path = format!("/v1/teams/crew/memberships/{}", payload["$id"].as_str().unwrap_or_default());
    assert_eq!(own.get(&path).await?.expect_status(200)?.json()?, payload, "the same as over HTTP");
    Ok(())
}
