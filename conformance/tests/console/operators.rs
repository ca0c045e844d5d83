//! Teams of operators: their roles in projects, and that somebody always owns them.

use anyhow::Result;
use herenow_testkit::Server;
use serde_json::{Value, json};

use crate::support::{Operator, admit, refused, server};

/// The owner of a project, and somebody with these roles in its team.
async fn with_member(roles: &[&str]) -> Result<(Server, Operator, Operator, String, String)> {
    let mut server = server().await?;
    let (owner, member) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let project = owner.project().await?;
    let membership = admit(&mut server, &owner.team, &member, roles).await?;
    Ok((server, owner, member, project, membership))
}

#[tokio::test]
async fn the_last_owner_of_a_team_of_operators_neither_goes_nor_is_blocked() -> Result<()> {
    let mut server = server().await?;
    let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    let project = owner.project().await?;
    // Whoever is in the team but no owner of it does not count.
    admit(&mut server, &owner.team, &other, &["developer"]).await?;
    let console = owner.console();
    for _ in 0..2 {
        refused(&console.delete("/v1/account").await?, 400, "user_deletion_prohibited")?;
        refused(&console.patch("/v1/account/status", &json!({})).await?, 400, "user_deletion_prohibited")?;
    }
    owner.admin(&project).get("/v1/project").await?.expect_status(200)?;
    // Names and the like change as ever.
    console.patch("/v1/account/name", &json!({"name": "Olga"})).await?.expect_status(200)?;
    // With the team go its projects, and then nobody is left without an owner.
    other.console().delete(&format!("/v1/teams/{}", other.team)).await?.expect_status(204)?;
    other.console().delete("/v1/account").await?.expect_status(204)?;
    Ok(())
}

#[tokio::test]
async fn of_an_owner_who_goes_and_one_who_blocks_themselves_at_once_one_stays() -> Result<()> {
    let mut server = server().await?;
    let (one, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
    admit(&mut server, &one.team, &other, &["owner"]).await?;
    // The second one's own team would keep them.
    other.console().delete(&format!("/v1/teams/{}", other.team)).await?.expect_status(204)?;
    let (blocks, goes) = (one.console(), other.console());
    let nothing = json!({});
    let (blocked, gone) = tokio::join!(blocks.patch("/v1/account/status", &nothing), goes.delete("/v1/account"));
    let (blocked, gone) = (blocked?, gone?);
    let prohibited = [&blocked, &gone].into_iter().filter(|answer| answer.status == 400).collect::<Vec<_>>();
    assert_eq!(prohibited.len(), 1, "{} {}", blocked.text(), gone.text());
    refused(prohibited[0], 400, "user_deletion_prohibited")
}

#[tokio::test]
async fn developers_and_admins_manage_the_project() -> Result<()> {
    for roles in [&["developer"][..], &["admin"], &["x", "owner"]] {
        let (server, owner, member, project, _) = with_member(roles).await?;
        member.admin(&project).get("/v1/users").await?.expect_status(200)?;
        member.console().get(&format!("/v1/projects/{project}/keys")).await?.expect_status(200)?;
        assert_eq!(member.console().get("/v1/projects").await?.json()?["total"], 2, "this one, and the declared one");
        drop((server, owner));
    }
    Ok(())
}

#[tokio::test]
async fn a_role_may_be_given_for_one_project_alone() -> Result<()> {
    let (_server, owner, member, project, membership) = with_member(&[]).await?;
    refused(&member.admin(&project).get("/v1/users").await?, 404, "project_not_found")?;
    refused(&member.console().get(&format!("/v1/projects/{project}")).await?, 404, "project_not_found")?;
    let path = format!("/v1/teams/{}/memberships/{membership}", owner.team);
    let roles = json!({"roles": [format!("project-{project}-developer")]});
    owner.console().patch(&path, &roles).await?.expect_status(200)?;
    member.admin(&project).get("/v1/users").await?.expect_status(200)?;
    let second = owner.project().await?;
    refused(&member.admin(&second).get("/v1/users").await?, 404, "project_not_found")
}

#[tokio::test]
async fn the_last_owner_stays_the_owner() -> Result<()> {
    let (_server, owner, member, project, membership) = with_member(&["developer"]).await?;
    let path = format!("/v1/teams/{}/memberships", owner.team);
    let all = owner.console().get(&path).await?.expect_status(200)?.json()?;
    let own = all["memberships"].as_array().into_iter().flatten().find(|one| one["userId"] == owner.id.as_str());
    let own = format!("{path}/{}", own.and_then(|own| own["$id"].as_str()).unwrap_or_default());
    let demoted = json!({"roles": ["developer"]});
    refused(&owner.console().patch(&own, &demoted).await?, 400, "membership_downgrade_prohibited")?;
    refused(&owner.console().delete(&own).await?, 400, "membership_deletion_prohibited")?;
    let promoted = json!({"roles": ["owner"]});
    owner.console().patch(&format!("{path}/{membership}"), &promoted).await?.expect_status(200)?;
    owner.console().delete(&own).await?.expect_status(204)?;
    refused(&owner.admin(&project).get("/v1/users").await?, 401, "user_unauthorized")?;
    member.admin(&project).get("/v1/users").await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn of_two_owners_who_go_at_once_one_stays() -> Result<()> {
    let mut server = server().await?;
    for _ in 0..5 {
        let (owner, other) = (Operator::new(&server).await?, Operator::new(&server).await?);
        let others = admit(&mut server, &owner.team, &other, &["owner"]).await?;
        let path = format!("/v1/teams/{}/memberships", owner.team);
        let all = owner.console().get(&path).await?.expect_status(200)?.json()?;
        let own = all["memberships"].as_array().into_iter().flatten().find(|one| one["userId"] == owner.id.as_str());
        let own = own.and_then(|own| own["$id"].as_str()).unwrap_or_default().to_owned();
        let (owner, other) = (owner.console(), other.console());
        let (own, others) = (format!("{path}/{own}"), format!("{path}/{others}"));
        let demoted = json!({"roles": ["developer"]});
        let (goes, steps_down) = tokio::join!(owner.delete(&own), other.patch(&others, &demoted));
        let (goes, steps_down) = (goes?, steps_down?);
        let stays = if goes.status == 204 {
            refused(&steps_down, 400, "membership_downgrade_prohibited")?;
            other
        } else {
            refused(&goes, 400, "membership_deletion_prohibited")?;
            steps_down.expect_status(200)?;
            owner
        };
        let all = stays.get(&path).await?.expect_status(200)?.json()?;
        let owns = |one: &&Value| one["roles"] == json!(["owner"]);
        assert_eq!(all["memberships"].as_array().into_iter().flatten().filter(owns).count(), 1, "{all}");
    }
    Ok(())
}

#[tokio::test]
async fn a_team_of_operators_goes_with_its_projects() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let project = owner.project().await?;
    let path = format!("/v1/teams/{}", owner.team);
    let other = Operator::new(&server).await?;
    refused(&other.console().delete(&path).await?, 404, "team_not_found")?;
    owner.admin(&project).get("/v1/users").await?.expect_status(200)?;
    owner.console().delete(&path).await?.expect_status(204)?;
    refused(&owner.admin(&project).get("/v1/users").await?, 404, "project_not_found")
}

#[tokio::test]
async fn an_operator_who_is_blocked_manages_nothing() -> Result<()> {
    let (_server, owner, _other, project, _) = with_member(&["owner"]).await?;
    owner.console().patch("/v1/account/status", &json!({})).await?.expect_status(200)?;
    for client in [owner.admin(&project), owner.console()] {
        let answer = client.get(&format!("/v1/projects/{project}/keys")).await?;
        assert!(matches!(answer.status.as_u16(), 401 | 403), "{}", answer.text());
    }
    Ok(())
}
