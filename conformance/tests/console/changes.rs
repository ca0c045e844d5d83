//! A socket or a stream for each kind of change that an operator makes of a project: one row each, with who listens,
//! what changes, and what they notice. What users and teams notice stands with them.

use anyhow::{Context, Result, bail, ensure};
use herenow_testkit::{EventStream, Http, Server, Socket, SocketOptions, Streamed};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Key, Operator, SCOPES, SOON, guest, server, text, user};

const APP: &str = "https://app.test";
const LISTEN: &str = "/v1/realtime?channels[]=presences&channels[]=account";

/// Who listens.
#[derive(Clone, Copy, Debug)]
enum Listener {
    /// A socket of a user's, from a page that a platform lets in.
    Page,
    /// An event stream of a guest's, from such a page.
    StreamOfPage,
    /// A socket of a user's that names no origin.
    Native,
    /// An event stream of a key.
    Key,
}

/// What they notice.
#[derive(Clone, Copy, Debug)]
enum Notices {
    /// The end, with this code.
    End(u16),
    /// Nothing: what comes next is heard as ever.
    Nothing,
}

/// A change: method, path below the project, body. `{key}` and `{platform}` stand for what the listener came in by,
/// `{other}` for another platform.
struct Row(Listener, Method, &'static str, fn() -> Value, Notices);

fn rows() -> Vec<Row> {
    use Listener::{Key, Native, Page, StreamOfPage};
    use Notices::{End, Nothing};
    let none: fn() -> Value = || json!({});
    let renamed: fn() -> Value = || json!({"name": "New", "hostname": "app.test"});
    let moved: fn() -> Value = || json!({"name": "New", "hostname": "elsewhere.test"});
    let as_before: fn() -> Value = || json!({"name": "New", "scopes": SCOPES});
    let narrowed: fn() -> Value = || json!({"name": "New", "scopes": ["users.read"]});
    let ending: fn() -> Value = || json!({"name": "New", "scopes": SCOPES, "expire": "2000-01-01T00:00:00.000+00:00"});
    let (put, patch, delete) = (Method::PUT, Method::PATCH, Method::DELETE);
    vec![
        Row(Page, delete.clone(), "/platforms/{platform}", none, End(1008)),
        Row(Page, put.clone(), "/platforms/{platform}", moved, End(1008)),
        Row(Page, put.clone(), "/platforms/{platform}", renamed, Nothing),
        Row(Page, delete.clone(), "/platforms/{other}", none, Nothing),
        Row(StreamOfPage, delete.clone(), "/platforms/{platform}", none, End(1008)),
        Row(StreamOfPage, delete.clone(), "/platforms/{other}", none, Nothing),
        Row(Native, delete.clone(), "/platforms/{platform}", none, Nothing),
        Row(Key, delete.clone(), "/platforms/{platform}", none, Nothing),
        Row(Key, delete.clone(), "/keys/{key}", none, End(1008)),
        Row(Key, put.clone(), "/keys/{key}", narrowed, End(1008)),
        Row(Key, put.clone(), "/keys/{key}", ending, End(1008)),
        Row(Key, put, "/keys/{key}", as_before, Nothing),
        Row(Native, delete.clone(), "/keys/{key}", none, Nothing),
        Row(Native, patch.clone(), "/policies/session-duration", || json!({"duration": 3600}), Nothing),
        Row(Native, patch.clone(), "/policies/session-limit", || json!({"total": 1}), Nothing),
        Row(Native, patch.clone(), "/policies/session-invalidation", || json!({"enabled": false}), Nothing),
        Row(Native, patch.clone(), "/smtp", || json!({"host": "mail.test"}), Nothing),
        Row(Native, patch, "", || json!({"name": "New"}), Nothing),
        Row(Native, delete.clone(), "", none, End(1008)),
        Row(Page, delete.clone(), "", none, End(1008)),
        Row(Key, delete, "", none, End(1008)),
    ]
}

/// An open connection.
enum Open {
    Socket(Socket),
    Stream(EventStream),
}

impl Open {
    /// The code of its end.
    async fn end(&mut self) -> Result<u16> {
        match self {
            Self::Socket(socket) => socket.wait_for_close(SOON).await?.code.context("a code"),
            Self::Stream(stream) => {
                let (messages, _) = stream.rest(SOON).await?;
                let last = messages.last().context("last words")?;
                Ok(u16::try_from(last["data"]["code"].as_u64().context("a code")?)?)
            }
        }
    }

    /// The payload of the next event.
    async fn event(&mut self) -> Result<Value> {
        let mut frame = match self {
            Self::Socket(socket) => socket.wait_for(|frame| frame["type"] == "event", SOON).await?,
            Self::Stream(stream) => match stream.next(SOON).await? {
                Streamed::Message { data, .. } => data,
                end => bail!("{end:?} in place of an event"),
            },
        };
        ensure!(frame["type"] == "event", "{frame}");
        Ok(frame["data"]["payload"].take())
    }
}

/// A project with everything that a row names.
struct Scene<'a> {
    server: &'a Server,
    owner: &'a Operator,
    project: String,
    backend: Http,
    key: Key,
    platform: String,
    other: String,
    user: String,
    token: String,
}

impl<'a> Scene<'a> {
    async fn new(server: &'a Server, owner: &'a Operator) -> Result<Self> {
        let project = owner.project().await?;
        let backend = owner.key(&project, &SCOPES).await?.client(server, &project);
        let key = owner.key(&project, &SCOPES).await?;
        let web = async |hostname: &str| {
            let body = json!({"name": "App", "hostname": hostname});
            let made = owner.admin(&project).post("/v1/project/platforms/web", &body).await?.expect_status(201)?;
            text(&made.json()?, "$id")
        };
        let (platform, other) = (web("app.test").await?, web("other.test").await?);
        let (user, token) = user(&backend).await?;
        Ok(Self { server, owner, backend, key, platform, other, user, token, project })
    }

    async fn listen(&self, listener: Listener) -> Result<Open> {
        let socket = |origin: Option<&str>| {
            let socket = SocketOptions::new(self.server.address(), "/v1/realtime").query("project", &self.project);
            let socket = socket.header("X-Appwrite-Session", &self.token);
            if let Some(origin) = origin { socket.header("Origin", origin) } else { socket }
        };
        match listener {
            Listener::Page => self.socket(socket(Some(APP))).await,
            Listener::Native => self.socket(socket(None)).await,
            Listener::StreamOfPage => self.stream(guest(self.server, &self.project).with_header("Origin", APP)).await,
            Listener::Key => self.stream(self.key.client(self.server, &self.project)).await,
        }
    }

    async fn socket(&self, options: SocketOptions) -> Result<Open> {
        let mut socket = Socket::open(options).await?;
        ensure!(socket.expect_connected(SOON).await?["user"]["$id"] == self.user.as_str());
        socket.subscribe("s", &["presences", "account", "memberships"]).await?;
        Ok(Open::Socket(socket))
    }

    async fn stream(&self, client: Http) -> Result<Open> {
        let request = client.request(Method::GET, LISTEN).header("Accept", "text/event-stream");
        let mut stream = request.stream().await?;
        match stream.next(SOON).await? {
            Streamed::Message { data, .. } if data["type"] == "connected" => Ok(Open::Stream(stream)),
            other => bail!("{other:?} in place of the greeting"),
        }
    }

    async fn run(&self, row: &Row) -> Result<()> {
        let Row(listener, method, path, body, notices) = row;
        let mut open = self.listen(*listener).await?;
        let path = path.replace("{key}", &self.key.id).replace("{platform}", &self.platform);
        let path = format!("/v1/projects/{}{}", self.project, path.replace("{other}", &self.other));
        let changed = self.owner.console().request(method.clone(), &path);
        let changed = if *method == Method::DELETE { changed } else { changed.json(&body()) };
        let changed = changed.send().await?;
        ensure!(changed.status.is_success(), "{} {}", changed.status, changed.text());
        match notices {
            Notices::End(code) => {
                let found = open.end().await?;
                ensure!(found == *code, "ended with {found}");
            }
            Notices::Nothing => {
                let here = json!({"userId": self.user, "status": "next", "permissions": ["read(\"any\")"]});
                self.backend.put("/v1/presences/p", &here).await?.expect_status(200)?;
                let payload = open.event().await?;
                ensure!(payload["status"] == "next", "heard {payload}");
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn each_change_of_a_project_reaches_whom_it_concerns_and_nobody_else() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    for row in rows() {
        let scene = Scene::new(&server, &owner).await?;
        let what = format!("{:?}: {} {} {}: {:?}", row.0, row.1, row.2, row.3(), row.4);
        scene.run(&row).await.context(what)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_members_may_know_of_each_other_changes_for_open_sockets_too() -> Result<()> {
    let server = server().await?;
    let owner = Operator::new(&server).await?;
    let scene = Scene::new(&server, &owner).await?;
    let own = guest(&server, &scene.project).with_header("X-Appwrite-Session", &scene.token);
    own.post("/v1/teams", &json!({"teamId": "crew", "name": "Crew"})).await?.expect_status(201)?;
    let mut open = scene.listen(Listener::Native).await?;
    for (shown, expected) in [(true, "Mika"), (false, "")] {
        let privacy = json!({"userId": shown, "userName": shown});
        let path = "/v1/project/policies/membership-privacy";
        owner.admin(&scene.project).patch(path, &privacy).await?.expect_status(200)?;
        let body = json!({"userId": "unique()", "name": "Mika"});
        let mika = text(&scene.backend.post("/v1/users", &body).await?.expect_status(201)?.json()?, "$id")?;
        let add = json!({"userId": mika, "roles": []});
        scene.backend.post("/v1/teams/crew/memberships", &add).await?.expect_status(201)?;
        assert_eq!(open.event().await?["userName"], expected);
    }
    Ok(())
}
