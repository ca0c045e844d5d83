//! A project with everybody who may ask something of it, and the things that requests name, made afresh for each.

use anyhow::{Context, Result, bail, ensure};
use herenow_testkit::{Http, Response, Server, ServerOptions, unique_id};
use http::Method;
use serde_json::{Value, json};

use crate::{bodies::body, table::Row};

/// Every scope that the table names.
const ALL: [&str; 21] = [
    "presences.read",
    "presences.write",
    "users.read",
    "users.write",
    "sessions.read",
    "sessions.write",
    "teams.read",
    "teams.write",
    "locale.read",
    "project.read",
    "project.write",
    "keys.read",
    "keys.write",
    "platforms.read",
    "platforms.write",
    "policies.read",
    "policies.write",
    "project.policies.read",
    "project.policies.write",
    "webhooks.read",
    "webhooks.write",
];

/// A server with two operators, of whom one owns the projects.
pub(crate) struct Operators {
    pub(crate) server: Server,
    owner: Operator,
    foreign: Operator,
}

struct Operator {
    cookie: String,
    team: String,
}

impl Operators {
    pub(crate) async fn start() -> Result<Self> {
        let server = Server::start(ServerOptions::new().settings("console_signup = \"open\"")).await?;
        let (owner, foreign) = (Operator::new(&server).await?, Operator::new(&server).await?);
        Ok(Self { server, owner, foreign })
    }

    fn guest(&self, project: &str) -> Http {
        Http::new(self.server.address()).with_header("X-Appwrite-Project", project)
    }
}

impl Operator {
    async fn new(server: &Server) -> Result<Self> {
        let console = Http::new(server.address()).with_header("X-Appwrite-Project", "console");
        let (email, password) = (format!("{}@example.com", unique_id()), unique_id());
        let account = json!({"userId": "unique()", "email": email, "password": password, "name": "Olga"});
        console.post("/v1/account", &account).await?.expect_status(201)?;
        let credentials = json!({"email": email, "password": password});
        let signed_in = console.post("/v1/account/sessions/email", &credentials).await?.expect_status(201)?;
        let cookie = signed_in.cookies().into_iter().find(|cookie| cookie.name == "a_session_console");
        let cookie = format!("a_session_console={}", cookie.context("no cookie of the console")?.value);
        let team = json!({"teamId": "unique()", "name": "Operators"});
        let team = text(&sent(&console.with_header("Cookie", &cookie), "/v1/teams", &team).await?, "$id")?;
        Ok(Self { cookie, team })
    }

    fn addressing(&self, guest: Http) -> Http {
        guest.with_header("Cookie", &self.cookie)
    }
}

/// One project.
pub(crate) struct Scene<'a> {
    operators: &'a Operators,
    project: String,
    /// A key that may do everything, for making things.
    maker: Http,
    without: Http,
    with: Vec<Http>,
    user: Signed,
    other: Signed,
    member: Signed,
}

struct Signed {
    id: String,
    token: String,
}

impl<'a> Scene<'a> {
    /// A fresh project with its callers; `scopes` are those that a key needs.
    pub(crate) async fn new(operators: &'a Operators, scopes: &[String]) -> Result<Self> {
        let console = operators.owner.addressing(operators.guest("console"));
        let made = json!({"projectId": unique_id(), "name": "A project", "teamId": operators.owner.team});
        let project = text(&sent(&console, "/v1/projects", &made).await?, "$id")?;
        let maker = key(operators, &project, &ALL).await?;
        let others: Vec<&str> = ALL.into_iter().filter(|scope| !scopes.iter().any(|own| own == scope)).collect();
        let without = key(operators, &project, if scopes.is_empty() { &[] } else { &others }).await?;
        let mut with = Vec::new();
        for scope in scopes {
            with.push(key(operators, &project, &[scope]).await?);
        }
        if with.is_empty() {
            with.push(key(operators, &project, &ALL).await?);
        }
        let (user, other, member) = (sign_in(&maker).await?, sign_in(&maker).await?, sign_in(&maker).await?);
        Ok(Self { operators, project, maker, without, with, user, other, member })
    }

    /// The clients of one column: one, but for keys one for each scope that opens the row.
    pub(crate) fn clients(&self, caller: &str, row: &Row) -> Result<Vec<Http>> {
        let guest = || self.operators.guest(if row.is_of_console() { "console" } else { &self.project });
        let session = |of: &Signed| self.operators.guest(&self.project).with_header("X-Appwrite-Session", &of.token);
        let admin = |of: &Operator| {
            let client = of.addressing(guest());
            if row.is_of_console() { client } else { client.with_header("X-Appwrite-Mode", "admin") }
        };
        let (owner, foreign) = (&self.operators.owner, &self.operators.foreign);
        Ok(vec![match caller {
            "guest" => guest(),
            "user" => session(&self.user),
            "other" => session(&self.other),
            "member" => session(&self.member),
            "key-without" => self.without.clone(),
            "key-with" => return Ok(self.with.clone()),
            "operator" => admin(owner),
            "foreign-operator" => admin(foreign),
            "operator-without-mode" => owner.addressing(self.operators.guest(&self.project)),
            "operator-at-console" => owner.addressing(self.operators.guest("console")),
            unknown => bail!("who is {unknown}?"),
        }])
    }

    /// Sends the request of a row, with fresh things where it names some.
    pub(crate) async fn ask(&self, caller: &str, client: &Http, row: &Row) -> Result<Response> {
        let (path, mut body) = self.fill(row).await?;
        // Users write their own presences and must not say whose.
        if ["user", "other", "member", "operator-at-console"].contains(&caller)
            && row.path.starts_with("/v1/presences")
            && let Some(Value::Object(fields)) = &mut body
        {
            fields.remove("userId");
        }
        let client = match caller {
            "operator-at-console" if row.ends_the_caller() => &self.passing_operator().await?,
            _ => client,
        };
        let mut request = client.request(row.method.clone(), &path);
        if path == "/v1/graphql" && body.is_none() {
            request = request.query("query", "{ __typename }");
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        request.send().await
    }

    /// An operator who may go.
    async fn passing_operator(&self) -> Result<Http> {
        let operator = Operator::new(&self.operators.server).await?;
        Ok(operator.addressing(self.operators.guest("console")))
    }

    /// The path and the body of a request, with fresh things where they name some.
    async fn fill(&self, row: &Row) -> Result<(String, Option<Value>)> {
        self.name_as_the_path(row).await?;
        let (mut path, mut body) =
            (row.path.replace("{*path}", "index.html"), body(&row.method, &row.path).map(|body| body.to_string()));
        while let Some(name) = placeholder(&path).or_else(|| body.as_deref().and_then(placeholder)) {
            for (known, value) in self.thing(&name, row).await? {
                let known = format!("{{{known}}}");
                path = path.replace(&known, &value);
                body = body.map(|body| body.replace(&known, &value));
            }
        }
        Ok((path, body.map(|body| serde_json::from_str(&body)).transpose()?))
    }

    /// Makes the key or platform whose id is a word of the path.
    async fn name_as_the_path(&self, row: &Row) -> Result<()> {
        let Some((rest, word)) = row.path.rsplit_once('/') else { return Ok(()) };
        let of_keys = rest.ends_with("/keys") && word == "ephemeral";
        let of_platforms = rest.ends_with("/platforms") && !word.starts_with('{');
        if row.method == Method::POST || !(of_keys || of_platforms) {
            return Ok(());
        }
        let (path, body) = if of_keys {
            ("/v1/project/keys", json!({"keyId": word, "name": "fresh", "scopes": ["keys.write"]}))
        } else {
            let hostname = format!("{}.test", unique_id());
            ("/v1/project/platforms/web", json!({"platformId": word, "name": "fresh", "hostname": hostname}))
        };
        // It may still be there, from a caller who could not delete it.
        let made = self.managing().post(path, &body).await?;
        ensure!([201, 409].contains(&made.status.as_u16()), "{path}: {}", made.text());
        Ok(())
    }

    /// The owner in admin mode.
    fn managing(&self) -> Http {
        let owner = self.operators.owner.addressing(self.operators.guest(&self.project));
        owner.with_header("X-Appwrite-Mode", "admin")
    }

    /// What a placeholder stands for, and what came with it.
    async fn thing(&self, name: &str, row: &Row) -> Result<Vec<(&'static str, String)>> {
        let maker = &self.maker;
        let one = |name: &'static str, value: &str| vec![(name, value.to_owned())];
        Ok(match name {
            "projectId" => one("projectId", &self.project),
            "operatorsTeamId" => one("operatorsTeamId", &self.operators.owner.team),
            "fresh" => one("fresh", &unique_id()),
            "presenceId" | "keysUserId" => self.presence(row).await?,
            "sessionId" if row.path.starts_with("/v1/account") => one("sessionId", "current"),
            "sessionId" | "userId" => {
                let user = sign_in_id(maker).await?;
                let session = sent(maker, &format!("/v1/users/{user}/sessions"), &json!({})).await?;
                vec![("userId", user), ("sessionId", text(&session, "$id")?)]
            }
            "email" => {
                let email = format!("{}@example.com", unique_id());
                let account = json!({"userId": "unique()", "email": email, "password": "a password"});
                sent(maker, "/v1/users", &account).await?;
                one("email", &email)
            }
            "tokenUserId" | "tokenSecret" => {
                let user = sign_in_id(maker).await?;
                let token = sent(maker, &format!("/v1/users/{user}/tokens"), &json!({})).await?;
                vec![("tokenUserId", user), ("tokenSecret", text(&token, "secret")?)]
            }
            "strangerId" => one("strangerId", &sign_in_id(maker).await?),
            "teamId" | "membershipId" | "memberId" => self.team().await?,
            "keyId" => {
                let key = json!({"keyId": "unique()", "name": "fresh", "scopes": ["keys.write"]});
                one("keyId", &self.made("/v1/project/keys", &key).await?)
            }
            "platformId" => {
                let platform = json!({"name": "fresh", "hostname": format!("{}.test", unique_id())});
                one("platformId", &self.made("/v1/project/platforms/web", &platform).await?)
            }
            "webhookId" => {
                let webhook = json!({"name": "fresh", "url": "http://x.test", "events": ["users.*"]});
                one("webhookId", &self.made("/v1/webhooks", &webhook).await?)
            }
            unknown => bail!("what is {{{unknown}}}?"),
        })
    }

    /// A thing that only operators make.
    async fn made(&self, path: &str, body: &Value) -> Result<String> {
        text(&sent(&self.managing(), path, body).await?, "$id")
    }

    /// A presence of the user that the members of a team may read. Who writes one writes their own, or somebody's
    /// who has none.
    async fn presence(&self, row: &Row) -> Result<Vec<(&'static str, String)>> {
        if row.method == Method::PUT {
            return Ok(vec![("presenceId", unique_id()), ("keysUserId", sign_in_id(&self.maker).await?)]);
        }
        let team = self.team().await?.swap_remove(0).1;
        let permissions = [format!("read(\"team:{team}\")")];
        let presence = json!({"userId": self.user.id, "status": "here", "permissions": permissions});
        let path = format!("/v1/presences/{}", unique_id());
        let written = self.maker.put(&path, &presence).await?.expect_status(200)?.json()?;
        Ok(vec![("presenceId", text(&written, "$id")?)])
    }

    /// A team that the user owns and the member is in.
    async fn team(&self) -> Result<Vec<(&'static str, String)>> {
        let owner = self.operators.guest(&self.project).with_header("X-Appwrite-Session", &self.user.token);
        let team = text(&sent(&owner, "/v1/teams", &json!({"teamId": "unique()", "name": "Crew"})).await?, "$id")?;
        let member = json!({"userId": self.member.id, "roles": []});
        let membership = sent(&self.maker, &format!("/v1/teams/{team}/memberships"), &member).await?;
        let membership = text(&membership, "$id")?;
        Ok(vec![("teamId", team), ("membershipId", membership), ("memberId", self.member.id.clone())])
    }
}

/// The first name in braces; JSON has none that a letter follows.
fn placeholder(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('{') {
        if behind.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return behind.split_once('}').map(|(name, _)| name.to_owned());
        }
        rest = behind;
    }
    None
}

async fn sent(client: &Http, path: &str, body: &Value) -> Result<Value> {
    client.post(path, body).await?.expect_status(201).with_context(|| path.to_owned())?.json()
}

fn text(body: &Value, field: &str) -> Result<String> {
    Ok(body[field].as_str().with_context(|| format!("no text {field:?} in {body}"))?.to_owned())
}

async fn key(operators: &Operators, project: &str, scopes: &[&str]) -> Result<Http> {
    let operator = operators.owner.addressing(operators.guest(project)).with_header("X-Appwrite-Mode", "admin");
    let body = json!({"keyId": "unique()", "name": "A key", "scopes": scopes});
    let secret = text(&sent(&operator, "/v1/project/keys", &body).await?, "secret")?;
    Ok(operators.guest(project).with_header("X-Appwrite-Key", &secret))
}

async fn sign_in_id(maker: &Http) -> Result<String> {
    text(&sent(maker, "/v1/users", &json!({"userId": "unique()"})).await?, "$id")
}

async fn sign_in(maker: &Http) -> Result<Signed> {
    let id = sign_in_id(maker).await?;
    let session = sent(maker, &format!("/v1/users/{id}/sessions"), &json!({})).await?;
    Ok(Signed { id, token: text(&session, "secret")? })
}
