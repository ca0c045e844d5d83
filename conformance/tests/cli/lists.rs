//! How lists look: for people, and for scripts.

use anyhow::Result;
use herenow_testkit::{Server, ServerOptions};
use serde_json::json;

use crate::support::{done, json};

#[tokio::test]
async fn lists_are_tables_with_a_dash_for_what_is_empty() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let project = server.project();
    let body = json!({"userId": "ada", "email": "ada@example.com", "name": "Ada \u{1b}[31mL."});
    server.as_key().post("/v1/users", &body).await?.expect_status(201)?;
    let lines = done(&server, &["user", "list", "--project", project]).await?;
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["ID", "NAME", "EMAIL", "PHONE", "MADE", "STATUS"]);
    assert!(lines[1].starts_with("ada  Ada \u{fffd}[31mL.  ada@example.com  -"), "{}", lines[1]);

    let lines = done(&server, &["key", "list", "--project", project]).await?;
    assert!(lines[1].contains("testkit") && lines[1].contains("file"), "{lines:?}");
    let lines = done(&server, &["project", "list"]).await?;
    assert!(
        lines.iter().any(|line| line.starts_with(project)) && !lines.iter().any(|line| line.starts_with("console"))
    );
    Ok(())
}

#[tokio::test]
async fn lists_are_json_where_that_is_asked_for() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let projects = json(&server, &["project", "list"]).await?;
    assert_eq!(projects[0]["id"], server.project());
    assert_eq!(projects[0]["origins"], json!(["localhost"]));
    let made = json(&server, &["user", "create", "--project", server.project(), "--id", "ada"]).await?;
    let users = json(&server, &["user", "list", "--project", server.project()]).await?;
    assert_eq!(users, json!([made]));
    Ok(())
}
