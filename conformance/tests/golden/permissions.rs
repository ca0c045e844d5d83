//! The groups about permissions and roles.

use anyhow::{Context, Result, ensure};
use herenow_core::{
    Action, Permission, Permissions, Role, Roles, Timestamp, Tracker, Viewer,
    account::{Membership, User},
    permission::Grants,
    tracker::Command,
};
use herenow_server::{failure::Failure, http::params::permissions};
use serde_json::{Value, json};

use super::{
    body,
    records::{apply, presence_id, seen, shown, update, upsert, user_id},
    refusal,
};

/// The list that a case writes down in one of its forms.
pub(crate) fn list(input: &Value) -> Value {
    if let Some(one) = input.get("permission") {
        return json!([one]);
    }
    match input.get("permissionsRepeat") {
        Some(repeat) => {
            let count = repeat["count"].as_u64().expect("a count") as usize;
            vec![repeat["value"].clone(); count].into()
        }
        None => input["permissions"].clone(),
    }
}

pub(crate) fn grammar(input: &Value, expected: &Value) -> Result<()> {
    let params = body("permissions", &list(input))?;
    let valid = expected["valid"] == true;
    refusal(params.required("permissions", permissions), valid, expected)?;
    let Some(parsed) = expected.get("parsed") else { return Ok(()) };
    let permission = Permission::parse(input["permission"].as_str().context("a text")?)?;
    let role = permission.role.parts();
    let found = json!({"type": permission.action.as_str(), "role": role.name,
                       "identifier": role.identifier, "dimension": role.dimension});
    ensure!(found == *parsed, "{found}");
    Ok(())
}

pub(crate) fn aggregate(input: &Value, expected: &Value) -> Result<()> {
    let given = body("permissions", &input["permissions"])?.optional("permissions", permissions)?;
    let owner = input["userId"].as_str().or_else(|| input["caller"]["userId"].as_str()).unwrap_or("a");
    let (mut tracker, now) = (Tracker::default(), Timestamp::from_millis(1));
    let mut write = upsert("p", input["oldUserId"].as_str().unwrap_or(owner));
    if input["op"] == "update" {
        apply(&mut tracker, &Command::Upsert(write), now)?;
        let mut change = update("p");
        (change.user, change.permissions) = (Some(user_id(owner)), given);
        apply(&mut tracker, &Command::Update(change), now)?;
    } else {
        write.permissions = given;
        apply(&mut tracker, &Command::Upsert(write), now)?;
    }
    let stored = shown(&seen(&tracker, "p", now)?.state.permissions);
    ensure!(stored == expected["stored"], "{stored}");
    Ok(())
}

pub(crate) fn grant(input: &Value, expected: &Value, strict: &Value) -> Result<()> {
    let texts = |list: &Value| -> Result<Vec<String>> { Ok(serde_json::from_value(list.clone())?) };
    let role = |text: &String| Role::parse(text).with_context(|| format!("the role {text}"));
    let roles: Roles = texts(&input["callerRoles"])?.iter().map(role).collect::<Result<_>>()?;
    let viewer = Viewer::User { id: user_id("u1"), roles };
    let texts = texts(&input["permissions"])?;
    let permissions = Permissions::parse(texts.iter().map(String::as_str))?;
    for (grants, expected) in [(Grants::ReadToAnyone, expected), (Grants::Strict, strict)] {
        let outcome = match permissions.not_grantable(&viewer, grants) {
            None => Ok(()),
            Some(entry) => Err(Failure::not_grantable(&entry.to_string())),
        };
        refusal(outcome, expected["allowed"] == true, expected).with_context(|| format!("{grants:?}"))?;
    }
    Ok(())
}

pub(crate) fn roles(input: &Value, expected: &Value) -> Result<()> {
    if input.get("key").is_some() {
        return key();
    }
    let roles = match &input["user"] {
        Value::Null => Roles::guest(),
        user => {
            let (user, memberships) = account(user)?;
            Roles::user(&user, &memberships)
        }
    };
    let found: Vec<_> = roles.iter().map(Role::as_str).collect();
    ensure!(json!(found) == expected["roles"], "{found:?}");
    Ok(())
}

/// A key's roles decide nothing: no record is closed to it, not even one that nobody was given.
fn key() -> Result<()> {
    let (mut tracker, now) = (Tracker::default(), Timestamp::from_millis(1));
    let mut write = upsert("p", "u1");
    write.permissions = Some(Permissions::default());
    apply(&mut tracker, &Command::Upsert(write), now)?;
    let presence = seen(&tracker, "p", now)?;
    for action in [Action::Read, Action::Update, Action::Delete] {
        ensure!(presence.allows(action, &Viewer::Privileged), "a key may not {action:?}");
        ensure!(!presence.allows(action, &Viewer::guest()), "a guest may {action:?}");
    }
    apply(&mut tracker, &Command::Delete { id: presence_id("p"), viewer: Viewer::Privileged }, now)?;
    Ok(())
}

fn account(json: &Value) -> Result<(User, Vec<Membership>)> {
    let id = |json: &Value, key: &str| json[key].as_str().map(str::to_owned).with_context(|| format!("no {key}"));
    let now = Timestamp::from_millis(0);
    let mut user = User::new(user_id(&id(json, "$id")?), now);
    user.email_verification = json["emailVerification"] == true;
    user.phone_verification = json["phoneVerification"] == true;
    user.labels = serde_json::from_value(json["labels"].clone())?;
    let membership = |json: &Value| -> Result<Membership> {
        Ok(Membership {
            id: herenow_core::MembershipId::parse(&id(json, "$id")?)?,
            created_at: now,
            updated_at: now,
            user: user.id.clone(),
            team: herenow_core::TeamId::parse(&id(json, "teamId")?)?,
            roles: serde_json::from_value(json["roles"].clone())?,
            invited: now,
            joined: None,
            confirm: json["confirm"] == true,
            secret_hash: String::new(),
        })
    };
    let memberships = json["memberships"].as_array().context("memberships")?;
    let memberships = memberships.iter().map(membership).collect::<Result<_>>()?;
    Ok((user, memberships))
}
