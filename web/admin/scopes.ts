// What a key may do, in groups, and the choices that most keys are. The names are the API's.

const both = (...names: string[]) => names.flatMap((name) => [`${name}.read`, `${name}.write`]);

/** What opens something on this server. */
export const GROUPS: [title: string, scopes: string[]][] = [
    ["Presences", both("presences")],
    ["People", both("users", "sessions", "teams")],
    ["The project", both("project", "keys", "platforms", "webhooks", "policies", "project.policies")],
    ["The server", ["health.read", "locale.read"]],
];

/** What Appwrite knows besides. It may be given, for clients that check, and opens nothing here. */
export const OTHERS = [
    ...both(
        "databases", "tables", "columns", "indexes", "rows", "collections", "attributes", "documents", "buckets", "files",
        "tokens", "functions", "executions", "execution", "sites", "log", "providers", "topics", "subscribers", "targets",
        "messages", "rules", "migrations", "schedules", "vcs", "insights", "reports", "mocks", "project.oauth2",
        "templates", "stages",
    ),
    "embeddings.write", "avatars.read", "assistant.read",
];

export const PRESETS: [name: string, scopes: string[]][] = [
    ["Presence client", both("presences")],
    ["Watch only", ["presences.read"]],
    ["Backend", both("presences", "users", "sessions", "teams")],
    ["All that counts here", GROUPS.flatMap(([, scopes]) => scopes)],
    ["Nothing", []],
];
