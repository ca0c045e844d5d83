//! The configuration file: TOML, every key known.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail, ensure};
use herenow_core::{id::is_project_id, permission::Grants};
use toml::{Table, Value};

use super::{
    DeclaredKey, DeclaredProject, Limits,
    reference::{KEY_KEYS, LIMITS, PROJECT_KEYS, SETTINGS},
};
use crate::rates::Rates;

/// The file that is read where none is named and this one exists.
const DEFAULT_FILE: &str = "herenow.toml";

/// Reads the file that was named, or the default one where it exists.
pub(super) fn read(named: Option<String>) -> Result<(Option<PathBuf>, Table)> {
    let path = match named {
        Some(path) => PathBuf::from(path),
        None if std::path::Path::new(DEFAULT_FILE).exists() => PathBuf::from(DEFAULT_FILE),
        None => return Ok((None, Table::new())),
    };
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("cannot read the configuration {}", path.display()))?;
    let table: Table = text.parse().with_context(|| format!("{} is not valid TOML", path.display()))?;
    check(&table).with_context(|| format!("in {}", path.display()))?;
    Ok((Some(path), table))
}

fn check(table: &Table) -> Result<()> {
    let top = SETTINGS.iter().map(|setting| setting.key).chain(["limits", "projects"]);
    known(table, "", &top.collect::<Vec<_>>())?;
    if let Some(limits) = table.get("limits") {
        let limits = limits.as_table().context("limits must be a table: [limits]")?;
        known(limits, "limits.", &LIMITS.iter().map(|limit| limit.key).collect::<Vec<_>>())?;
    }
    for project in tables(table, "projects")? {
        known(project, "projects.", PROJECT_KEYS)?;
        for key in tables(project, "keys")? {
            known(key, "projects.keys.", KEY_KEYS)?;
        }
    }
    Ok(())
}

fn known(table: &Table, path: &str, keys: &[&str]) -> Result<()> {
    for key in table.keys() {
        if !keys.contains(&key.as_str()) {
            let near = |known: &str| strsim::jaro_winkler(known, key);
            let nearest = keys.iter().max_by(|one, other| near(one).total_cmp(&near(other)));
            bail!("{path}{key} is not a setting; the nearest is {path}{}", nearest.unwrap_or(&"none"));
        }
    }
    Ok(())
}

fn tables<'a>(table: &'a Table, key: &str) -> Result<Vec<&'a Table>> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| anyhow!("{key} must be a list of tables: [[{key}]]"))?;
    list.iter().map(|entry| entry.as_table().ok_or_else(|| anyhow!("each of {key} must be a table"))).collect()
}

/// The bounds under `[limits]`.
pub(super) fn limits(table: &Table) -> Result<Limits> {
    let number = |key: &str| -> Result<usize> {
        let default = LIMITS.iter().find(|limit| limit.key == key).expect("a known limit").default;
        match table.get("limits").and_then(|limits| limits.get(key)) {
            None => Ok(default.parse().expect("the default of a limit is a number")),
            Some(value) => {
                let number = value.as_integer().and_then(|number| usize::try_from(number).ok());
                number.with_context(|| format!("limits.{key} must be a whole number, 0 or more"))
            }
        }
    };
    let small = |key: &str| u32::try_from(number(key)?).with_context(|| format!("limits.{key} is too large"));
    let limits = Limits {
        messages_per_minute: small("messages_per_minute")?,
        connections_per_minute: small("connections_per_minute")?,
        max_message_bytes: number("max_message_bytes")?,
        max_connections: number("max_connections")?,
        max_subscriptions: number("max_subscriptions")?,
        max_channels: number("max_channels")?,
        outbox_bytes: number("outbox_bytes")?,
        rates: Rates::read(small)?,
    };
    ensure!(limits.max_message_bytes >= 125, "limits.max_message_bytes must be 125 or more");
    ensure!(limits.outbox_bytes >= 4096, "limits.outbox_bytes must be 4096 or more");
    Ok(limits)
}

/// The declared projects.
pub(super) fn projects(table: &Table, environment: &dyn Fn(&str) -> Option<String>) -> Result<Vec<DeclaredProject>> {
    let mut projects: Vec<DeclaredProject> = Vec::new();
    for declared in tables(table, "projects")? {
        let project = project(declared, environment)?;
        ensure!(projects.iter().all(|other| other.id != project.id), "project {} is declared twice", project.id);
        projects.push(project);
    }
    Ok(projects)
}

fn project(declared: &Table, environment: &dyn Fn(&str) -> Option<String>) -> Result<DeclaredProject> {
    let id = text(declared, "id")?.context("a declared project needs an id")?;
    ensure!(
        is_project_id(&id) && id != "console",
        "the project id {id:?} is not valid: 1 to 36 of a-z, 0-9 and -, not starting with -, and not \"console\""
    );
    let strict = match declared.get("strict_grants") {
        None => false,
        Some(value) => value.as_bool().context("strict_grants must be true or false")?,
    };
    let keys = tables(declared, "keys")?.into_iter().map(|declared| key(declared, environment));
    Ok(DeclaredProject {
        name: text(declared, "name")?.unwrap_or_else(|| id.clone()),
        allowed_origins: texts(declared, "allowed_origins")?,
        grants: if strict { Grants::Strict } else { Grants::ReadToAnyone },
        keys: keys.collect::<Result<_>>().with_context(|| format!("in project {id}"))?,
        id,
    })
}

fn key(declared: &Table, environment: &dyn Fn(&str) -> Option<String>) -> Result<DeclaredKey> {
    let name = text(declared, "name")?.context("a declared key needs a name")?;
    let secret = match (text(declared, "secret")?, text(declared, "secret_env")?, text(declared, "secret_file")?) {
        (Some(secret), None, None) => secret,
        (None, Some(variable), None) => environment(&variable)
            .with_context(|| format!("the environment has no {variable}, the secret of key {name}"))?,
        (None, None, Some(path)) => {
            let secret = std::fs::read_to_string(&path);
            secret.with_context(|| format!("cannot read {path}, the secret of key {name}"))?.trim().to_owned()
        }
        _ => bail!("key {name} needs exactly one of secret, secret_env and secret_file"),
    };
    ensure!(secret.len() >= 16, "the secret of key {name} is too short: 16 characters at least");
    let scopes = texts(declared, "scopes")?;
    for scope in &scopes {
        ensure!(
            crate::auth::scope::is_known(scope),
            "key {name} has the scope {scope:?}, which does not exist; scopes are such as presences.read"
        );
    }
    Ok(DeclaredKey { name, secret, scopes })
}

fn text(table: &Table, key: &str) -> Result<Option<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("{key} must be a string"));
    table.get(key).map(text).transpose()
}

fn texts(table: &Table, key: &str) -> Result<Vec<String>> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().with_context(|| format!("{key} must be a list of strings"))?;
    let text =
        |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("{key} must hold strings alone"));
    list.iter().map(text).collect()
}
