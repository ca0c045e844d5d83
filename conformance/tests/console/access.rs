//! Which project a request means. Who may call what is the table of `tests/authorization`.

use anyhow::Result;

use crate::support::{Operator, refused, server};

#[tokio::test]
async fn a_path_that_names_another_project_than_the_header_is_refused() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let (project, other) = (owner.project().await?, owner.project().await?);
    let key = owner.key(&project, &["keys.read"]).await?.client(&server, &project);
    let path = format!("/v1/projects/{other}/keys");
    refused(&owner.admin(&project).get(&path).await?, 401, "user_unauthorized")?;
    // A key is looked for in the project that is meant, which does not know it.
    refused(&key.get(&path).await?, 401, "user_unauthorized")?;
    owner.console().get(&path).await?.expect_status(200)?;
    Ok(())
}
