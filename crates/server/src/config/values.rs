//! Single values: where each comes from, and what it may be.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use toml::{Table, Value};

use super::{Compression, Config, Flags, OpsListen, OtlpEndpoint, RateLimits, reference::SETTINGS};

/// When a presence write is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When it survives a kill -9 of the server.
    Process,
    /// When it survives a power cut.
    Disk,
    /// At once.
    Memory,
}

/// Where accounts live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// SQLite in the data folder.
    InData,
    /// SQLite in this file.
    Sqlite(PathBuf),
    /// PostgreSQL at this URL.
    Postgres(String),
}

/// Who may become an operator by signing up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signup {
    /// The first.
    First,
    /// Everybody.
    Open,
    /// Nobody.
    Closed,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where values come from, the first that has one winning.
pub(super) struct Sources<'a> {
    pub(super) flags: &'a Flags,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
    pub(super) file: &'a Table,
}

impl Sources<'_> {
    pub(super) fn resolve(&self) -> Result<Config> {
        if self.text("redis")?.is_some_and(|url| !url.is_empty()) {
            bail!("redis is set, but this version runs on one node: leave it out");
        }
        let data = self.text("data")?.unwrap_or_else(|| "./herenow-data".to_owned());
        Ok(Config {
            listen: self.parsed("listen", "127.0.0.1:8080", |text| text.parse().context("such as 127.0.0.1:8080"))?,
            data: (data != ":memory:").then(|| PathBuf::from(data)),
            database: self.parsed("database", "", database)?,
            ops_listen: match self.text("ops_listen")? {
                None => OpsListen::WithApi,
                Some(text) if text.is_empty() => OpsListen::Nowhere,
                Some(text) => OpsListen::At(text.parse().with_context(|| format!("ops_listen is {text:?}"))?),
            },
            console_signup: self.chosen(
                "console_signup",
                &[("first", Signup::First), ("open", Signup::Open), ("closed", Signup::Closed)],
            )?,
            log: self.text("log")?.unwrap_or_else(|| "info".to_owned()),
            log_format: self.chosen("log_format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            otlp_endpoint: self.parsed("otlp_endpoint", "", collector)?,
            durability: self.chosen(
                "durability",
                &[("process", Durability::Process), ("disk", Durability::Disk), ("memory", Durability::Memory)],
            )?,
            disconnect_grace: self.parsed("disconnect_grace", "5s", duration)?,
            close_grace: self.parsed("close_grace", "0s", duration)?,
            public_url: self.text("public_url")?.map(|url| url.trim_end_matches('/').to_owned()),
            trusted_proxies: self.addresses("trusted_proxies")?,
            secret_file: self.text("secret_file")?.map(PathBuf::from),
            default_expiry: self.parsed("default_expiry", "15m", |text| {
                let expiry = duration(text)?;
                let fits = !expiry.is_zero() && expiry <= herenow_core::tracker::SOCKET_EXPIRY;
                fits.then_some(expiry).context("it must be more than nothing and at most 30 days")
            })?,
            rate_limits: self.chosen("rate_limits", &[("on", RateLimits::On), ("off", RateLimits::Off)])?,
            compression: self.chosen("compression", &[("on", Compression::On), ("off", Compression::Off)])?,
            limits: super::file::limits(self.file)?,
            projects: Vec::new(),
            file: None,
        })
    }

    /// The value of `key` as text: flag, environment, file.
    fn text(&self, key: &str) -> Result<Option<String>> {
        if let Some(text) = self.flags.get(key) {
            return Ok(Some(text.clone()));
        }
        let variable = SETTINGS.iter().find(|setting| setting.key == key).and_then(|setting| setting.environment);
        if let Some(text) = variable.and_then(|variable| (self.environment)(variable)) {
            return Ok(Some(text));
        }
        match self.file.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Boolean(on)) if matches!(key, "rate_limits" | "compression") => {
                Ok(Some(if *on { "on" } else { "off" }.to_owned()))
            }
            Some(_) => Err(anyhow!("{key} must be a string")),
        }
    }

    fn parsed<T>(&self, key: &str, default: &str, parse: impl Fn(&str) -> Result<T>) -> Result<T> {
        let text = self.text(key)?.unwrap_or_else(|| default.to_owned());
        parse(&text).with_context(|| format!("{key} is {text:?}, which is not understood"))
    }

    fn chosen<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T> {
        let Some(text) = self.text(key)? else { return Ok(choices[0].1) };
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let chosen = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        chosen.with_context(|| format!("{key} is {text:?}; it must be one of: {}", names.join(", ")))
    }

    fn addresses(&self, key: &str) -> Result<Vec<IpAddr>> {
        let texts: Vec<String> = match self.file.get(key) {
            Some(Value::Array(list)) => {
                let text = |value: &Value| {
                    value.as_str().map(str::to_owned).with_context(|| format!("{key} must hold strings"))
                };
                list.iter().map(text).collect::<Result<_>>()?
            }
            _ => self
                .text(key)?
                .map_or_else(Vec::new, |text| text.split(',').map(|part| part.trim().to_owned()).collect()),
        };
        let address =
            |text: &String| text.parse().with_context(|| format!("{key} names {text:?}, which is no address"));
        texts.iter().filter(|text| !text.is_empty()).map(address).collect()
    }
}

fn database(text: &str) -> Result<Database> {
    match text.split_once("://") {
        _ if text.is_empty() => Ok(Database::InData),
        Some(("sqlite", path)) if !path.is_empty() => Ok(Database::Sqlite(PathBuf::from(path))),
        Some(("postgres" | "postgresql", _)) => Ok(Database::Postgres(text.to_owned())),
        _ => bail!("it must begin with sqlite:// or postgres://"),
    }
}

fn collector(text: &str) -> Result<Option<OtlpEndpoint>> {
    if text.is_empty() {
        return Ok(None);
    }
    let rest = text.strip_prefix("http://").context("it must begin with http://: a collector beside the server")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority: http::uri::Authority = authority.parse().context("such as http://127.0.0.1:4318")?;
    let authority = if authority.port().is_some() { authority.to_string() } else { format!("{authority}:4318") };
    let path = if path.is_empty() { "/v1/traces".to_owned() } else { format!("/{path}") };
    http::uri::PathAndQuery::try_from(path.as_str()).context("its path is none")?;
    Ok(Some(OtlpEndpoint { authority, path }))
}

/// Durations such as `5s`, `15m`, `1h 30m`.
fn duration(text: &str) -> Result<Duration> {
    let parsed: jiff::SignedDuration = text.parse().context("durations are such as 5s, 500ms, 15m or 1h")?;
    Duration::try_from(parsed).context("a duration cannot be negative")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, flags: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Result<Config> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("herenow.toml");
        std::fs::write(&path, file).expect("written");
        let mut all: Flags = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        all.insert("config", path.display().to_string());
        let lookup =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::load(&all, &lookup)
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let file = "log = \"file\"\ndurability = \"disk\"\ndisconnect_grace = \"7s\"";
        let environment = [("HERENOW_LOG", "environment"), ("HERENOW_DURABILITY", "memory")];
        let config = load(file, &[("log", "flag")], &environment).expect("valid");
        assert_eq!(config.log, "flag");
        assert_eq!(config.durability, Durability::Memory);
        assert_eq!(config.disconnect_grace, Duration::from_secs(7));
        assert_eq!(config.default_expiry, Duration::from_secs(900));
        assert_eq!(config.limits.messages_per_minute, 600);
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_known_one() {
        for (file, words) in [
            ("listn = \"x\"", ["listn", "listen"]),
            ("[limits]\nmessages_per_minut = 1", ["limits.messages_per_minut", "limits.messages_per_minute"]),
            ("[[projects]]\nid = \"a\"\nstrict = true", ["projects.strict", "projects.strict_grants"]),
        ] {
            let error = format!("{:#}", load(file, &[], &[]).expect_err(file));
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_refused_by_name() {
        for (file, word) in [
            ("listen = \"here\"", "listen"),
            ("durability = \"sometimes\"", "durability"),
            ("compression = \"zip\"", "compression"),
            ("otlp_endpoint = \"https://collector\"", "otlp_endpoint"),
            ("otlp_endpoint = \"http://a b\"", "otlp_endpoint"),
            ("default_expiry = \"31d\"", "default_expiry"),
            ("disconnect_grace = \"-5s\"", "disconnect_grace"),
            ("limits.max_message_bytes = -1", "limits.max_message_bytes"),
            ("[[projects]]\nid = \"Chat\"", "Chat"),
            ("[[projects]]\nid = \"a\"\n[[projects]]\nid = \"a\"", "twice"),
            ("[[projects]]\nid = \"a\"\n[[projects.keys]]\nname = \"k\"", "secret"),
        ] {
            let error = format!("{:#}", load(file, &[], &[]).expect_err(file));
            assert!(error.contains(word), "{error}");
        }
    }
}
