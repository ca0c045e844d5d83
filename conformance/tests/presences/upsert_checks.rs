//! PUT: what is refused, in the order of the checks. Source: http-api, A1; decisions, Security (ids).

use herenow_conformance::desk::{Desk, accepted, path, refused};
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_must_say_whose_presence_it_is() {
    let desk = Desk::open().await;
    let answers = [
        (json!({"status": "x"}), 400, "general_bad_request"),
        (json!({"status": "x", "userId": null}), 400, "general_bad_request"),
        (json!({"status": "x", "userId": ""}), 400, "general_argument_invalid"),
        (json!({"status": "x", "userId": "unique()"}), 400, "general_argument_invalid"),
        (json!({"status": "x", "userId": "nobody"}), 404, "user_not_found"),
        // A parameter that breaks its rule is named before the handler looks at who calls.
        (json!({"status": ""}), 400, "general_argument_invalid"),
        (json!({"status": "", "userId": "nobody"}), 400, "general_argument_invalid"),
    ];
    for (body, status, kind) in answers {
        println!("{body}");
        refused(&desk.key.put(&path("p"), &body).await.expect("an answer"), status, kind);
    }
    assert_eq!(desk.get("p").await, None);
}

#[tokio::test]
async fn a_user_may_not_say_whose_presence_it_is() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let jwt = desk.key.post(&format!("/v1/users/{}/jwts", person.user_id), &json!({})).await.expect("an answer");
    let jwt = jwt.json().expect("JSON")["jwt"].as_str().expect("a JWT").to_owned();
    for caller in [desk.session(&person), desk.server.as_jwt(&jwt)] {
        for user in [person.user_id.as_str(), "nobody"] {
            // Not even their own id; and it comes before the check of what they may grant.
            let body = json!({"status": "x", "userId": user, "permissions": ["update(\"user:other\")"]});
            refused(&caller.put(&path("p"), &body).await.expect("an answer"), 401, "general_unauthorized_scope");
        }
        accepted(caller.put(&path("p"), &json!({"status": "x"})).await.expect("an answer"));
        desk.delete("p").await;
    }
}

#[tokio::test]
async fn a_guest_is_refused_before_any_parameter_is_read() {
    let desk = Desk::open().await;
    let guest = desk.server.guest();
    for body in [json!({"status": "x"}), json!({})] {
        refused(&guest.put(&path("unique()"), &body).await.expect("an answer"), 401, "general_unauthorized_scope");
        refused(&guest.patch(&path("p"), &body).await.expect("an answer"), 401, "general_unauthorized_scope");
    }
    for target in ["/v1/presences/p", "/v1/presences?ttl=never"] {
        refused(&guest.get(target).await.expect("an answer"), 401, "general_unauthorized_scope");
    }
    refused(&guest.delete(&path("p")).await.expect("an answer"), 401, "general_unauthorized_scope");
}

#[tokio::test]
async fn a_status_has_one_to_255_code_points() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    for status in ["x".to_owned(), "é".repeat(255), "👩".repeat(255)] {
        assert_eq!(desk.put("p", &user, &json!({"status": status})).await["status"], status);
    }
    let before = desk.get("p").await;
    for status in [json!(""), json!("x".repeat(256)), json!("👩".repeat(256)), json!(7), json!(null), json!(["x"])] {
        refused(&desk.try_put("p", &user, &json!({"status": status})).await, 400, "general_argument_invalid");
        assert_eq!(desk.get("p").await, before);
    }
    let missing = desk.key.put(&path("p"), &json!({"userId": user})).await.expect("an answer");
    refused(&missing, 400, "general_argument_invalid");
    assert_eq!(missing.json().expect("JSON")["message"], "Param \"status\" is not optional.");
    let wrong = desk.try_put("p", &user, &json!({"status": ""})).await.json().expect("JSON");
    assert!(wrong["message"].as_str().is_some_and(|text| text.starts_with("Invalid `status` param: ")), "{wrong}");
}

#[tokio::test]
async fn a_list_of_permissions_has_at_most_a_hundred_entries() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let many = |count: usize| -> Value { (0..count).map(|n| format!("read(\"user:u{n}\")")).collect() };
    let before = desk.put("p", &user, &json!({"permissions": many(100)})).await;
    assert_eq!(before["$permissions"].as_array().map(Vec::len), Some(100));
    for wrong in [many(101), json!("read(\"any\")"), json!({}), json!([1]), json!(["create(\"any\")"])] {
        refused(&desk.try_put("p", &user, &json!({"permissions": wrong})).await, 400, "general_argument_invalid");
        let patched = desk.key.patch(&path("p"), &json!({"permissions": wrong})).await.expect("an answer");
        refused(&patched, 400, "general_argument_invalid");
        assert_eq!(desk.get("p").await.as_ref(), Some(&before));
    }
}

#[tokio::test]
async fn an_id_that_channel_names_could_not_tell_apart_is_refused() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let long = "a".repeat(37);
    for id in ["upsert", "update", "delete", "a.upsert", "a.b.delete", "unique()", "_a", ".a", "a%2Fb", "%C3%A9", &long]
    {
        println!("{id}");
        refused(&desk.try_put(id, &user, &json!({})).await, 400, "general_argument_invalid");
    }
    for id in ["a.b-c_D9", "upserted", "delete.a", &"a".repeat(36)] {
        let owner = desk.user().await;
        assert_eq!(desk.put(id, &owner, &json!({})).await["$id"], id);
    }
}

#[tokio::test]
async fn nobody_takes_the_id_of_another_user_s_record() {
    let desk = Desk::open().await;
    let (victim, other) = (desk.user().await, desk.person().await);
    let before = desk.put("p", &victim, &json!({"permissions": ["read(\"any\")", "update(\"any\")"]})).await;
    refused(&desk.try_put("p", &other.user_id, &json!({"status": "mine"})).await, 409, "presence_already_exists");
    let session = desk.session(&other);
    let answer = session.put(&path("p"), &json!({"status": "mine"})).await.expect("an answer");
    refused(&answer, 409, "presence_already_exists");
    assert_eq!(desk.get("p").await, Some(before));
    assert_eq!(desk.put("q", &other.user_id, &json!({})).await["$id"], "q");
    assert_eq!(desk.put("p", &other.user_id, &json!({})).await["$id"], "q", "their own record is found first");
}

#[tokio::test]
async fn a_user_grants_read_to_anyone_and_the_rest_to_roles_that_they_hold() {
    let desk = Desk::open().await;
    let person = desk.person().await;
    let session = desk.session(&person);
    let own = format!("update(\"user:{}\")", person.user_id);
    let body = json!({"status": "x", "permissions": ["read(\"user:other\")", "write(\"users/unverified\")", own]});
    let before = accepted(session.put(&path("p"), &body).await.expect("an answer"));
    for permission in ["update(\"user:other\")", "delete(\"team:t\")", "write(\"label:vip\")", "update(\"guests\")"] {
        let body = json!({"status": "y", "permissions": [permission]});
        refused(&session.put(&path("p"), &body).await.expect("an answer"), 401, "user_unauthorized");
        refused(&session.patch(&path("p"), &body).await.expect("an answer"), 401, "user_unauthorized");
        assert_eq!(desk.get("p").await.as_ref(), Some(&before), "{permission}");
    }
}

#[tokio::test]
async fn strict_grants_ask_for_the_role_of_a_reader_too() {
    let options = herenow_testkit::ServerOptions::new().project_settings("strict_grants = true");
    let desk = Desk::with(options).await;
    let person = desk.person().await;
    let session = desk.session(&person);
    let body = json!({"status": "x", "permissions": ["read(\"user:other\")"]});
    refused(&session.put(&path("p"), &body).await.expect("an answer"), 401, "user_unauthorized");
    assert_eq!(desk.get("p").await, None);
    desk.put("p", &person.user_id, &json!({"permissions": body["permissions"]})).await;
    let body = json!({"status": "x", "permissions": ["read(\"users\")", "read(\"any\")"]});
    accepted(session.put(&path("p"), &body).await.expect("an answer"));
}
