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

/// See projects.
pub const PROJECTS_READ: Scope = "projects.read";
/// Make, change and delete projects.
pub const PROJECTS_WRITE: Scope = "projects.write";
/// See the project itself.
pub const PROJECT_READ: Scope = "project.read";
/// Change the project itself.
pub const PROJECT_WRITE: Scope = "project.write";
/// See keys.
pub const KEYS_READ: Scope = "keys.read";
/// Change keys.
pub const KEYS_WRITE: Scope = "keys.write";
/// See platforms.
pub const PLATFORMS_READ: Scope = "platforms.read";
/// Change platforms.
pub const PLATFORMS_WRITE: Scope = "platforms.write";
/// See webhooks.
pub const WEBHOOKS_READ: Scope = "webhooks.read";
/// Change webhooks.
pub const WEBHOOKS_WRITE: Scope = "webhooks.write";
/// See policies; either name will do.
pub const POLICIES_READ: [Scope; 2] = ["project.policies.read", "policies.read"];
/// Change policies; either name will do.
pub const POLICIES_WRITE: [Scope; 2] = ["project.policies.write", "policies.write"];

/// See what no model of the API has: holders, recent events, counters. Operators alone have it; no key can.
pub const HERENOW_READ: Scope = "herenow.read";

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
/// Scopes of who has signed in to the console, beside those of every user.
pub const OF_CONSOLE_USERS: &[Scope] = &[PROJECTS_READ, PROJECTS_WRITE];
/// Scopes of operators in admin mode.
pub const OF_OPERATORS: &[Scope] = &[
    GLOBAL,
    "graphql",
    SESSIONS_READ,
    SESSIONS_WRITE,
    USERS_READ,
    USERS_WRITE,
    TEAMS_READ,
    TEAMS_WRITE,
    PRESENCES_READ,
    PRESENCES_WRITE,
    PROJECTS_READ,
    PROJECTS_WRITE,
    PROJECT_READ,
    PROJECT_WRITE,
    KEYS_READ,
    KEYS_WRITE,
    PLATFORMS_READ,
    PLATFORMS_WRITE,
    WEBHOOKS_READ,
    WEBHOOKS_WRITE,
    POLICIES_READ[0],
    POLICIES_WRITE[0],
    HEALTH_READ,
    LOCALE_READ,
    HERENOW_READ,
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
