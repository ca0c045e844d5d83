//! Models of people: accounts, users, sessions, tokens, teams, memberships.

use herenow_core::{
    Timestamp,
    account::{MemberView, Membership, Prefs, Session, Team, Token, User},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The cost settings of argon2 as answers show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HashOptions {
    /// `argon2`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// KiB.
    pub memory_cost: u32,
    /// Passes.
    pub time_cost: u32,
    /// Lanes.
    pub threads: u32,
}

/// Whether a user is shown to itself or to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserView {
    /// The Account model.
    Account,
    /// The User model: with the password's fields, and no secret in them.
    Server(HashOptions),
}

/// The Account or User model.
#[must_use]
pub fn user_json(user: &User, view: UserView) -> Value {
    let mut model = Map::new();
    let mut put = |key: &str, value: Value| model.insert(key.to_owned(), value);
    put("$id", json!(user.id));
    put("$createdAt", json!(user.created_at));
    put("$updatedAt", json!(user.updated_at));
    put("name", json!(user.name));
    if let UserView::Server(options) = view {
        put("password", Value::Null);
        put("hash", json!("argon2"));
        put("hashOptions", json!(options));
    }
    put("registration", json!(user.created_at));
    put("status", json!(user.status));
    put("labels", json!(user.labels));
    put("passwordUpdate", optional_time(user.password_update));
    put("email", json!(user.email));
    put("phone", json!(user.phone));
    put("emailVerification", json!(user.email_verification));
    put("emailCanonical", json!(user.email));
    for flag in ["emailIsFree", "emailIsDisposable", "emailIsCorporate", "emailIsCanonical"] {
        put(flag, Value::Null);
    }
    put("phoneVerification", json!(user.phone_verification));
    put("mfa", json!(false));
    put("prefs", json!(user.prefs));
    put("targets", json!(targets(user)));
    put("accessedAt", optional_time(user.accessed_at));
    put("impersonator", json!(false));
    put("impersonatorUserId", Value::Null);
    Value::Object(model)
}

/// One target an address: the SDKs' models need the list.
fn targets(user: &User) -> Vec<Value> {
    let target = |kind: &str, identifier: &str| {
        json!({
            "$id": format!("{kind}-{}", user.id).chars().take(36).collect::<String>(),
            "$createdAt": user.created_at,
            "$updatedAt": user.updated_at,
            "name": "",
            "userId": user.id,
            "providerId": null,
            "providerType": kind,
            "identifier": identifier,
            "expired": false,
        })
    };
    let addresses = [("email", &user.email), ("sms", &user.phone)];
    addresses
        .into_iter()
        .filter(|(_, address)| !address.is_empty())
        .map(|(kind, address)| target(kind, address))
        .collect()
}

/// What a session's answer shows beside what is kept of it.
#[derive(Debug, Clone, Default)]
pub struct SessionView {
    /// Whether the request was authenticated by it.
    pub current: bool,
    /// The encoded token, for the server that made it; else empty.
    pub secret: String,
}

/// The Session model.
#[must_use]
pub fn session_json(session: &Session, view: &SessionView) -> Value {
    json!({
        "$id": session.id,
        "$createdAt": session.created_at,
        "$updatedAt": session.updated_at,
        "userId": session.user,
        "expire": session.expire,
        "provider": session.provider,
        "providerUid": session.provider_uid,
        "providerAccessToken": "",
        "providerAccessTokenExpiry": "",
        "providerRefreshToken": "",
        "ip": session.ip,
        "osCode": "",
        "osName": "",
        "osVersion": "",
        "clientType": "",
        "clientCode": "",
        "clientName": "",
        "clientVersion": "",
        "clientEngine": "",
        "clientEngineVersion": "",
        "deviceName": "",
        "deviceBrand": "",
        "deviceModel": "",
        "countryCode": "--",
        "countryName": "Unknown",
        "current": view.current,
        "factors": session.factors,
        "secret": view.secret,
        "mfaUpdatedAt": "",
    })
}

/// The Token model; `secret` is shown once, to the server that made it.
#[must_use]
pub fn token_json(token: &Token, secret: &str) -> Value {
    json!({
        "$id": token.id,
        "$createdAt": token.created_at,
        "userId": token.user,
        "secret": secret,
        "expire": token.expire,
        "phrase": "",
    })
}

/// The Team model.
#[must_use]
pub fn team_json(team: &Team) -> Value {
    json!({
        "$id": team.id,
        "$createdAt": team.created_at,
        "$updatedAt": team.updated_at,
        "name": team.name,
        "total": team.total,
        "prefs": team.prefs,
    })
}

/// The Membership model: of the user it tells what `view` lets see, the rest is blank (membership privacy).
#[must_use]
pub fn membership_json(membership: &Membership, team: &Team, user: Option<&User>, view: MemberView) -> Value {
    let text = |seen: bool, field: fn(&User) -> &str| user.filter(|_| seen).map_or("", field);
    json!({
        "$id": membership.id,
        "$createdAt": membership.created_at,
        "$updatedAt": membership.updated_at,
        "userId": if view.user_id { membership.user.as_str() } else { "" },
        "userName": text(view.user_name, |user| &user.name),
        "userEmail": text(view.user_email, |user| &user.email),
        "userPhone": text(view.user_phone, |user| &user.phone),
        "teamId": team.id,
        "teamName": team.name,
        "invited": membership.invited,
        "joined": optional_time(membership.joined),
        "confirm": membership.confirm,
        "mfa": false,
        "userAccessedAt": user
            .filter(|_| view.accessed_at)
            .map_or(json!(""), |user| optional_time(user.accessed_at)),
        "roles": membership.roles,
    })
}

/// A list model: `{"total", key: items}`.
#[must_use]
pub fn list_json(key: &str, total: usize, items: Vec<Value>) -> Value {
    let mut model = Map::new();
    model.insert("total".to_owned(), json!(total));
    model.insert(key.to_owned(), Value::Array(items));
    Value::Object(model)
}

/// The Preferences model: the object itself.
#[must_use]
pub fn prefs_json(prefs: &Prefs) -> Value {
    Value::Object(prefs.clone())
}

pub(super) fn optional_time(time: Option<Timestamp>) -> Value {
    time.map_or(json!(""), |time| json!(time))
}
