//! Scopes: what a route needs, and who has what.
//!
//! Source: auth-and-permissions, section 5.

/// What a route may need. A caller needs any one of those that the route names.
pub type Scope = &'static str;

/// Read presences.
pub const PRESENCES_READ: Scope = "presences.read";
/// Write presences.
pub const PRESENCES_WRITE: Scope = "presences.write";
/// One's own account.
pub const ACCOUNT: Scope = "account";
/// Sign in.
pub const SESSIONS_WRITE: Scope = "sessions.write";
/// See sessions.
pub const SESSIONS_READ: Scope = "sessions.read";
/// See users.
pub const USERS_READ: Scope = "users.read";
/// Change users.
pub const USERS_WRITE: Scope = "users.write";
/// See teams.
pub const TEAMS_READ: Scope = "teams.read";
/// Change teams.
pub const TEAMS_WRITE: Scope = "teams.write";
/// See the server's health.
pub const HEALTH_READ: Scope = "health.read";
/// What guests and users may call, and keys may not.
pub const PUBLIC: Scope = "public";
/// What everybody may call.
pub const GLOBAL: Scope = "global";
/// See the locale.
pub const LOCALE_READ: Scope = "locale.read";

/// Scopes of who has not signed in.
pub const OF_GUESTS: &[Scope] = &[GLOBAL, PUBLIC, "graphql", SESSIONS_WRITE, LOCALE_READ];
/// Scopes of who has signed in.
pub const OF_USERS: &[Scope] = &[
    GLOBAL,
    PUBLIC,
    "graphql",
    SESSIONS_WRITE,
    ACCOUNT,
    TEAMS_READ,
    TEAMS_WRITE,
    PRESENCES_READ,
    PRESENCES_WRITE,
    LOCALE_READ,
];
/// Scopes that every key has beside its own.
pub const OF_KEYS: &[Scope] = &[GLOBAL, HEALTH_READ, "graphql"];

/// Names with a `.read` and a `.write`.
const PAIRS: &[&str] = &[
    "project",
    "keys",
    "platforms",
    "mocks",
    "policies",
    "project.policies",
    "project.oauth2",
    "templates",
    "stages",
    "users",
    "sessions",
    "teams",
    "databases",
    "tables",
    "columns",
    "indexes",
    "rows",
    "collections",
    "attributes",
    "documents",
    "buckets",
    "files",
    "tokens",
    "functions",
    "executions",
    "execution",
    "sites",
    "log",
    "providers",
    "topics",
    "subscribers",
    "targets",
    "messages",
    "rules",
    "webhooks",
    "migrations",
    "schedules",
    "vcs",
    "insights",
    "reports",
    "presences",
];
/// Names that stand alone.
const SINGLE: &[&str] = &["embeddings.write", LOCALE_READ, "avatars.read", HEALTH_READ, "assistant.read"];

/// Whether a key may have this scope.
#[must_use]
pub fn is_known(scope: &str) -> bool {
    let pair = scope.strip_suffix(".read").or_else(|| scope.strip_suffix(".write"));
    SINGLE.contains(&scope) || pair.is_some_and(|pair| PAIRS.contains(&pair))
}
