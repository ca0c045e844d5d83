//! Settings: flag, then environment, then file, then default.
//!
//! Source: `docs/configuration.md`, which is made from [`reference::SETTINGS`].

mod file;
pub mod reference;
mod values;

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use herenow_core::permission::Grants;

pub use self::values::{Database, Durability, LogFormat, Signup};
use crate::rates::Rates;

/// The whole configuration of a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the API.
    pub listen: SocketAddr,
    /// Folder for everything that must last; none: nothing lasts.
    pub data: Option<PathBuf>,
    /// Where accounts live.
    pub database: Database,
    /// Where `/metrics`, `/healthz` and `/readyz` answer.
    pub ops_listen: OpsListen,
    /// Who may become an operator by signing up.
    pub console_signup: Signup,
    /// Filter of the log.
    pub log: String,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Where spans of requests are sent; none: nowhere.
    pub otlp_endpoint: Option<OtlpEndpoint>,
    /// When a presence write is acknowledged.
    pub durability: Durability,
    /// How long a presence outlives a socket that was lost.
    pub disconnect_grace: Duration,
    /// The same after a clean close.
    pub close_grace: Duration,
    /// Where the world reaches the server, such as `https://presence.example.com`.
    pub public_url: Option<String>,
    /// Addresses whose `X-Forwarded-*` headers count.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Where the server secret is kept; none: in the data folder.
    pub secret_file: Option<PathBuf>,
    /// Expiry of a REST presence that names none.
    pub default_expiry: Duration,
    /// Whether rates are limited.
    pub rate_limits: RateLimits,
    /// Whether events are deflated for clients that can inflate them.
    pub compression: Compression,
    /// The bounds.
    pub limits: Limits,
    /// What the file declares.
    pub projects: Vec<DeclaredProject>,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

/// Where the routes for operators answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpsListen {
    /// On the API's address, `/metrics` to the loopback alone.
    WithApi,
    /// On an address of their own, to all.
    At(SocketAddr),
    /// Nowhere.
    Nowhere,
}

/// A collector that speaks OTLP over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpEndpoint {
    /// Its host and port.
    pub authority: String,
    /// The path that takes traces.
    pub path: String,
}

/// Whether rates are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// As `limits` say.
    On,
    /// Not at all.
    Off,
}

/// Whether permessage-deflate is agreed to where a client offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Bounds on what clients may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Messages in a minute on one connection.
    pub messages_per_minute: u32,
    /// Opened connections in a minute from one address.
    pub connections_per_minute: u32,
    /// Longest message, in bytes.
    pub max_message_bytes: usize,
    /// Most connections; 0: as the file descriptors allow.
    pub max_connections: usize,
    /// Most subscriptions of a connection.
    pub max_subscriptions: usize,
    /// Most channels of a subscription.
    pub max_channels: usize,
    /// Most bytes that wait for one client while it cannot take more.
    pub outbox_bytes: usize,
    /// How often what is limited may be done.
    pub rates: Rates,
}

/// A project that the file declares.
#[derive(Debug, Clone)]
pub struct DeclaredProject {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Host names that a browser may call from.
    pub allowed_origins: Vec<String>,
    /// What a client may grant.
    pub grants: Grants,
    /// Its keys.
    pub keys: Vec<DeclaredKey>,
}

/// A key that the file declares.
#[derive(Clone)]
pub struct DeclaredKey {
    /// For people.
    pub name: String,
    /// The whole secret.
    pub secret: String,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl std::fmt::Debug for DeclaredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeclaredKey({})", self.name)
    }
}

/// What was given on the command line, by the names of the file's keys.
pub type Flags = HashMap<&'static str, String>;

impl Config {
    /// Reads all sources; `environment` looks a variable up.
    ///
    /// # Errors
    /// A sentence that names the setting, where it was given, and what to do.
    pub fn load(flags: &Flags, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let (path, file) = file::read(flags.get("config").cloned().or_else(|| environment("HERENOW_CONFIG")))?;
        let sources = values::Sources { flags, environment, file: &file };
        let mut config = sources.resolve()?;
        config.limits = file::limits(&file)?;
        config.projects = file::projects(&file, environment)?;
        config.file = path;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if let Some(url) = &self.public_url {
            let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            let host = host.filter(|host| !host.is_empty());
            host.with_context(|| format!("public_url is {url:?}: it must begin with http:// or https://"))?;
        }
        if matches!(self.database, Database::Postgres(_)) {
            bail!("database names PostgreSQL, which this version does not speak yet: leave it out, or name sqlite://…");
        }
        Ok(())
    }

    /// The file that SQLite keeps accounts in; none: memory.
    #[must_use]
    pub fn accounts_file(&self) -> Option<PathBuf> {
        match &self.database {
            Database::Sqlite(path) => Some(path.clone()),
            Database::InData | Database::Postgres(_) => self.data.as_ref().map(|data| data.join("accounts.db")),
        }
    }

    /// The origin by which the world knows the server, where it is configured.
    #[must_use]
    pub fn public_host(&self) -> Option<&str> {
        let url = self.public_url.as_deref()?;
        let rest = url.split_once("://")?.1;
        Some(rest.split(['/', ':']).next().unwrap_or(rest))
    }
}
