//! How the server under test is configured.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::Blueprint;
use crate::http::Credentials;
use crate::launch;

/// Writes the configuration and makes the command; the server finds no setting of this machine.
pub(super) fn command(blueprint: &Blueprint<'_>) -> anyhow::Result<Command> {
    let data = blueprint.folder.join("data");
    let path = blueprint.folder.join("herenow.toml");
    std::fs::write(&path, configuration(&data, blueprint.credentials)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut command = launch::command(blueprint.server_binary)?;
    command.arg("serve").arg("--config").arg(&path).arg("--no-rate-limits").current_dir(blueprint.folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HERENOW_") {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// A JSON string is a TOML basic string, too.
fn configuration(data: &Path, credentials: &Credentials) -> anyhow::Result<String> {
    let data = serde_json::to_string(&data.to_string_lossy())?;
    let project = serde_json::to_string(&credentials.project)?;
    let key = serde_json::to_string(&credentials.key)?;
    Ok(format!(
        r#"listen = "127.0.0.1:0"
data = {data}
log = "warn"

[[projects]]
id = {project}
name = "Benchmark"
allowed_origins = ["localhost"]

  [[projects.keys]]
  name = "benchmark"
  secret = {key}
  scopes = ["presences.read", "presences.write", "users.read", "users.write", "sessions.write", "teams.read", "teams.write"]
"#
    ))
}
