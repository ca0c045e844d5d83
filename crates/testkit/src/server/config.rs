//! The configuration file that a test's server gets.

use std::path::Path;

use super::ServerOptions;

/// The id of the project that every test server declares.
pub const PROJECT: &str = "test";

/// The scopes of that project's key: all that presences and accounts need.
pub const DEFAULT_SCOPES: [&str; 9] = [
    "presences.read",
    "presences.write",
    "users.read",
    "users.write",
    "sessions.read",
    "sessions.write",
    "teams.read",
    "teams.write",
    "health.read",
];

/// The file's text. Top-level settings come before every table, else TOML would read them as a table's.
pub(super) fn text(options: &ServerOptions, data: &Path) -> String {
    let data = quoted(&data.to_string_lossy());
    let project = quoted(PROJECT);
    let key = quoted(&options.key);
    let scopes = DEFAULT_SCOPES.map(quoted).join(", ");
    let ServerOptions { settings, project_settings, tables, .. } = options;
    format!(
        r#"listen = "127.0.0.1:0"
data = {data}
{settings}
[[projects]]
id = {project}
name = "Test"
allowed_origins = ["localhost"]
{project_settings}
  [[projects.keys]]
  name = "testkit"
  secret = {key}
  scopes = [{scopes}]

{tables}"#
    )
}

/// A TOML basic string: its escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use toml::{Table, Value};

    use super::*;

    fn parsed(options: &ServerOptions, data: &str) -> Table {
        text(options, Path::new(data)).parse().expect("valid TOML")
    }

    #[test]
    fn the_file_declares_the_project_with_its_key() {
        let options = ServerOptions::new();
        let file = parsed(&options, "/tmp/a \"quoted\"\\folder");
        assert_eq!(file["data"].as_str(), Some("/tmp/a \"quoted\"\\folder"));
        assert_eq!(file["listen"].as_str(), Some("127.0.0.1:0"));
        let project = &file["projects"][0];
        assert_eq!(project["id"].as_str(), Some(PROJECT));
        assert_eq!(project["allowed_origins"], Value::from(vec!["localhost"]));
        let key = &project["keys"][0];
        assert_eq!(key["secret"].as_str(), Some(options.key.as_str()));
        assert_eq!(key["scopes"], Value::from(DEFAULT_SCOPES.to_vec()));
    }

    #[test]
    fn additions_land_where_they_belong() {
        let options = ServerOptions::new()
            .settings("disconnect_grace = \"1s\"")
            .settings("durability = \"disk\"")
            .project_settings("strict_grants = true")
            .tables("[limits]\nmessages_per_minute = 3")
            .tables("[[projects]]\nid = \"other\"");
        let file = parsed(&options, "data");
        assert_eq!(file["disconnect_grace"].as_str(), Some("1s"));
        assert_eq!(file["durability"].as_str(), Some("disk"));
        assert_eq!(file["projects"][0]["strict_grants"].as_bool(), Some(true));
        assert_eq!(file["limits"]["messages_per_minute"].as_integer(), Some(3));
        assert_eq!(file["projects"][1]["id"].as_str(), Some("other"));
    }

    #[test]
    fn every_server_has_a_key_of_its_own_in_the_stored_form() {
        let (one, other) = (ServerOptions::new().key, ServerOptions::new().key);
        assert_ne!(one, other);
        let secret = one.strip_prefix("standard_").expect("the type of a stored key");
        assert!(secret.len() == 256 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}");
    }
}
