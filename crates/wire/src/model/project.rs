//! Models of projects and of what belongs to them: keys, platforms, webhooks, policies.

use herenow_core::{
    Timestamp,
    account::{Key, Platform, Project, Webhook},
};
use serde_json::{Map, Value, json};

use super::optional_time;

/// Ways of signing in, by the id and the older name, and whether they are there.
const AUTH_METHODS: [(&str, &str, bool); 7] = [
    ("email-password", "authEmailPassword", true),
    ("magic-url", "authUsersAuthMagicURL", false),
    ("email-otp", "authEmailOtp", false),
    ("anonymous", "authAnonymous", true),
    ("invites", "authInvites", true),
    ("jwt", "authJWT", true),
    ("phone", "authPhone", false),
];
/// Services, by the id and the older name, and whether they are there.
const SERVICES: [(&str, &str, bool); 14] = [
    ("account", "serviceStatusForAccount", true),
    ("avatars", "serviceStatusForAvatars", false),
    ("databases", "serviceStatusForDatabases", false),
    ("tablesdb", "serviceStatusForTablesdb", false),
    ("locale", "serviceStatusForLocale", true),
    ("health", "serviceStatusForHealth", true),
    ("project", "serviceStatusForProject", true),
    ("storage", "serviceStatusForStorage", false),
    ("teams", "serviceStatusForTeams", true),
    ("users", "serviceStatusForUsers", true),
    ("sites", "serviceStatusForSites", false),
    ("functions", "serviceStatusForFunctions", false),
    ("graphql", "serviceStatusForGraphql", true),
    ("messaging", "serviceStatusForMessaging", false),
];
/// Interfaces, and whether they are there.
const PROTOCOLS: [(&str, bool); 3] = [("rest", true), ("graphql", true), ("websocket", true)];
/// Texts of the older model that nobody keeps.
const UNKEPT_TEXTS: [&str; 9] = [
    "description",
    "logo",
    "url",
    "legalName",
    "legalCountry",
    "legalState",
    "legalCity",
    "legalAddress",
    "legalTaxId",
];

/// In which form a client wants projects and what belongs to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As of 1.9.5.
    Current,
    /// As before.
    Legacy,
}

impl Format {
    /// The form that `X-Appwrite-Response-Format` asks for; what is no version asks for none.
    #[must_use]
    pub fn of(version: Option<&str>) -> Self {
        let numbers: Option<Vec<u32>> =
            version.and_then(|version| version.split('.').map(|part| part.parse().ok()).collect());
        match numbers {
            Some(numbers) if numbers.as_slice() < [1, 9, 5].as_slice() => Self::Legacy,
            _ => Self::Current,
        }
    }
}

/// What belongs to a project; the older form of the project holds it.
#[derive(Debug, Clone, Default)]
pub struct Belongings {
    /// Its keys.
    pub keys: Vec<Key>,
    /// Its platforms.
    pub platforms: Vec<Platform>,
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
}

/// The Project model; the older form where what belongs to it is given.
#[must_use]
pub fn project_json(project: &Project, legacy: Option<&Belongings>) -> Value {
    let mut model = Map::new();
    let mut put = |key: &str, value: Value| model.insert(key.to_owned(), value);
    put("$id", json!(project.id));
    put("$createdAt", json!(project.created_at));
    put("$updatedAt", json!(project.updated_at));
    put("name", json!(project.name));
    put("teamId", json!(project.team.as_ref().map_or("", |team| team.as_str())));
    put("region", json!("default"));
    put("devKeys", json!([]));
    let smtp = &project.smtp;
    put("smtpEnabled", json!(smtp.enabled));
    put("smtpSenderName", json!(smtp.sender_name));
    put("smtpSenderEmail", json!(smtp.sender_email));
    put("smtpReplyToName", json!(smtp.reply_to_name));
    put("smtpReplyToEmail", json!(smtp.reply_to_email));
    put("smtpHost", json!(smtp.host));
    put("smtpPort", json!(smtp.port));
    put("smtpUsername", json!(smtp.username));
    put("smtpPassword", json!(""));
    put("smtpSecure", json!(smtp.secure));
    put("pingCount", json!(project.pings.count));
    put("pingedAt", optional_time(project.pings.last));
    put("labels", json!([]));
    put("status", json!("active"));
    put("onboarding", json!({}));
    let switch = |id: &str, enabled: bool| json!({"$id": id, "enabled": enabled});
    put("authMethods", AUTH_METHODS.iter().map(|(id, _, enabled)| switch(id, *enabled)).collect());
    put("services", SERVICES.iter().map(|(id, _, enabled)| switch(id, *enabled)).collect());
    put("protocols", PROTOCOLS.iter().map(|(id, enabled)| switch(id, *enabled)).collect());
    put("blocks", json!([]));
    put("consoleAccessedAt", json!(""));
    put("wafEnabled", json!(false));
    if let Some(belongings) = legacy {
        flatten(&mut model, project, belongings);
    }
    Value::Object(model)
}

/// Adds what the older form holds beside and instead of the lists.
fn flatten(model: &mut Map<String, Value>, project: &Project, belongings: &Belongings) {
    for list in ["authMethods", "services", "protocols"] {
        model.remove(list);
    }
    let mut put = |key: &str, value: Value| model.insert(key.to_owned(), value);
    for text in UNKEPT_TEXTS {
        put(text, json!(""));
    }
    put("authDuration", json!(project.session_seconds));
    put("authLimit", json!(0));
    put("authSessionsLimit", json!(project.session_limit));
    put("authPasswordHistory", json!(0));
    put("authPasswordDictionary", json!(false));
    put("authPersonalDataCheck", json!(false));
    put("authMockNumbers", json!([]));
    put("authSessionAlerts", json!(false));
    put("authMembershipsUserName", json!(project.member_view.user_name));
    put("authMembershipsUserEmail", json!(project.member_view.user_email));
    put("authMembershipsMfa", json!(project.member_view.mfa));
    put("authInvalidateSessions", json!(project.invalidate_sessions));
    put("oAuthProviders", json!([]));
    put("smtpReplyTo", json!(project.smtp.reply_to_email));
    for (_, flag, enabled) in AUTH_METHODS.iter().chain(&SERVICES) {
        put(flag, json!(enabled));
    }
    put("keys", belongings.keys.iter().map(|key| key_json(key, "")).collect());
    put("platforms", belongings.platforms.iter().map(|platform| platform_json(platform, Format::Legacy)).collect());
    put("webhooks", belongings.webhooks.iter().map(|webhook| webhook_json(webhook, Secrets::Hidden)).collect());
}

/// The Key model; `secret` is shown once, to whoever made it.
#[must_use]
pub fn key_json(key: &Key, secret: &str) -> Value {
    json!({
        "$id": key.id,
        "$createdAt": key.created_at,
        "$updatedAt": key.updated_at,
        "name": key.name,
        "expire": optional_time(key.expire),
        "scopes": key.scopes,
        "secret": secret,
        "accessedAt": optional_time(key.accessed_at),
        "sdks": key.sdks,
    })
}

/// The EphemeralKey model: a Key that nobody keeps. Older clients look for the secret under `jwt`.
#[must_use]
pub fn ephemeral_key_json(id: &str, now: Timestamp, expire: Timestamp, scopes: &[String], secret: &str) -> Value {
    // Alone among all times this one has microseconds and a Z. Source: auth-and-permissions, section 8.
    let expire = expire.to_string().replace("+00:00", "000Z");
    json!({
        "$id": id,
        "$createdAt": now,
        "$updatedAt": now,
        "name": "",
        "expire": expire,
        "scopes": scopes,
        "secret": secret,
        "accessedAt": "",
        "sdks": [],
        "jwt": secret,
    })
}

/// Kinds of platforms: the name of today, the older names, and under which key a native one tells its id.
const PLATFORMS: [(&str, &[&str], &str); 5] = [
    ("web", &["web", "flutter-web"], ""),
    (
        "apple",
        &[
            "apple-ios",
            "apple-macos",
            "apple-watchos",
            "apple-tvos",
            "flutter-ios",
            "flutter-macos",
            "react-native-ios",
        ],
        "bundleIdentifier",
    ),
    ("android", &["android", "flutter-android", "react-native-android", "unity"], "applicationId"),
    ("linux", &["flutter-linux"], "packageName"),
    ("windows", &["flutter-windows"], "packageIdentifierName"),
];

/// The kinds of today, each with the key under which a native platform tells its id; empty for the web.
pub fn platform_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLATFORMS.iter().map(|(kind, _, key)| (*kind, *key))
}

/// Whether this is an older name of a kind of platform.
#[must_use]
pub fn is_legacy_platform(kind: &str) -> bool {
    PLATFORMS.iter().any(|(_, legacy, _)| legacy.contains(&kind))
}

/// The Platform model.
#[must_use]
pub fn platform_json(platform: &Platform, format: Format) -> Value {
    let known = PLATFORMS.iter().find(|(kind, legacy, _)| platform.kind == *kind || legacy.contains(&&*platform.kind));
    let (modern, legacy, id_key) =
        known.map_or((&*platform.kind, &*platform.kind, ""), |(kind, legacy, key)| (*kind, legacy[0], *key));
    let mut model = Map::new();
    let mut put = |key: &str, value: Value| model.insert(key.to_owned(), value);
    put("$id", json!(platform.id));
    put("$createdAt", json!(platform.created_at));
    put("$updatedAt", json!(platform.updated_at));
    put("name", json!(platform.name));
    match format {
        Format::Current => {
            put("type", json!(modern));
            if !id_key.is_empty() {
                put(id_key, json!(platform.key));
            }
            put("hostname", json!(platform.hostname));
            put("key", json!(platform.key));
        }
        Format::Legacy => {
            put("type", json!(if platform.kind == modern { legacy } else { &platform.kind }));
            put("key", json!(platform.key));
            put("store", json!(""));
            put("hostname", json!(platform.hostname));
            put("httpUser", json!(""));
            put("httpPass", json!(""));
        }
    }
    Value::Object(model)
}

/// Whether an answer shows secrets: the one that creates them alone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// It does.
    Shown,
    /// It does not.
    Hidden,
}

/// The Webhook model, under the names of today and of before.
#[must_use]
pub fn webhook_json(webhook: &Webhook, secrets: Secrets) -> Value {
    let secret = |text: &str| if secrets == Secrets::Shown { text.to_owned() } else { String::new() };
    json!({
        "$id": webhook.id,
        "$createdAt": webhook.created_at,
        "$updatedAt": webhook.updated_at,
        "name": webhook.name,
        "url": webhook.url,
        "events": webhook.events,
        "tls": webhook.tls,
        "authUsername": webhook.auth_username,
        "authPassword": secret(&webhook.auth_password),
        "secret": secret(&webhook.secret),
        "enabled": webhook.enabled,
        "logs": "",
        "attempts": 0,
        "security": webhook.tls,
        "httpUser": webhook.auth_username,
        "httpPass": secret(&webhook.auth_password),
        "signatureKey": secret(&webhook.secret),
    })
}

/// The policies of a project, each under its `$id`.
#[must_use]
pub fn policies_json(project: &Project) -> Vec<Value> {
    let view = project.member_view;
    vec![
        json!({"$id": "session-duration", "duration": project.session_seconds}),
        json!({"$id": "session-invalidation", "enabled": project.invalidate_sessions}),
        json!({"$id": "session-limit", "total": project.session_limit}),
        json!({"$id": "user-limit", "total": 0}),
        json!({
            "$id": "membership-privacy",
            "userId": view.user_id,
            "userEmail": view.user_email,
            "userPhone": view.user_phone,
            "userName": view.user_name,
            "userMFA": view.mfa,
            "userAccessedAt": view.accessed_at,
        }),
    ]
}

/// The ConsoleVariables model: what the original's console asks for, all of it absent here.
#[must_use]
pub fn console_variables_json() -> Value {
    json!({
        "_APP_DOMAIN_TARGET_CNAME": "",
        "_APP_DOMAIN_TARGET_A": "",
        "_APP_COMPUTE_BUILD_TIMEOUT": 0,
        "_APP_DOMAIN_TARGET_AAAA": "",
        "_APP_DOMAIN_TARGET_CAA": "",
        "_APP_STORAGE_LIMIT": 0,
        "_APP_COMPUTE_SIZE_LIMIT": 0,
        "_APP_USAGE_STATS": "disabled",
        "_APP_VCS_ENABLED": false,
        "_APP_DOMAIN_ENABLED": false,
        "_APP_ASSISTANT_ENABLED": false,
        "_APP_DOMAIN_SITES": "",
        "_APP_DOMAIN_FUNCTIONS": "",
        "_APP_OPTIONS_FORCE_HTTPS": "disabled",
        "_APP_DOMAINS_NAMESERVERS": "",
        "_APP_DB_ADAPTER": "",
        "supportForRelationships": false,
        "supportForOperators": false,
        "supportForSpatials": false,
        "supportForSpatialIndexNull": false,
        "supportForFulltextWildcard": false,
        "supportForMultipleFulltextIndexes": false,
        "supportForAttributeResizing": false,
        "supportForSchemas": false,
        "maxIndexLength": 0,
        "supportForIntegerIds": false,
    })
}

#[cfg(test)]
mod tests {
    use herenow_core::{PlatformId, ProjectId};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_785_578_400_123);

    fn platform(kind: &str) -> Platform {
        Platform {
            id: PlatformId::parse("p").expect("an id"),
            created_at: NOW,
            updated_at: NOW,
            name: "A platform".to_owned(),
            kind: kind.to_owned(),
            hostname: String::new(),
            key: "com.example".to_owned(),
        }
    }

    #[test]
    fn formats_before_1_9_5_are_the_older_one() {
        for version in ["1.8.0", "1.9.4", "1.9", "0.15.0"] {
            assert_eq!(Format::of(Some(version)), Format::Legacy, "{version}");
        }
        for version in [Some("1.9.5"), Some("2.3.0"), Some("latest"), Some(""), None] {
            assert_eq!(Format::of(version), Format::Current, "{version:?}");
        }
    }

    #[test]
    fn a_native_platform_tells_its_id_under_the_name_of_its_kind() {
        let model = platform_json(&platform("flutter-ios"), Format::Current);
        assert_eq!((&model["type"], &model["bundleIdentifier"]), (&json!("apple"), &json!("com.example")));
        assert_eq!(platform_json(&platform("flutter-ios"), Format::Legacy)["type"], "flutter-ios");
        assert_eq!(platform_json(&platform("apple"), Format::Legacy)["type"], "apple-ios");
        assert_eq!(platform_json(&platform("android"), Format::Current)["applicationId"], "com.example");
    }

    #[test]
    fn a_project_shows_no_password_in_either_form() {
        let mut project = Project::new(ProjectId::parse("chat").expect("an id"), "Chat", NOW);
        project.smtp.password = "hunter2".to_owned();
        for legacy in [None, Some(&Belongings::default())] {
            let model = project_json(&project, legacy);
            assert_eq!(model["smtpPassword"], "");
            assert!(!model.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn the_end_of_an_ephemeral_key_has_microseconds_and_a_z() {
        let model = ephemeral_key_json("k", NOW, NOW, &[], "ephemeral_x");
        assert_eq!(model["expire"], "2026-08-01T10:00:00.123000Z");
    }
}
