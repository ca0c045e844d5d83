//! Cut and resumed: no gap, no overlap.

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{CuttingProxy, Streamed};
use serde_json::json;

use super::support::{PRESENCES, SNAPSHOT, come_back, listen, message, names, readable_by};

#[tokio::test]
async fn a_stream_that_is_cut_goes_on_where_it_stopped() {
    let desk = Desk::open().await;
    let (ada, first, second) = (desk.person().await, desk.user().await, desk.user().await);
    let proxy = CuttingProxy::start(desk.server.address()).await.expect("a proxy");
    let caller = desk.session(&ada).via(proxy.address());
    let mut stream = listen(&caller, PRESENCES).await;
    desk.put("a", &first, &readable_by("any")).await;
    desk.put("b", &second, &readable_by("any")).await;
    assert_eq!(names(&mut stream, 2).await, ["a.upsert", "b.upsert"]);
    proxy.reset();
    assert_eq!(stream.next(SOON).await.expect("the end"), Streamed::Lost);
    desk.delete("a").await;
    desk.patch("b", &json!({"permissions": ["read(\"users\")"]})).await;
    desk.put("hidden", &first, &json!({"permissions": []})).await;
    desk.delete("hidden").await;
    let last_id = stream.last_id.expect("an id");
    let mut again = come_back(&caller, PRESENCES, &last_id).await;
    assert_eq!(names(&mut again, 2).await, ["a.delete", "b.update"]);
    desk.patch("b", &json!({"permissions": ["read(\"user:nobody\")"]})).await;
    assert_eq!(names(&mut again, 1).await, ["b.delete"], "once, and then what is news");
    // Not a second time.
    let last_id = again.last_id.clone().expect("an id");
    let mut third = come_back(&caller, PRESENCES, &last_id).await;
    desk.put("c", &first, &readable_by("any")).await;
    assert_eq!(names(&mut third, 1).await, ["c.upsert"]);
}

#[tokio::test]
async fn a_stream_that_has_heard_nothing_yet_has_a_place_to_go_on_from() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    let mut stream = listen(&desk.key, PRESENCES).await;
    let (seq, epoch) = desk.position().await;
    // The place comes right behind `connected`: whatever comes next is read behind it.
    desk.put("a", &user, &json!({})).await;
    assert_eq!(names(&mut stream, 1).await, ["a.upsert"]);
    let mut again = come_back(&desk.key, PRESENCES, &format!("{epoch}.{seq}")).await;
    assert_eq!(names(&mut again, 1).await, ["a.upsert"]);
}

#[tokio::test]
async fn what_is_no_longer_known_is_made_up_for_by_a_snapshot() {
    let desk = Desk::open().await;
    let user = desk.user().await;
    desk.put("a", &user, &json!({})).await;
    let (seq, epoch) = desk.position().await;
    for last_id in ["another-epoch.1".to_owned(), "junk".to_owned(), format!("{epoch}.{}", seq + 1)] {
        let mut stream = come_back(&desk.key, PRESENCES, &last_id).await;
        let (id, frame) = message(&mut stream).await;
        assert_eq!(id, None, "in the middle of a snapshot there is no place to go on from");
        assert_eq!(frame["data"]["events"][4], "presences.*.snapshot", "{last_id}");
        let (id, frame) = message(&mut stream).await;
        assert_eq!((id, &frame["data"]["payload"]), (Some(format!("{epoch}.{seq}")), &json!({"total": 1})));
    }
    let one = "/v1/realtime?project=test&channels[]=presences.other";
    let mut stream = come_back(&desk.key, one, "junk").await;
    assert_eq!(names(&mut stream, 1).await, ["snapshot.end"], "of what it listens to");
}

#[tokio::test]
async fn a_restart_ends_the_streams_and_they_go_on_behind_it() {
    let mut desk = Desk::open().await;
    let user = desk.user().await;
    let mut stream = listen(&desk.key, SNAPSHOT).await;
    desk.put("a", &user, &json!({})).await;
    assert_eq!(names(&mut stream, 2).await, ["snapshot.end", "a.upsert"]);
    desk.server.restart().await.expect("it comes back");
    assert_eq!(super::support::code_of_the_end(&mut stream).await, 1012);
    let caller = desk.server.as_key();
    let mut again = come_back(&caller, SNAPSHOT, &stream.last_id.expect("an id")).await;
    desk.key = caller;
    desk.delete("a").await;
    let heard = names(&mut again, 1).await;
    let heard = if heard == ["a.upsert"] { names(&mut again, 2).await[1..].to_vec() } else { heard };
    assert_eq!(heard, ["a.delete"]);
}

#[tokio::test]
async fn roles_that_changed_meanwhile_are_made_up_for_by_a_snapshot() {
    let desk = Desk::open().await;
    let (ada, user) = (desk.person().await, desk.user().await);
    desk.put("a", &user, &readable_by("label:staff")).await;
    let (seq, epoch) = desk.position().await;
    let path = format!("/v1/users/{}/labels", ada.user_id);
    let answer = desk.key.put(&path, &json!({"labels": ["staff"]})).await.expect("an answer");
    answer.expect_status(200).expect("labelled");
    let caller = desk.session(&ada);
    let mut stream = come_back(&caller, PRESENCES, &format!("{epoch}.{seq}")).await;
    assert_eq!(names(&mut stream, 2).await, ["a.upsert", "snapshot.end"], "it came into sight without a change");
    desk.put("a", &user, &readable_by("label:staff")).await;
    assert_eq!(names(&mut stream, 1).await, ["a.upsert"]);
    let mut again = come_back(&caller, PRESENCES, &stream.last_id.expect("an id")).await;
    desk.delete("a").await;
    assert_eq!(names(&mut again, 1).await, ["a.delete"], "from behind it what was missed is enough");
}
