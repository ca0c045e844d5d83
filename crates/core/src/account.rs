//! Projects and people as they are kept: plain data, one struct a thing.
//!
//! Secrets are kept as the lower-case hex SHA-256 of their text; passwords as an argon2id PHC string.

use serde::{Deserialize, Serialize};

use crate::{
    KeyId, MembershipId, PlatformId, ProjectId, SessionId, TeamId, Timestamp, TokenId, UserId, WebhookId,
    permission::Grants,
};

/// How long a session lives unless its project says otherwise, in seconds.
pub const DEFAULT_SESSION_SECONDS: u64 = 31_536_000;
/// How many sessions a user may have at once unless the project says otherwise.
pub const DEFAULT_SESSION_LIMIT: usize = 10;

/// A JSON object with the keys in the order sent.
pub type Prefs = serde_json::Map<String, serde_json::Value>;

/// Where a thing was declared: what a configuration file declares is read-only through the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Origin {
    /// Made through the API or the command line.
    #[default]
    Api,
    /// Declared in the configuration file.
    File,
}

/// A project: its own users, keys and presences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// For people.
    pub name: String,
    /// The console team that owns it; none: all operators.
    pub team: Option<TeamId>,
    /// Host names that a browser may call from; `*.example.com` for subdomains, `*` for any.
    pub allowed_origins: Vec<String>,
    /// What a client may grant.
    #[serde(default)]
    pub grants: Grants,
    /// Where it was declared.
    #[serde(default)]
    pub origin: Origin,
    /// How many sessions a user may have at once.
    pub session_limit: usize,
    /// How long a session lives, in seconds.
    pub session_seconds: u64,
    /// Whether a new password ends the user's other sessions.
    pub invalidate_sessions: bool,
    /// What members see of each other.
    #[serde(default)]
    pub member_view: MemberView,
    /// The mail server.
    #[serde(default)]
    pub smtp: Smtp,
    /// How often somebody asked whether it is there.
    #[serde(default)]
    pub pings: Pings,
}

/// How often a project was pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pings {
    /// So often.
    pub count: u64,
    /// Last at this time; none: never.
    pub last: Option<Timestamp>,
}

impl Project {
    /// A project with every setting at its default.
    #[must_use]
    pub fn new(id: ProjectId, name: &str, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            updated_at: now,
            name: name.to_owned(),
            team: None,
            allowed_origins: Vec::new(),
            grants: Grants::default(),
            origin: Origin::Api,
            session_limit: DEFAULT_SESSION_LIMIT,
            session_seconds: DEFAULT_SESSION_SECONDS,
            invalidate_sessions: true,
            member_view: MemberView::default(),
            smtp: Smtp::default(),
            pings: Pings::default(),
        }
    }
}

/// What the members of a team see of each other; servers and operators see everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Whose the membership is.
    pub user_id: bool,
    /// The user's name.
    pub user_name: bool,
    /// The user's email.
    pub user_email: bool,
    /// The user's phone.
    pub user_phone: bool,
    /// Whether the user needs more than one factor.
    pub mfa: bool,
    /// When the user was last seen.
    pub accessed_at: bool,
}

impl MemberView {
    /// Everything.
    pub const ALL: Self =
        Self { user_id: true, user_name: true, user_email: true, user_phone: true, mfa: true, accessed_at: true };
}

/// The mail server of a project: kept, and not used yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// Whether it is to be used.
    pub enabled: bool,
    /// Name of the sender.
    pub sender_name: String,
    /// Email of the sender.
    pub sender_email: String,
    /// Name for answers.
    pub reply_to_name: String,
    /// Email for answers.
    pub reply_to_email: String,
    /// Host name or address.
    pub host: String,
    /// Port; 0: none named.
    pub port: u16,
    /// Who signs in there.
    pub username: String,
    /// The password there, in the clear, since it has to be sent; no answer shows it.
    pub password: String,
    /// `tls`, `ssl`, or empty for neither.
    pub secure: String,
}

/// An API key of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// For people.
    pub name: String,
    /// Hash of the whole secret, `standard_` included.
    pub secret_hash: String,
    /// What it may do, such as `presences.read`.
    pub scopes: Vec<String>,
    /// When it ends, if ever.
    pub expire: Option<Timestamp>,
    /// When it was last used; refreshed at most once a day.
    pub accessed_at: Option<Timestamp>,
    /// Names of the SDKs that used it.
    #[serde(default)]
    pub sdks: Vec<String>,
    /// Where it was declared.
    #[serde(default)]
    pub origin: Origin,
}

/// An origin that may call a project, added through the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Its id.
    pub id: PlatformId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// For people.
    pub name: String,
    /// `web`, or the kind of a native app.
    pub kind: String,
    /// Host name of a web platform.
    pub hostname: String,
    /// Bundle or package id of a native one.
    pub key: String,
}

/// Where a project's events are to be sent: kept, and not used yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// For people.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Of which events.
    pub events: Vec<String>,
    /// Whether the certificate there is checked.
    pub tls: bool,
    /// Who signs in there.
    pub auth_username: String,
    /// The password there, in the clear, since it has to be sent.
    pub auth_password: String,
    /// What deliveries are signed with, in the clear, since it has to be used.
    pub secret: String,
    /// Whether it is to be used.
    pub enabled: bool,
}

/// A user of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Display name; empty when none.
    pub name: String,
    /// Lower case; empty when none.
    pub email: String,
    /// `+` and up to 15 digits; empty when none.
    pub phone: String,
    /// argon2id PHC string; none for who never set one.
    pub password_hash: Option<String>,
    /// When the password was last set.
    pub password_update: Option<Timestamp>,
    /// False: blocked.
    pub status: bool,
    /// Given by a server; each makes a role `label:…`.
    pub labels: Vec<String>,
    /// Whether the email is verified.
    pub email_verification: bool,
    /// Whether the phone is verified.
    pub phone_verification: bool,
    /// Free-form object of the app.
    pub prefs: Prefs,
    /// When last seen; refreshed at most once a day.
    pub accessed_at: Option<Timestamp>,
}

impl User {
    /// A user of whom nothing is known.
    #[must_use]
    pub fn new(id: UserId, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            updated_at: now,
            name: String::new(),
            email: String::new(),
            phone: String::new(),
            password_hash: None,
            password_update: None,
            status: true,
            labels: Vec::new(),
            email_verification: false,
            phone_verification: false,
            prefs: Prefs::new(),
            accessed_at: None,
        }
    }
}

/// A sign-in of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whose it is.
    pub user: UserId,
    /// Hash of its secret.
    pub secret_hash: String,
    /// When it ends.
    pub expire: Timestamp,
    /// `email`, `anonymous`, `token` or `server`.
    pub provider: String,
    /// The email of an email session, else empty.
    pub provider_uid: String,
    /// Address of who began it.
    pub ip: String,
    /// Their user agent, as sent.
    pub user_agent: String,
    /// Such as `["password"]`.
    pub factors: Vec<String>,
}

/// A secret that can be exchanged once for a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The id.
    pub id: TokenId,
    /// When it was made.
    pub created_at: Timestamp,
    /// For whom.
    pub user: UserId,
    /// Hash of its secret.
    pub secret_hash: String,
    /// When it ends.
    pub expire: Timestamp,
}

/// A team of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The id.
    pub id: TeamId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// For people.
    pub name: String,
    /// How many confirmed members it has; the store counts them.
    pub total: u64,
    /// Free-form object of the app.
    pub prefs: Prefs,
}

/// A user's place in a team, invited or confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The id.
    pub id: MembershipId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who.
    pub user: UserId,
    /// Where.
    pub team: TeamId,
    /// Roles in the team.
    pub roles: Vec<String>,
    /// When invited.
    pub invited: Timestamp,
    /// When confirmed.
    pub joined: Option<Timestamp>,
    /// Whether it counts.
    pub confirm: bool,
    /// Hash of the secret of an open invitation.
    pub secret_hash: String,
}
