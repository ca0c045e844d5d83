//! Stage two: sessions that the backend makes, and what they let the Rust SDK read.

use anyhow::Result;
use appwrite::Client;
use appwrite::models::Presence;
use appwrite::permission::Permission;
use appwrite::role::Role;
use appwrite::services::{Account, Presences, Teams, Users};

use crate::checks::{Checks, Target, equal, fresh, refused};
use crate::keys::same;

struct Project<'a> {
    target: &'a Target,
    presences: Presences,
    teams: Teams,
    users: Users,
}

struct Person {
    id: String,
    client: Client,
}

impl Project<'_> {
    async fn person(&self) -> Result<Person> {
        let id = self.users.create(fresh("user"), None, None, None, None).await?.id;
        let secret = self.users.create_session(id.as_str()).await?.secret;
        Ok(Person { id, client: self.target.client().set_session(secret) })
    }

    /// A presence of somebody that this role may read.
    async fn present(&self, user: &str, role: Role) -> Result<Presence> {
        let permissions = Some(vec![Permission::read(role).to_string()]);
        Ok(self.presences.upsert(fresh("presence"), user, "online", permissions, None, None).await?)
    }
}

/// Runs the checks of this stage.
pub(crate) async fn run(target: &Target, checks: &mut Checks) {
    let backend = target.backend();
    let project = Project {
        target,
        presences: Presences::new(&backend),
        teams: Teams::new(&backend),
        users: Users::new(&backend),
    };
    checks.check("a session made by the backend signs a client in", signs_in(&project)).await;
    checks.check("a user reads what the roles allow", roles(&project)).await;
    checks.check("a member reads the presences of the team", team(&project)).await;
    checks.check("the owner deletes a presence, and nobody else", owner(&project)).await;
}

async fn signs_in(project: &Project<'_>) -> Result<()> {
    let person = project.person().await?;
    equal(Account::new(&person.client).get().await?.id, person.id, "who is signed in")
}

async fn roles(project: &Project<'_>) -> Result<()> {
    let (reader, other) = (project.person().await?, project.person().await?);
    let direct = project.present(&other.id, Role::user(reader.id.as_str(), None)).await?;
    same(&Presences::new(&reader.client).get(direct.id.as_str()).await?, &direct)?;
    let stranger = project.person().await?;
    refused(404, "presence_not_found", Presences::new(&stranger.client).get(direct.id.as_str()).await)?;
    let listed = Presences::new(&stranger.client).list(None, None, None).await?;
    equal(listed.presences.iter().any(|presence| presence.id == direct.id), false, "whether a stranger's list has it")
}

async fn team(project: &Project<'_>) -> Result<()> {
    let (reader, other) = (project.person().await?, project.person().await?);
    let team = project.teams.create(fresh("team"), "Crew", None).await?;
    let made = project.present(&other.id, Role::team(team.id.as_str(), None)).await?;
    refused(404, "presence_not_found", Presences::new(&reader.client).get(made.id.as_str()).await)?;
    let roles: [&str; 0] = [];
    project.teams.create_membership(team.id, roles, None, Some(&reader.id), None, None, None, None).await?;
    same(&Presences::new(&reader.client).get(made.id.as_str()).await?, &made)
}

async fn owner(project: &Project<'_>) -> Result<()> {
    let (owner, other) = (project.person().await?, project.person().await?);
    let made = project.present(&owner.id, Role::users(None)).await?;
    refused(401, "user_unauthorized", Presences::new(&other.client).delete(made.id.as_str()).await)?;
    Presences::new(&owner.client).delete(made.id.as_str()).await?;
    refused(404, "presence_not_found", project.presences.get(made.id.as_str()).await)
}
