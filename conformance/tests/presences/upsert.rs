//! PUT: what is written, what is kept, what is reset. Source: http-api, A1.

use std::time::Duration;

use herenow_conformance::{
    desk::{Desk, accepted, path, refused},
    matching::timestamp,
};
use herenow_core::Timestamp;
use herenow_testkit::{timestamp_after, unix_millis};
use serde_json::{Value, json};

const FIELDS: [&str; 9] =
    ["$id", "$createdAt", "$updatedAt", "$permissions", "userId", "status", "source", "expiresAt", "metadata"];
const TOLERANCE_MS: i64 = 10_000;

pub(crate) fn millis(time: &Value) -> i64 {
    Timestamp::parse(time.as_str().expect("a text")).expect("a time").millis()
}

fn defaults(user: &str) -> Value {
    ["delete", "read", "update", "write"].map(|action| json!(format!("{action}(\"user:{user}\")"))).to_vec().into()
}

#[tokio::test]
async fn a_first_write_makes_a_record_with_every_default() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let answer = desk.try_put("p1", &user, &json!({})).await;
    assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
    let presence = accepted(answer);
    assert_eq!(presence.as_object().expect("an object").keys().collect::<Vec<_>>(), FIELDS);
    for field in ["$createdAt", "$updatedAt", "expiresAt"] {
        timestamp(presence[field].as_str().expect("a text")).expect(field);
    }
    assert_eq!(presence["$createdAt"], presence["$updatedAt"]);
    let lives = millis(&presence["expiresAt"]) - unix_millis();
    assert!((900_000 - TOLERANCE_MS..=900_000).contains(&lives), "{lives} ms");
    let rest = json!({"$id": "p1", "userId": user, "status": "online", "source": "rest", "metadata": {},
                      "$permissions": defaults(&user)});
    for (field, value) in rest.as_object().expect("an object") {
        assert_eq!(presence[field], *value, "{field}");
    }
    assert_eq!(desk.get("p1").await, Some(presence));
}

#[tokio::test]
async fn a_second_write_keeps_id_and_creation_and_resets_what_it_does_not_name() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let expires_at = timestamp_after(Duration::from_secs(86_400));
    let all = json!({"permissions": ["read(\"any\")"], "metadata": {"a": 1}, "expiresAt": expires_at});
    let first = desk.put("p1", &user, &all).await;
    assert_eq!((&first["$permissions"], &first["metadata"]), (&all["permissions"], &all["metadata"]));
    assert_eq!(millis(&first["expiresAt"]), millis(&json!(expires_at)));
    let second = desk.put("p2", &user, &json!({"status": "away"})).await;
    assert_eq!((&second["$id"], &second["$createdAt"]), (&first["$id"], &first["$createdAt"]));
    assert!(millis(&second["$updatedAt"]) > millis(&first["$updatedAt"]), "it grows strictly");
    assert_eq!((&second["status"], &second["metadata"]), (&json!("away"), &json!({})));
    assert_eq!(second["$permissions"], defaults(&user));
    assert!(millis(&second["expiresAt"]) - unix_millis() <= 900_000, "{second}");
    assert_eq!(desk.get("p2").await, None);
}

#[tokio::test]
async fn null_counts_as_absent() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let nulls = json!({"permissions": null, "expiresAt": null, "metadata": null});
    let presence = desk.put("p", &user, &nulls).await;
    assert_eq!((&presence["metadata"], &presence["$permissions"]), (&json!({}), &defaults(&user)));
    let person = desk.person().await;
    let own = json!({"userId": null, "status": "online"});
    let own = accepted(desk.session(&person).put(&path("own"), &own).await.expect("an answer"));
    assert_eq!(own["userId"], person.user_id);
}

#[tokio::test]
async fn a_session_writes_its_own_presence_and_gets_the_default_list() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let session = desk.session(&person);
    let own = accepted(session.put(&path("own"), &json!({"status": "x"})).await.expect("an answer"));
    assert_eq!((&own["userId"], &own["$permissions"]), (&json!(person.user_id), &defaults(&person.user_id)));
    let body = json!({"status": "x", "permissions": []});
    let none = accepted(session.put(&path("own"), &body).await.expect("an answer"));
    assert_eq!(none["$permissions"], json!([]));
    assert_eq!(accepted(session.get(&path("own")).await.expect("an answer")), none, "the owner reads it all the same");
}

#[tokio::test]
async fn a_presence_may_end_within_thirty_days_and_not_in_the_past() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    const DAY: Duration = Duration::from_secs(86_400);
    const MINUTE: Duration = Duration::from_secs(60);
    let latest = timestamp_after(DAY * 30 - MINUTE);
    let before = desk.put("p", &user, &json!({"expiresAt": latest})).await;
    let past = Timestamp::from_millis(unix_millis() - 60_000).to_string();
    for wrong in [json!(timestamp_after(DAY * 30 + MINUTE)), json!(past), json!(""), json!(7), json!([])] {
        let answer = desk.try_put("p", &user, &json!({"expiresAt": wrong})).await;
        refused(&answer, 400, "general_argument_invalid");
        let patched = desk.key.patch(&path("p"), &json!({"expiresAt": wrong})).await.expect("an answer");
        refused(&patched, 400, "general_argument_invalid");
        assert_eq!(desk.get("p").await.as_ref(), Some(&before), "{wrong}");
    }
}

#[tokio::test]
async fn a_time_without_a_zone_is_utc() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let zulu = timestamp_after(Duration::from_secs(3600));
    let bare = zulu.trim_end_matches('Z').replace('T', " ");
    let presence = desk.put("p", &user, &json!({"expiresAt": bare})).await;
    assert_eq!(presence["expiresAt"], format!("{}+00:00", zulu.trim_end_matches('Z')));
}
