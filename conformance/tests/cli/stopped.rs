//! What commands do to the data of a server that does not run.

use anyhow::{Context, Result};
use herenow_testkit::{Server, ServerOptions, run};
use serde_json::json;

use crate::support::{done, json};

#[tokio::test]
async fn what_was_made_while_it_was_stopped_is_there_when_it_runs() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    assert!(server.stop().await?.success());
    let key = done(&server, &["key", "create", "--project", server.project()]).await?.remove(0);
    let user = done(&server, &["user", "create", "--project", server.project(), "--id", "ada"]).await?;
    assert_eq!(user, ["ada"]);
    server.restart().await?;
    let client = server.guest().with_header("X-Appwrite-Key", &key);
    client.get("/v1/users/ada").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn the_end_of_a_user_or_of_a_project_ends_what_they_had_here() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    for user in ["ada", "bob"] {
        server.as_key().post("/v1/users", &json!({"userId": user})).await?.expect_status(201)?;
        let presence = json!({"userId": user, "status": "here"});
        server.as_key().put(&format!("/v1/presences/of-{user}"), &presence).await?.expect_status(200)?;
    }
    done(&server, &["project", "create", "chat"]).await?;
    assert!(server.stop().await?.success());
    done(&server, &["user", "delete", "ada", "--project", server.project()]).await?;
    done(&server, &["project", "delete", "chat"]).await?;
    server.restart().await?;
    server.as_key().get("/v1/presences/of-ada").await?.expect_status(404)?;
    server.as_key().get("/v1/presences/of-bob").await?.expect_status(200)?;
    let projects = json(&server, &["project", "list"]).await?;
    assert!(!projects.to_string().contains("chat"), "{projects}");
    Ok(())
}

#[tokio::test]
async fn who_makes_a_data_folder_by_mistake_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let create = ["key", "create", "--project", "demo"];
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).contains("made the data folder");
    let (first, second) = (run(folder.path(), &create).await?, run(folder.path(), &create).await?);
    assert!(first.status.success() && told(&first), "{first:?}");
    assert!(second.status.success() && !told(&second), "{second:?}");
    Ok(())
}

#[tokio::test]
async fn commands_that_meet_wait_for_each_other() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    assert!(server.stop().await?.success());
    let ids: Vec<String> = (0..6).map(|number| format!("user{number}")).collect();
    let make = async |id: &str| done(&server, &["user", "create", "--project", server.project(), "--id", id]).await;
    tokio::try_join!(make(&ids[0]), make(&ids[1]), make(&ids[2]), make(&ids[3]), make(&ids[4]), make(&ids[5]))?;
    let users = json(&server, &["user", "list", "--project", server.project()]).await?;
    let mut found: Vec<_> = users.as_array().context("a list")?.iter().filter_map(|user| user["id"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ids);
    Ok(())
}

#[tokio::test]
async fn what_a_killed_server_left_in_the_folder_is_in_nobodys_way() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    server.kill().await?;
    assert!(server.data_dir().join("admin.sock").exists(), "nobody took it away");
    done(&server, &["user", "create", "--project", server.project(), "--id", "ada"]).await?;
    server.restart().await?;
    done(&server, &["user", "delete", "ada", "--project", server.project()]).await?;
    server.as_key().get("/v1/users/ada").await?.expect_status(404)?;
    Ok(())
}
