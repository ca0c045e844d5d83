//! The settings as a table: what the configuration is checked against, and what its documentation is made from.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// Its flag, if it has one.
    pub flag: Option<&'static str>,
    /// Its environment variable, if it has one.
    pub environment: Option<&'static str>,
    /// Its default, as written.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn setting(
    key: &'static str,
    flag: Option<&'static str>,
    environment: Option<&'static str>,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { key, flag, environment, default, meaning }
}

/// Every setting at the top level of the file.
pub const SETTINGS: &[Setting] = &[
    setting(
        "listen",
        Some("--listen"),
        Some("HERENOW_LISTEN"),
        "127.0.0.1:8080",
        "address of the API; port 0 picks a free one",
    ),
    setting(
        "data",
        Some("--data"),
        Some("HERENOW_DATA"),
        "./herenow-data",
        "folder for everything that must last; `:memory:` keeps nothing",
    ),
    setting(
        "database",
        Some("--database"),
        Some("HERENOW_DATABASE"),
        "SQLite in the data folder",
        "where accounts live: `sqlite://PATH`",
    ),
    setting(
        "redis",
        Some("--redis"),
        Some("HERENOW_REDIS"),
        "none",
        "reserved for many nodes; refused by this version",
    ),
    setting(
        "ops_listen",
        Some("--ops-listen"),
        Some("HERENOW_OPS_LISTEN"),
        "unset",
        "where `/metrics`, `/healthz` and `/readyz` answer. Unset: on `listen`, `/metrics` to the loopback alone; an address: there, to all; empty: nowhere",
    ),
    setting(
        "console_signup",
        None,
        Some("HERENOW_CONSOLE_SIGNUP"),
        "first",
        "who may become an operator by signing up: `first` (only while there is none, from this machine or with the code that the start prints), `open`, `closed`",
    ),
    setting(
        "log",
        Some("--log"),
        Some("HERENOW_LOG"),
        "info",
        "filter of the log, such as `warn` or `herenow_server=debug`",
    ),
    setting("log_format", None, None, "text", "`text` or `json`"),
    setting(
        "otlp_endpoint",
        None,
        Some("HERENOW_OTLP_ENDPOINT"),
        "none",
        "an OpenTelemetry collector that is sent a span for each request, such as `http://127.0.0.1:4318` (OTLP over HTTP with JSON, without TLS)",
    ),
    setting(
        "durability",
        Some("--durability"),
        Some("HERENOW_DURABILITY"),
        "process",
        "when a presence write is acknowledged: `process` (survives a kill -9 of the server), `disk` (survives a power cut), `memory` (at once)",
    ),
    setting(
        "disconnect_grace",
        Some("--disconnect-grace"),
        Some("HERENOW_DISCONNECT_GRACE"),
        "5s",
        "how long a socket's presence outlives a connection that was lost without a close frame",
    ),
    setting("close_grace", None, None, "0s", "the same after a clean close: for where a page reload should not show"),
    setting(
        "public_url",
        Some("--public-url"),
        Some("HERENOW_PUBLIC_URL"),
        "none",
        "where the world reaches the server: its own origin, https cookies, cookie domain",
    ),
    setting(
        "trusted_proxies",
        None,
        Some("HERENOW_TRUSTED_PROXIES"),
        "none",
        "addresses whose `X-Forwarded-*` headers count (in the environment: with commas)",
    ),
    setting(
        "secret_file",
        None,
        Some("HERENOW_SECRET_FILE"),
        "made in the data folder",
        "the server secret, from which all signing keys are derived",
    ),
    setting("default_expiry", None, None, "15m", "expiry of a REST presence that names none"),
    setting("rate_limits", Some("--no-rate-limits"), Some("HERENOW_RATE_LIMITS"), "on", "`on` or `off`"),
    setting(
        "compression",
        None,
        Some("HERENOW_COMPRESSION"),
        "on",
        "`on`: events of 128 bytes and more are deflated, once for all clients that offer permessage-deflate, as browsers do; `off`: never",
    ),
];

/// Every setting under `[limits]`.
pub const LIMITS: &[Setting] = &[
    setting("messages_per_minute", None, None, "600", "messages on one WebSocket connection in a minute"),
    setting("connections_per_minute", None, None, "1000", "opened connections from one client address in a minute"),
    setting("max_message_bytes", None, None, "64000", "longest message of a client"),
    setting("max_connections", None, None, "0", "most connections; 0: bounded by the file-descriptor limit alone"),
    setting("max_subscriptions", None, None, "1000", "most subscriptions of one connection"),
    setting("max_channels", None, None, "100", "most channels of one subscription"),
    setting(
        "sign_ups_per_hour",
        None,
        None,
        "10",
        "accounts made from one client address in an hour; here and below, 0: no limit",
    ),
    setting("email_sessions_per_hour", None, None, "10", "sign-ins with one email in an hour that did not succeed"),
    setting("anonymous_sessions_per_hour", None, None, "50", "anonymous sessions from one client address in an hour"),
    setting(
        "token_sessions_per_hour",
        None,
        None,
        "10",
        "sign-ins as one user by token from one client address in an hour that did not succeed",
    ),
    setting(
        "session_updates_per_hour",
        None,
        None,
        "10",
        "sessions made to last longer from one client address in an hour",
    ),
    setting(
        "session_deletes_per_hour",
        None,
        None,
        "100",
        "sign-outs from one client address in an hour; those of all sessions count apart",
    ),
    setting("jwts_per_minute", None, None, "120", "JWTs made by one user in a minute"),
    setting("password_changes_per_hour", None, None, "10", "passwords changed from one client address in an hour"),
    setting("invitations_per_hour", None, None, "10", "invitations into teams from one client address in an hour"),
    setting("outbox_bytes", None, None, "262144", "most bytes that wait for one client while it cannot take more"),
];

/// The keys of a declared project.
pub const PROJECT_KEYS: &[&str] = &["id", "name", "allowed_origins", "strict_grants", "keys"];
/// The keys of a declared key.
pub const KEY_KEYS: &[&str] = &["name", "secret", "secret_env", "secret_file", "scopes"];

/// The documentation of all settings.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(PREAMBLE);
    text.push_str("| key | flag | environment | default | meaning |\n| --- | --- | --- | --- | --- |\n");
    let cell = |value: Option<&str>| value.map_or_else(|| "-".to_owned(), |value| format!("`{value}`"));
    for setting in SETTINGS {
        let Setting { key, flag, environment, default, meaning } = setting;
        text.push_str(&format!("| `{key}` | {} | {} | {default} | {meaning} |\n", cell(*flag), cell(*environment)));
    }
    text.push_str("\nUnder `[limits]`:\n\n| key | default | meaning |\n| --- | --- | --- |\n");
    for Setting { key, default, meaning, .. } in LIMITS {
        text.push_str(&format!("| `{key}` | {default} | {meaning} |\n"));
    }
    text.push_str(PROJECTS);
    text
}

const PREAMBLE: &str = "\
<!-- Made from crates/server/src/config/reference.rs: UPDATE_DOCS=1 cargo test -p herenow-server --test docs -->

# Configuration

Nothing has to be configured. A flag beats an environment variable, which beats the file, which beats the default. The
file is TOML: `--config FILE`, else `HERENOW_CONFIG`, else `./herenow.toml` where it exists. An unknown key is an error
that names the nearest known one.

";

const PROJECTS: &str = r#"
Projects and keys may be declared; they are made or brought up to date at the start, and are then read-only through the
API. What the file no longer declares stays and becomes editable; its declared keys are revoked.

```toml
[[projects]]
id = "chat"
name = "Chat"
allowed_origins = ["localhost", "*.example.com"]   # host names that a browser may call from; "*" for any
strict_grants = false                              # true: a client may grant read, too, only to roles that it holds

  [[projects.keys]]
  name = "backend"
  secret_env = "CHAT_KEY"                          # or secret = "…", or secret_file = "…"
  scopes = ["presences.read", "presences.write", "users.read", "users.write", "sessions.write"]
```

With nothing declared and an address on the loopback, an empty data folder gets the project `demo`.
"#;
