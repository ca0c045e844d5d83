//! A server with a few people on it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response, Server, ServerOptions, SignedIn, random_bytes, unique_id};
use serde_json::{Value, json};

/// Longer than anything takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A server, the owner of a team on it, a member and somebody else.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) owner: SignedIn,
    pub(crate) member: SignedIn,
    pub(crate) stranger: SignedIn,
    /// Made by the owner.
    pub(crate) team: String,
    /// The member's.
    pub(crate) membership: String,
    /// The secret of a key that may read presences and nothing else.
    narrow_key: String,
}

impl Scene {
    pub(crate) async fn start() -> Result<Self> {
        Self::with(ServerOptions::new()).await
    }

    pub(crate) async fn with(options: ServerOptions) -> Result<Self> {
        let narrow_key = format!("standard_{}", random_bytes::<128>().map(|byte| format!("{byte:02x}")).concat());
        let key =
            format!("[[projects.keys]]\nname = \"narrow\"\nsecret = \"{narrow_key}\"\nscopes = [\"presences.read\"]\n");
        let server = Server::start(options.tables(&key)).await?;
        let (owner, member) = (server.new_user("Olga").await?, server.new_user("Mika").await?);
        let stranger = server.new_user("Sten").await?;
        let team = unique_id();
        let body = json!({"teamId": team, "name": "The crew"});
        server.as_session(&owner.token).post("/v1/teams", &body).await?.expect_status(201)?;
        let membership = add(&server, &team, &member.user_id, &["editor"]).await?;
        Ok(Self { server, owner, member, stranger, team, membership, narrow_key })
    }

    pub(crate) fn as_owner(&self) -> Http {
        self.server.as_session(&self.owner.token)
    }

    pub(crate) fn as_member(&self) -> Http {
        self.server.as_session(&self.member.token)
    }

    pub(crate) fn as_stranger(&self) -> Http {
        self.server.as_session(&self.stranger.token)
    }

    pub(crate) fn as_narrow_key(&self) -> Http {
        self.server.guest().with_header("X-Appwrite-Key", &self.narrow_key)
    }

    /// The team's path, with `rest` behind it.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/teams/{}{rest}", self.team)
    }

    /// The path of the member's membership, with `rest` behind it.
    pub(crate) fn membership_path(&self, rest: &str) -> String {
        self.path(&format!("/memberships/{}{rest}", self.membership))
    }
}

/// Puts a user into a team with the key; returns the membership's id.
pub(crate) async fn add(server: &Server, team: &str, user_id: &str, roles: &[&str]) -> Result<String> {
    let body = json!({"userId": user_id, "roles": roles});
    let added = server.as_key().post(&format!("/v1/teams/{team}/memberships"), &body).await?.expect_status(201)?;
    Ok(added.json()?["$id"].as_str().context("a membership has an id")?.to_owned())
}

/// Writes a user's presence with the key.
pub(crate) async fn write_presence(
    server: &Server,
    user_id: &str,
    status: &str,
    permissions: &[&str],
) -> Result<Value> {
    let body = json!({"userId": user_id, "status": status, "permissions": permissions});
    server.as_key().put(&format!("/v1/presences/{}", unique_id()), &body).await?.expect_status(200)?.json()
}

/// Fails unless the answer is this error.
pub(crate) fn refused(response: &Response, status: u16, kind: &str) -> Result<()> {
    let text = response.text();
    ensure!(response.status == status && response.error_type()? == kind, "{status} {kind} expected, not {text}");
    Ok(())
}

/// The texts at `key` of each element of a list.
pub(crate) fn each(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
}

/// A query of a list.
pub(crate) fn query(method: &str, attribute: &str, values: &Value) -> String {
    json!({"method": method, "attribute": attribute, "values": values}).to_string()
}
