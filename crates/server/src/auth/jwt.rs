//! JWTs: HS256, short-lived, of one project.
//!
//! Source: auth-and-permissions, section 4.4.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use herenow_core::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::Sha256;

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;
/// A claim of when it was issued limits a token to so many seconds from then.
const MAX_AGE_SECONDS: i64 = 3600;

/// Signs `claims`.
#[must_use]
pub fn sign(claims: &impl Serialize, key: &[u8; 32]) -> String {
    let claims = serde_json::to_vec(claims).expect("claims serialise");
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
    let signature = mac(key, &signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of `token`, where one of `keys` signed it and its times allow it at `now`.
#[must_use]
pub fn verify<Claims: DeserializeOwned>(token: &str, keys: &[[u8; 32]], now: Timestamp) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    keys.iter().find(|key| mac(key, signed).verify_slice(&signature).is_ok())?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let seconds = now.millis().div_euclid(1000);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let valid = seconds < time("exp")?
        && time("nbf").is_none_or(|not_before| seconds > not_before)
        && time("iat").is_none_or(|issued| seconds < issued.saturating_add(MAX_AGE_SECONDS));
    if valid { serde_json::from_value(claims).ok() } else { None }
}

fn mac(key: &[u8; 32], signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verified(token: &str, key: u8, now: i64) -> bool {
        verify::<Value>(token, &[[key; 32]], Timestamp::from_millis(now * 1000)).is_some()
    }

    #[test]
    fn a_token_is_worth_something_until_its_end_and_with_its_own_key() {
        let token = sign(&json!({"exp": 100}), &[1; 32]);
        assert!(verified(&token, 1, 99));
        assert!(!verified(&token, 1, 100));
        assert!(!verified(&token, 2, 99));
        assert!(!verified(&format!("{token}A"), 1, 99));
        assert!(!verified("", 1, 99) && !verified("a.b", 1, 99) && !verified("a.b.c", 1, 99));
    }

    #[test]
    fn without_an_end_or_with_another_algorithm_it_is_worth_nothing() {
        assert!(!verified(&sign(&json!({}), &[1; 32]), 1, 1));
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(r#"{"exp":9}"#));
        let signature = URL_SAFE_NO_PAD.encode(mac(&[1; 32], &signed).finalize().into_bytes());
        assert!(!verified(&format!("{signed}.{signature}"), 1, 1));
        assert!(!verified(&format!("{signed}."), 1, 1));
    }

    #[test]
    fn the_claims_of_issue_and_begin_are_honoured() {
        assert!(!verified(&sign(&json!({"exp": 9999, "iat": 0}), &[1; 32]), 1, 3600));
        assert!(verified(&sign(&json!({"exp": 9999, "iat": 0}), &[1; 32]), 1, 3599));
        assert!(!verified(&sign(&json!({"exp": 9999, "nbf": 10}), &[1; 32]), 1, 10));
        assert!(verified(&sign(&json!({"exp": 9999, "nbf": 10}), &[1; 32]), 1, 11));
    }
}
