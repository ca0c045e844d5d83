//! What the tests of the console share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_core::{MembershipId, ProjectId, TeamId, UserId, account::Membership};
use herenow_store::{Accounts, sqlite::SqliteAccounts};
use herenow_testkit::{Http, Response, Server, ServerOptions, SocketOptions, unique_id};
use serde_json::{Value, json};

/// For what must happen at once, on a machine that is busy.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// The scopes of a key that may do all that presences and accounts need.
pub(crate) const SCOPES: [&str; 6] =
    ["presences.read", "presences.write", "users.read", "users.write", "sessions.write", "teams.write"];

/// A server on which everybody may become an operator.
pub(crate) async fn server() -> Result<Server> {
    Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await
}

/// A caller of the console without credentials.
pub(crate) fn console(server: &Server) -> Http {
    Http::new(server.address()).with_header("X-Appwrite-Project", "console")
}

/// Somebody who has signed in to the console, with a team.
pub(crate) struct Operator {
    pub(crate) id: String,
    /// The value of `a_session_console`, as the server set it.
    pub(crate) cookie: String,
    pub(crate) session: String,
    pub(crate) team: String,
    address: std::net::SocketAddr,
}

impl Operator {
    pub(crate) async fn new(server: &Server) -> Result<Self> {
        let (id, password) = (unique_id(), unique_id());
        let email = format!("{id}@example.com");
        let account = json!({"userId": id, "email": email, "password": password, "name": "Olga"});
        console(server).post("/v1/account", &account).await?.expect_status(201)?;
        let credentials = json!({"email": email, "password": password});
        let signed_in = console(server).post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
        let cookie = signed_in.cookies().into_iter().find(|cookie| cookie.name == "a_session_console");
        let cookie = cookie.context("no cookie of the console")?.value;
        let session = text(&signed_in.json()?, "$id")?;
        let operator = Self { id, cookie, session, team: unique_id(), address: server.address() };
        let team = json!({"teamId": operator.team, "name": "Operators"});
        operator.console().post("/v1/teams", &team).await?.expect_status(201)?;
        Ok(operator)
    }

    /// The same, where the server listens after a restart.
    pub(crate) fn at(self, server: &Server) -> Self {
        Self { address: server.address(), ..self }
    }

    pub(crate) fn cookie_header(&self) -> String {
        format!("a_session_console={}", self.cookie)
    }

    /// At the console itself.
    pub(crate) fn console(&self) -> Http {
        self.addressing("console")
    }

    /// In admin mode on a project.
    pub(crate) fn admin(&self, project: &str) -> Http {
        self.addressing(project).with_header("X-Appwrite-Mode", "admin")
    }

    /// With the console's cookie and this project header, in no mode.
    pub(crate) fn addressing(&self, project: &str) -> Http {
        let client = Http::new(self.address).with_header("X-Appwrite-Project", project);
        client.with_header("Cookie", &self.cookie_header())
    }

    /// A socket in admin mode on a project.
    pub(crate) fn socket(&self, project: &str) -> SocketOptions {
        let socket = SocketOptions::new(self.address, "/v1/realtime").query("project", project).query("mode", "admin");
        socket.header("Cookie", &self.cookie_header())
    }

    /// Makes a project; returns its id.
    pub(crate) async fn project(&self) -> Result<String> {
        let id = unique_id();
        let body = json!({"projectId": id, "name": "A project", "teamId": self.team, "region": "default"});
        self.console().post("/v1/projects", &body).await?.expect_status(201)?;
        Ok(id)
    }

    /// Makes a key of a project.
    pub(crate) async fn key(&self, project: &str, scopes: &[&str]) -> Result<Key> {
        let body = json!({"keyId": "unique()", "name": "A key", "scopes": scopes});
        let made = self.admin(project).post("/v1/project/keys", &body).await?.expect_status(201)?.json()?;
        Ok(Key { id: text(&made, "$id")?, secret: text(&made, "secret")? })
    }
}

/// Puts an operator into the team of another. It takes a mail to do so over the API, and nothing sends mails yet, so
/// it is put into the store while the server is down.
pub(crate) async fn admit(server: &mut Server, team: &str, member: &Operator, roles: &[&str]) -> Result<String> {
    ensure!(server.stop().await?.success(), "the server stops");
    let id = unique_id();
    {
        let store = SqliteAccounts::open(&server.data_dir().join("accounts.db"))?;
        let (console, team) = (ProjectId::console(), TeamId::parse(team)?);
        let (_, owner) = store.memberships_of_team(&console, &team).await?.pop().context("the owner is there")?;
        let membership = Membership {
            id: MembershipId::parse(&id)?,
            user: UserId::parse(&member.id)?,
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            ..owner
        };
        store.create_membership(&console, &membership).await?;
    }
    server.restart().await?;
    Ok(id)
}

/// An API key.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    pub(crate) fn client(&self, server: &Server, project: &str) -> Http {
        guest(server, project).with_header("X-Appwrite-Key", &self.secret)
    }
}

/// A caller of a project without credentials.
pub(crate) fn guest(server: &Server, project: &str) -> Http {
    Http::new(server.address()).with_header("X-Appwrite-Project", project)
}

/// Makes a user of a project with a session; returns its id and token.
pub(crate) async fn user(key: &Http) -> Result<(String, String)> {
    let id = unique_id();
    key.post("/v1/users", &json!({"userId": id})).await?.expect_status(201)?;
    let session = key.post(&format!("/v1/users/{id}/sessions"), &json!({})).await?.expect_status(201)?.json()?;
    Ok((id, text(&session, "secret")?))
}

/// A text under this key.
pub(crate) fn text(model: &Value, key: &str) -> Result<String> {
    Ok(model[key].as_str().with_context(|| format!("no text {key:?} in {model}"))?.to_owned())
}

/// Checks that the answer is this error.
pub(crate) fn refused(response: &Response, status: u16, kind: &str) -> Result<()> {
    let body = response.text();
    ensure!(response.status == status, "expected {status} {kind}, not {}: {body}", response.status);
    ensure!(response.error_type()? == kind, "expected {kind}, not {body}");
    Ok(())
}
