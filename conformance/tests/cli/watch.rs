//! `herenow watch` against the real server: lines, JSON, a terminal, and a server that comes back.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use herenow_testkit::{PROJECT, Server, ServerOptions, binary};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::support::{failed, herenow};

const PATIENCE: Duration = Duration::from_secs(20);

struct Watcher {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watcher {
    fn start(server: &Server, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args(["watch", "--project", PROJECT, "--endpoint", &server.endpoint()]).args(arguments);
        command.env("HERENOW_KEY", server.key()).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("it is piped")?).lines();
        Ok(Self { child, lines })
    }

    /// The next line without the time at its beginning.
    async fn line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.context("no line")??.context("it ended")?;
        Ok(line.split_once(' ').map_or(line.clone(), |(_, rest)| rest.to_owned()))
    }
}

async fn put(server: &Server, id: &str, user: &str, status: &str) -> Result<()> {
    let body = json!({"userId": user, "status": status});
    server.as_key().put(&format!("/v1/presences/{id}"), &body).await?.expect_status(200).map(drop)
}

#[tokio::test]
async fn lines_tell_who_is_here_and_every_change_also_behind_a_restart() -> Result<()> {
    let mut server = Server::start(ServerOptions::new()).await?;
    let user = server.create_user("Ada").await?;
    put(&server, "a", &user, "online").await?;
    let mut watcher = Watcher::start(&server, &["--plain"])?;
    assert_eq!(watcher.line().await?, format!("here a user={user} status=online"));
    assert_eq!(watcher.line().await?, "snapshot 1 present");
    put(&server, "a", &user, "away").await?;
    assert_eq!(watcher.line().await?, format!("upsert a user={user} status=away"));
    server.restart().await?;
    server.as_key().delete("/v1/presences/a").await?.expect_status(204)?;
    let mut lines = vec![watcher.line().await?];
    // Whether the watcher is back before or after the delete, it ends with nobody here.
    while !lines.iter().any(|line| line.starts_with("delete a ") || line == "snapshot 0 present") {
        lines.push(watcher.line().await?);
    }
    let pid = pid_of(&watcher)?;
    ensure!(Command::new("kill").args(["-INT", &pid]).status().await?.success());
    assert_eq!(timeout(PATIENCE, watcher.child.wait()).await??.code(), Some(0));
    Ok(())
}

fn pid_of(watcher: &Watcher) -> Result<String> {
    Ok(watcher.child.id().context("it runs")?.to_string())
}

#[tokio::test]
async fn json_is_one_value_a_line() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let user = server.create_user("Ada").await?;
    let mut watcher = Watcher::start(&server, &["--json"])?;
    let mut next = async || -> Result<Value> {
        let line = timeout(PATIENCE, watcher.lines.next_line()).await??.context("it ended")?;
        Ok(serde_json::from_str(&line)?)
    };
    assert_eq!(next().await?["snapshot"], json!({"total": 0}));
    put(&server, "a", &user, "online").await?;
    let event = next().await?;
    assert_eq!((&event["event"], &event["presence"]["status"]), (&json!("upsert"), &json!("online")));
    server.as_key().delete("/v1/presences/a").await?.expect_status(204)?;
    assert_eq!(next().await?["event"], "delete");
    Ok(())
}

#[tokio::test]
async fn what_cannot_work_is_said_in_a_sentence() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let folder = server.data_dir();
    let run = async |arguments: &[&str]| herenow_testkit::run(folder, arguments).await;
    let endpoint = server.endpoint();
    let output = run(&["watch", "--endpoint", &endpoint, "--project", PROJECT, "--key", "standard_wrong"]).await?;
    failed(&output, 1, &["401"])?;
    ensure!(!String::from_utf8_lossy(&output.stderr).contains("standard_wrong"), "a key is in no message");
    let output = run(&["watch", "--endpoint", "https://example.com/v1", "--key", "k"]).await?;
    failed(&output, 1, &["https"])?;
    let made = herenow(&server, &["key", "create", "--project", PROJECT, "--scopes", "users.read"]).await?;
    let key = String::from_utf8(made.stdout)?;
    let output = run(&["watch", "--endpoint", &endpoint, "--project", PROJECT, "--key", key.trim()]).await?;
    failed(&output, 1, &["presences.read"])
}

#[tokio::test]
async fn a_terminal_shows_a_table_and_is_restored_at_the_end() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let user = server.create_user("Ada").await?;
    put(&server, "laptop", &user, "tinkering").await?;
    for ending in ["\u{3}", "q"] {
        let watch = format!(
            "stty rows 24 cols 120; exec '{}' watch --project {PROJECT} --endpoint {}",
            binary()?.display(),
            server.endpoint()
        );
        let mut command = Command::new("script");
        command.args(["-qfec", &watch, "/dev/null"]).env("HERENOW_KEY", server.key()).env("TERM", "xterm");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let (mut keys, mut screen) = (child.stdin.take().context("piped")?, child.stdout.take().context("piped")?);
        let mut shown = Vec::new();
        let mut until = async |wanted: &str| -> Result<()> {
            let reading = async {
                let mut buffer = [0; 4096];
                while !String::from_utf8_lossy(&shown).contains(wanted) {
                    let count = screen.read(&mut buffer).await?;
                    ensure!(count > 0, "it ended before {wanted}: {}", String::from_utf8_lossy(&shown));
                    shown.extend_from_slice(&buffer[..count]);
                }
                Ok(())
            };
            timeout(PATIENCE, reading).await.with_context(|| format!("no {wanted}"))?
        };
        until("\u{1b}[?1049h").await?;
        until("tinkering").await?;
        keys.write_all(ending.as_bytes()).await?;
        until("\u{1b}[?1049l").await?;
        drop(keys);
        timeout(PATIENCE, child.wait()).await.context("it goes on")??;
    }
    Ok(())
}
