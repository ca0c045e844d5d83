//! What `serve` would do, found out without doing it: nothing is made, changed or taken.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use herenow_store::{
    StoreError,
    sqlite::{Inspected, inspect_accounts, inspect_presences},
};
use rustix::fs::{Access, access};
use tokio::net::TcpListener;

use super::data::holder;
use crate::{
    Config,
    auth::secret::ServerSecret,
    config::{OpsListen, RateLimits},
};

/// What is to be made of something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Worth knowing, and no reason not to start.
    Note,
    /// A reason not to start.
    Bad,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is to be made of it.
    pub verdict: Verdict,
    /// A sentence.
    pub text: String,
}

struct Report(Vec<Finding>);

impl Report {
    fn good(&mut self, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Good, text: text.into() });
    }

    fn note(&mut self, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Note, text: text.into() });
    }

    fn bad(&mut self, text: impl Into<String>) {
        self.0.push(Finding { verdict: Verdict::Bad, text: text.into() });
    }
}

/// Looks at everything that a configuration names.
pub async fn preview(config: &Config) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    match &config.file {
        Some(file) => report.good(format!("configuration: {}", file.display())),
        None => report.good("configuration: no file, so the defaults, flags and environment alone"),
    }
    let running = data(config, &mut report);
    databases(config, &mut report);
    secret(config, &mut report);
    listen("listen", config.listen, running, &mut report).await;
    if let OpsListen::At(at) = config.ops_listen {
        listen("ops_listen", at, running, &mut report).await;
    }
    rest(config, &mut report);
    report.0
}

/// Whether a server has the data folder at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Running {
    Yes,
    No,
}

fn data(config: &Config, report: &mut Report) -> Running {
    let Some(folder) = &config.data else {
        report.note("data: nothing is kept beyond the end of the process");
        return Running::No;
    };
    let shown = folder.display();
    if !folder.exists() {
        match writable_parent(folder) {
            Ok(()) => report.good(format!("data: the folder {shown} would be made")),
            Err(why) => report.bad(format!("data: the folder {shown} cannot be made: {why}")),
        }
        return Running::No;
    }
    if !folder.is_dir() || access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        report.bad(format!("data: {shown} is no folder that can be written to"));
        return Running::No;
    }
    match holder(folder) {
        Ok(None) => report.good(format!("data: the folder {shown} is free")),
        Ok(Some(process)) => {
            report.note(format!(
                "data: the folder {shown} is in use by the process {process}, which has to end before another starts"
            ));
            return Running::Yes;
        }
        Err(error) => report.bad(format!("data: the lock in {shown} cannot be read: {error}")),
    }
    Running::No
}

/// Whether the nearest folder that is there can be written to.
fn writable_parent(folder: &Path) -> Result<(), String> {
    let absolute = std::path::absolute(folder).map_err(|error| error.to_string())?;
    let parent = absolute.ancestors().skip(1).find(|parent| parent.exists()).unwrap_or(Path::new("/"));
    let writable = parent.is_dir() && access(parent, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if writable { Ok(()) } else { Err(format!("{} is no folder that can be written to", parent.display())) }
}

fn databases(config: &Config, report: &mut Report) {
    let presences = config.data.as_ref().map(|data| data.join("presences.db"));
    type Inspect = fn(&Path) -> Result<Inspected, StoreError>;
    let files: [(&str, Option<PathBuf>, Inspect); 2] =
        [("accounts", config.accounts_file(), inspect_accounts), ("presences", presences, inspect_presences)];
    for (name, file, inspect) in files {
        let Some(file) = file else { continue };
        let shown = file.display();
        match inspect(&file) {
            Ok(Inspected::Current) => report.good(format!("{name}: {shown} can be read")),
            Ok(Inspected::Older) => report.note(format!("{name}: {shown} would be brought to this version, for good")),
            Ok(Inspected::Missing) => match writable_parent(&file) {
                Ok(()) => report.good(format!("{name}: {shown} would be made")),
                Err(why) => report.bad(format!("{name}: {shown} cannot be made: {why}")),
            },
            Err(error) => report.bad(format!("{name}: {error}")),
        }
    }
}

fn secret(config: &Config, report: &mut Report) {
    let made = config.data.as_ref().map(|data| data.join("secret"));
    match (&config.secret_file, made) {
        (Some(file), _) => match ServerSecret::read(file) {
            Ok(_) => report.good(format!("secret: {} can be read", file.display())),
            Err(error) => report.bad(format!("secret: {error:#}")),
        },
        (None, Some(file)) if file.exists() => match ServerSecret::read(&file) {
            Ok(_) => report.good(format!("secret: {} can be read", file.display())),
            Err(error) => report.bad(format!("secret: {error:#}")),
        },
        (None, Some(file)) => report.good(format!("secret: {} would be made", file.display())),
        (None, None) => report.note("secret: a new one at every start, so that tokens do not outlive the process"),
    }
}

async fn listen(key: &str, at: SocketAddr, running: Running, report: &mut Report) {
    match TcpListener::bind(at).await {
        Ok(_) => report.good(format!("{key}: {at} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && running == Running::Yes => {
            report.note(format!("{key}: {at} is in use, it may be by that process"));
        }
        Err(error) => report.bad(format!("{key}: cannot listen on {at}: {error}")),
    }
}

fn rest(config: &Config, report: &mut Report) {
    let keys: usize = config.projects.iter().map(|project| project.keys.len()).sum();
    match config.projects.len() {
        0 if config.listen.ip().is_loopback() => {
            report.good("projects: none is declared; where there is none yet, demo would be made");
        }
        0 => report.good("projects: none is declared"),
        count => report.good(format!("projects: {count} declared, with {keys} keys")),
    }
    if config.rate_limits == RateLimits::Off {
        report.note("rate_limits: off, so that passwords can be guessed as fast as the machine allows");
    }
    if !config.listen.ip().is_loopback() && config.public_url.is_none() {
        report.note("public_url: not set, so that cookies are not marked as secure");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    async fn found(flags: &[(&'static str, String)], verdict: Verdict) -> Vec<String> {
        let mut flags: Flags = flags.iter().cloned().collect();
        flags.entry("listen").or_insert_with(|| "127.0.0.1:0".to_owned());
        let config = Config::load(&flags, &|_| None).expect("valid");
        let found = preview(&config).await.into_iter().filter(|finding| finding.verdict == verdict);
        found.map(|finding| finding.text).collect()
    }

    #[tokio::test]
    async fn what_is_missing_would_be_made_and_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("deep/data");
        let flags = [("data", data.display().to_string())];
        assert_eq!(found(&flags, Verdict::Bad).await, [""; 0]);
        assert!(!data.exists() && !data.parent().expect("a parent").exists());
    }

    #[tokio::test]
    async fn everything_that_is_in_the_way_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("free");
        let address = taken.local_addr().expect("bound").to_string();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "in the way").expect("written");
        let bad = found(&[("data", blocked.display().to_string()), ("listen", address.clone())], Verdict::Bad).await;
        assert!(bad[0].starts_with("data: ") && bad[0].contains("file"), "{bad:?}");
        assert!(bad.iter().any(|text| text.starts_with("listen: ") && text.contains(&address)), "{bad:?}");
    }
}
