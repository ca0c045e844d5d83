//! What must not get out of projects and of those who manage them: secrets in logs, lists, errors and metrics.

use anyhow::{Context, Result, ensure};
use herenow_core::{MembershipId, ProjectId, TeamId, UserId, account::Membership};
use herenow_server::auth::secret::hash;
use herenow_store::{Accounts, sqlite::SqliteAccounts};
use herenow_testkit::{Http, Response, Server, ServerOptions, unique_id};
use serde_json::json;

use crate::support::{SCOPES, console, guest, text};

/// Secrets, with the names by which a failure tells of them.
type Secrets = Vec<(&'static str, String)>;

/// Fails where one of `secrets` stands in `text`, and says which by its name alone.
fn without(text: &str, what: &str, secrets: &Secrets) -> Result<()> {
    for (name, secret) in secrets {
        ensure!(!text.contains(secret), "{what} tells {name}");
    }
    Ok(())
}

/// An operator with everything that there is to hide.
struct Scene {
    server: Server,
    project: String,
    cookie: String,
    jwt: String,
    key: String,
    ephemeral: String,
    password: String,
    email: String,
    invited: String,
    invitation: String,
    secrets: Secrets,
}

async fn scene() -> Result<Scene> {
    let options = ServerOptions::new().settings("console_signup = \"open\"\nlog = \"debug\"");
    let mut server = Server::start(options).await?;
    let (id, password, project) = (unique_id(), unique_id(), unique_id());
    let email = format!("{id}@example.com");
    let account = json!({"userId": id, "email": email, "password": password, "name": "Olga"});
    console(&server).post("/v1/account", &account).await?.expect_status(201)?;
    let credentials = json!({"email": email, "password": password});
    let signed_in = console(&server).post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
    let cookie = signed_in.cookies().into_iter().find(|cookie| cookie.name == "a_session_console");
    let cookie = cookie.context("no cookie of the console")?.value;
    let own = console(&server).with_header("Cookie", &format!("a_session_console={cookie}"));
    let made = async |client: &Http, path: &str, body: serde_json::Value| {
        client.post(path, &body).await?.expect_status(201)?.json()
    };
    made(&own, "/v1/teams", json!({"teamId": "crew", "name": "Crew"})).await?;
    made(&own, "/v1/projects", json!({"projectId": project, "name": "P", "teamId": "crew"})).await?;
    let bound = format!("/v1/projects/{project}");
    let hook = json!({
        "webhookId": "hook", "name": "Hook", "url": "https://example.com", "events": ["users.*"], "tls": true,
        "authUsername": "u", "authPassword": unique_id(), "secret": unique_id(),
    });
    made(&own, &format!("{bound}/webhooks"), hook.clone()).await?;
    let renewed = own.patch(&format!("{bound}/webhooks/hook/secret"), &json!({})).await?.expect_status(200)?.json()?;
    let smtp = json!({"host": "mail.test", "port": 25, "username": "u", "password": unique_id()});
    own.patch(&format!("{bound}/smtp"), &smtp).await?.expect_status(200)?;
    let key = json!({"keyId": "unique()", "name": "K", "scopes": SCOPES});
    let key = text(&made(&own, &format!("{bound}/keys"), key).await?, "secret")?;
    let ephemeral = json!({"scopes": ["users.read"], "duration": 600});
    let ephemeral = text(&made(&own, &format!("{bound}/jwts"), ephemeral).await?, "secret")?;
    let jwt = text(&made(&own, "/v1/account/jwts", json!({})).await?, "jwt")?;
    let (invited, invitation) = (unique_id(), unique_id());
    invite(&mut server, &id, &invited, &invitation).await?;
    let secrets = vec![
        ("the operator's password", password.clone()),
        ("the cookie", cookie.clone()),
        ("the JWT", jwt.clone()),
        ("the key", key.clone()),
        ("the hash of the key", hash(&key)),
        ("the ephemeral key", ephemeral.clone()),
        ("the password of the webhook", text(&hook, "authPassword")?),
        ("the former signature key of the webhook", text(&hook, "secret")?),
        ("the signature key of the webhook", text(&renewed, "secret")?),
        ("the password of the mail server", text(&smtp, "password")?),
        ("the secret of the invitation", invitation.clone()),
        ("the hash of that secret", hash(&invitation)),
    ];
    Ok(Scene { server, project, cookie, jwt, key, ephemeral, password, email, invited, invitation, secrets })
}

/// Puts an open invitation of another operator into the store: no mail is sent yet.
async fn invite(server: &mut Server, owner: &str, invited: &str, secret: &str) -> Result<()> {
    let account = json!({"userId": invited, "email": format!("{invited}@example.com"), "password": unique_id()});
    console(server).post("/v1/account", &account).await?.expect_status(201)?;
    ensure!(server.stop().await?.success(), "the server stops");
    {
        let store = SqliteAccounts::open(&server.data_dir().join("accounts.db"))?;
        let of = store.memberships_of_user(&ProjectId::console(), &UserId::parse(owner)?).await?;
        let model = of.into_iter().next().context("the owner is in the team")?;
        let membership = Membership {
            id: MembershipId::parse("invitation")?,
            user: UserId::parse(invited)?,
            team: TeamId::parse("crew")?,
            joined: None,
            confirm: false,
            secret_hash: hash(secret),
            ..model
        };
        store.create_membership(&ProjectId::console(), &membership).await?;
    }
    server.restart().await
}

impl Scene {
    fn own(&self) -> Http {
        console(&self.server).with_header("Cookie", &format!("a_session_console={}", self.cookie))
    }

    async fn lists(&self) -> Result<()> {
        let (own, bound) = (self.own(), format!("/v1/projects/{}", self.project));
        let older = own.clone().with_header("X-Appwrite-Response-Format", "1.9.0");
        let below = ["/webhooks", "/webhooks/hook", "/keys", "/platforms", "/policies", ""];
        let paths = below.into_iter().map(|path| format!("{bound}{path}"));
        let of_console =
            ["/v1/projects", "/v1/account", "/v1/account/sessions", "/v1/teams", "/v1/teams/crew/memberships"];
        for path in paths.chain(of_console.map(str::to_owned)) {
            for client in [&own, &older] {
                let answer = client.get(&path).await?.expect_status(200)?;
                without(&answer.text(), &path, &self.secrets)?;
            }
        }
        let key = guest(&self.server, &self.project).with_header("X-Appwrite-Key", &self.key);
        without(&key.get("/v1/users").await?.expect_status(200)?.text(), "users", &self.secrets)?;
        let metrics = Http::new(self.server.address()).get("/metrics").await?.expect_status(200)?;
        without(&metrics.text(), "the metrics", &self.secrets)
    }

    /// Requests that hold a secret and are refused.
    async fn refusals(&self) -> Result<Vec<Response>> {
        let (own, bound) = (self.own(), format!("/v1/projects/{}", self.project));
        let secret = |name: &str| {
            let found = self.secrets.iter().find(|(known, _)| *known == name);
            found.map(|(_, secret)| secret.clone()).context("a secret")
        };
        let (signature, mail) =
            (secret("the signature key of the webhook")?, secret("the password of the mail server")?);
        let hook = json!({
            "webhookId": "hook", "name": "x", "url": "https://example.com", "events": ["users.*"],
            "authPassword": secret("the password of the webhook")?, "secret": signature,
        });
        let mut bad = hook.clone();
        bad["url"] = json!(format!("ftp://{signature}"));
        let json = "application/json";
        let broken = format!("{{\"password\": \"{mail}\", broken");
        let accept = json!({"userId": "somebody", "secret": self.invitation});
        let (wrong, guess) = (json!({"email": self.email, "password": self.password, "x": 1}), unique_id());
        let query = format!("/v1/nowhere?secret={}&jwt={}", self.invitation, self.jwt);
        let of_key = guest(&self.server, "nowhere").with_header("X-Appwrite-Key", &self.key);
        let cut = &self.ephemeral[..self.ephemeral.len() - 2];
        Ok(vec![
            own.post(&format!("{bound}/webhooks"), &hook).await?,
            own.post(&format!("{bound}/webhooks"), &bad).await?,
            own.patch(&format!("{bound}/smtp"), &json!({"port": 65_536, "password": mail})).await?,
            own.request(http::Method::PATCH, &format!("{bound}/smtp"))
                .header("Content-Type", json)
                .body(broken)
                .send()
                .await?,
            // A session is there already.
            own.post("/v1/account/sessions/email", &wrong).await?,
            console(&self.server)
                .post("/v1/account/sessions/email", &json!({"email": guess, "password": self.password}))
                .await?,
            console(&self.server).patch("/v1/teams/crew/memberships/invitation/status", &accept).await?,
            console(&self.server).get(&query).await?,
            of_key.get("/v1/users").await?,
            guest(&self.server, &self.project).with_header("X-Appwrite-Key", cut).get("/v1/users").await?,
            console(&self.server).with_header("X-Appwrite-JWT", &format!("{}x", self.jwt)).get("/v1/account").await?,
        ])
    }
}

#[tokio::test]
async fn no_secret_of_a_project_or_an_operator_is_in_a_log_a_list_or_an_error() -> Result<()> {
    let mut scene = scene().await?;
    scene.lists().await?;
    for refusal in scene.refusals().await? {
        ensure!(refusal.status.is_client_error(), "it should be refused: {} {}", refusal.status, refusal.text());
        without(&refusal.text(), "an error", &scene.secrets)?;
    }
    // What is right goes through, and is not told either.
    let accept = json!({"userId": scene.invited, "secret": scene.invitation});
    let accepted = console(&scene.server).patch("/v1/teams/crew/memberships/invitation/status", &accept).await?;
    without(&accepted.expect_status(200)?.text(), "a membership", &scene.secrets)?;
    let ephemeral = guest(&scene.server, &scene.project).with_header("X-Appwrite-Key", &scene.ephemeral);
    ephemeral.get("/v1/users").await?.expect_status(200)?;
    let change = json!({"password": unique_id(), "oldPassword": scene.password});
    scene.own().patch("/v1/account/password", &change).await?.expect_status(200)?;
    let mut secrets = scene.secrets.clone();
    secrets.push(("the operator's new password", text(&change, "password")?));
    ensure!(scene.server.stop().await?.success(), "the server stops");
    let logs = scene.server.logs();
    ensure!(logs.contains("answered a request"), "requests are logged at this level");
    without(&logs, "the log", &secrets)
}
