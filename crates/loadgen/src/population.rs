//! Users and records by number, so that a million of them need not be remembered.

use anyhow::Context;
use serde_json::json;

use crate::http::{Credentials, HttpClient, request};

/// Metadata of 100 bytes.
const METADATA: &str =
    r#"{"page":"/docs/start","cursor":{"x":120,"y":348},"note":"abcdefghijklmnopqrstuvwxyzabcdefghijklmno"}"#;

/// The user of this number.
pub(crate) fn user_id(number: u64) -> String {
    format!("user-{number:015}")
}

/// The record of the user of this number.
pub(crate) fn presence_id(number: u64) -> String {
    format!("seat-{number:015}")
}

/// The request that makes a user.
pub(crate) fn create_user(credentials: &Credentials, number: u64) -> Vec<u8> {
    request("POST", "/v1/users", credentials, &json!({"userId": user_id(number)}).to_string())
}

/// Makes a session for the user of this number; answers its secret.
pub(crate) fn sign_in(client: &mut HttpClient, credentials: &Credentials, number: u64) -> anyhow::Result<String> {
    let path = format!("/v1/users/{}/sessions", user_id(number));
    let answer = client.call(&request("POST", &path, credentials, "{}"))?;
    answer["secret"].as_str().map(str::to_owned).context("a session has a secret")
}

/// What is written of a record.
pub(crate) struct Written<'text> {
    pub(crate) status: &'text str,
    /// As a client writes it: `read("any")`.
    pub(crate) permission: &'text str,
    /// None: the server's default.
    pub(crate) expires_at: Option<String>,
}

/// The request that writes a record, with metadata of 100 bytes.
pub(crate) fn write_record(credentials: &Credentials, number: u64, written: &Written<'_>) -> Vec<u8> {
    let (user, status) = (user_id(number), written.status);
    let permission = json!(written.permission);
    let expiry = written.expires_at.as_ref().map_or_else(String::new, |at| format!(r#","expiresAt":"{at}""#));
    let body = format!(
        r#"{{"userId":"{user}","status":"{status}","permissions":[{permission}],"metadata":{METADATA}{expiry}}}"#
    );
    request("PUT", &format!("/v1/presences/{}", presence_id(number)), credentials, &body)
}

#[cfg(test)]
mod tests {
    use super::{METADATA, Written, write_record};
    use crate::http::{Credentials, first_message};

    #[test]
    fn a_record_is_written_as_json_with_metadata_of_100_bytes() {
        let credentials = Credentials { project: "p".into(), key: "k".into() };
        let written = Written { status: "here", permission: r#"read("label:a")"#, expires_at: Some("x".into()) };
        let bytes = write_record(&credentials, 7, &written);
        let message = first_message(&bytes).expect("well-formed").expect("whole");
        let body: serde_json::Value = serde_json::from_slice(message.body).expect("JSON");
        assert_eq!((METADATA.len(), &body["userId"]), (100, &"user-000000000000007".into()));
        assert_eq!((&body["permissions"][0], &body["expiresAt"]), (&r#"read("label:a")"#.into(), &"x".into()));
    }
}
