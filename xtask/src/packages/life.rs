//! One life of the package on this machine: installed, started as its unit says, used, upgraded, purged. What it leaves
//! behind when something goes wrong is purged too.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{deb, output};
use crate::paths::Places;
use crate::process::{Next, Running, run_quietly};

const UNIT: &str = "/lib/systemd/system/herenow.service";
const SETTINGS: &str = "/etc/herenow/herenow.toml";
const DATA: &str = "/var/lib/herenow";
const READY: &str = "herenow: listening on http://";
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the package cannot be tried here, if it cannot.
pub(super) fn hindered() -> Option<&'static str> {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !rustix::process::geteuid().is_root() {
        return Some("only root may install one");
    }
    if !["dpkg-deb", "adduser", "setpriv"].into_iter().all(there) {
        return Some("this is not Debian with dpkg-deb, adduser and setpriv");
    }
    if Path::new("/run/systemd/system").exists() {
        return Some("systemd runs here, and a test must not manage this machine's services");
    }
    if Path::new(SETTINGS).exists() || Path::new(DATA).exists() || Path::new("/usr/bin/herenow").exists() {
        return Some("Herenow is installed here, and a test must not touch it");
    }
    None
}

/// Purges the package when the test ends, however it ends.
struct Purged;

impl Drop for Purged {
    fn drop(&mut self) {
        // After a test that went well there is nothing to purge.
        drop(dpkg(&["--purge", "--force-all"], &["herenow"]));
    }
}

/// Lives it.
pub(super) fn live(places: &Places, binary: &Path, version: &str) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let package = deb::build(places, binary, version, folder.path())?;
    let newer = deb::build(places, binary, &format!("{version}+newer"), folder.path())?;
    let _purged = Purged;
    install(&package)?;
    verify_unit()?;
    let server = start()?;
    let key = as_herenow(&["/usr/bin/herenow", "key", "create", "--project", "demo", "--config", SETTINGS]);
    let key = output(&mut { key })?;
    let headers = format!("X-Appwrite-Project: demo\r\nX-Appwrite-Key: {key}\r\nContent-Type: application/json\r\n");
    let made = call(&server.address, "POST /v1/users", &headers, r#"{"userId": "alice"}"#)?;
    ensure!(made.starts_with("HTTP/1.1 201"), "the user is not made: {made}");
    let presence = r#"{"userId": "alice", "status": "installed", "permissions": ["read(\"any\")"]}"#;
    let written = call(&server.address, "PUT /v1/presences/alice-laptop", &headers, presence)?;
    ensure!(written.starts_with("HTTP/1.1 200"), "the presence is not written: {written}");
    guide(&server, &headers)?;
    run_quietly(Command::new("/usr/bin/herenow").args(["health", "--listen", &server.address]))?;
    server.stop()?;

    let mut settings = fs::OpenOptions::new().append(true).open(SETTINGS)?;
    writeln!(settings, "# the operator was here")?;
    install(&newer)?;
    ensure!(fs::read_to_string(SETTINGS)?.ends_with("was here\n"), "an upgrade changed the operator's settings");
    let server = start()?;
    let listed = call(&server.address, "GET /v1/presences", &headers, "")?;
    ensure!(listed.contains("\"installed\""), "an upgrade lost the data: {listed}");
    server.stop()?;

    dpkg(&["--remove"], &["herenow"])?;
    ensure!(Path::new(DATA).join("accounts.db").exists(), "removing without purging took the data");
    dpkg(&["--purge"], &["herenow"])?;
    for place in [DATA, "/etc/herenow", "/usr/bin/herenow", "/usr/share/doc/herenow"] {
        ensure!(!Path::new(place).exists(), "purging left {place} behind");
    }
    ensure!(!fs::read_to_string("/etc/passwd")?.contains("herenow:"), "purging left the user behind");
    println!("installed, started, used, upgraded, removed and purged");
    Ok(())
}

/// The calls of the guide that a backend makes, for somebody who comes and goes.
fn guide(server: &Server, headers: &str) -> Result<()> {
    let steps = [
        ("POST /v1/users", r#"{"userId": "bob"}"#, "201", "bob"),
        ("PUT /v1/presences/bob-phone", r#"{"userId": "bob", "status": "online"}"#, "200", "online"),
        ("GET /v1/presences/bob-phone", "", "200", "online"),
        ("PATCH /v1/presences/bob-phone", r#"{"status": "away", "metadata": {"page": "/"}}"#, "200", "away"),
        ("GET /v1/presences?total=true", "", "200", r#""total":2"#),
        ("DELETE /v1/presences/bob-phone", "", "204", ""),
        ("GET /v1/presences/bob-phone", "", "404", "presence_not_found"),
    ];
    for (request, body, status, part) in steps {
        let answer = call(&server.address, request, headers, body)?;
        let well = answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(part);
        ensure!(well, "{request} is not answered with {status} and {part}: {answer}");
    }
    Ok(())
}

fn install(package: &Path) -> Result<()> {
    dpkg(&["--force-confold", "--install"], &[&package.to_string_lossy()])?;
    let changed = output(Command::new("dpkg").args(["--verify", "herenow"]))?;
    let unexpected: Vec<_> = changed.lines().filter(|line| !line.contains(SETTINGS)).collect();
    ensure!(unexpected.is_empty(), "not as it was packed: {unexpected:?}");
    Ok(())
}

fn dpkg(options: &[&str], names: &[&str]) -> Result<()> {
    run_quietly(Command::new("dpkg").env("DEBIAN_FRONTEND", "noninteractive").args(options).args(names))
}

/// The unit says only what systemd understands, and keeps the server in a tight corner.
fn verify_unit() -> Result<()> {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("the unit is not verified: there is no systemd-analyze here");
        return Ok(());
    }
    let mut verify = Command::new("systemd-analyze");
    let verified = verify.args(["verify", "--man=no", UNIT]).output().context("cannot start systemd-analyze")?;
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<_> = said.lines().filter(|line| line.contains("herenow")).collect();
    ensure!(verified.status.success() && ours.is_empty(), "systemd-analyze says of the unit: {said}");
    let mut security = Command::new("systemd-analyze");
    run_quietly(security.args(["security", "--offline=true", "--threshold=20", "--no-pager", UNIT]))
}

/// A server that was started as the unit says.
struct Server {
    running: Running,
    address: String,
}

fn start() -> Result<Server> {
    let unit = fs::read_to_string(UNIT).context("cannot read the unit")?;
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).context("the unit starts nothing")?;
    let mut command = as_herenow(&line.split_whitespace().collect::<Vec<_>>());
    // Some free port: the usual one may be somebody else's.
    command.env("HERENOW_LISTEN", "127.0.0.1:0").current_dir(DATA);
    let running = Running::start(&mut command)?;
    let Next::Line(line) = running.next_line(PATIENCE)? else { anyhow::bail!("the server ended at once") };
    let address = line.strip_prefix(READY).with_context(|| format!("not a ready line: {line}"))?.trim().to_owned();
    Ok(Server { running, address })
}

impl Server {
    fn stop(self) -> Result<()> {
        self.running.terminate()?;
        let status = self.running.wait(PATIENCE)?;
        ensure!(status.success(), "the server was told to stop and ended with {status}");
        Ok(())
    }
}

fn as_herenow(words: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=herenow", "--regid=herenow", "--clear-groups", "--no-new-privs"]).args(words);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HERENOW_")) {
        command.env_remove(name);
    }
    command
}

/// One request on a connection of its own; the whole answer as text.
fn call(address: &str, request: &str, headers: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
