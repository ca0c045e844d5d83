//! A wall clock that jumps neither ends nor prolongs anything. The server runs under libfaketime, which moves the wall
//! clock of one process and, told so, leaves its monotonic clock alone.

use std::{fs, path::PathBuf, time::Duration};

use herenow_conformance::desk::{Desk, SOON};
use herenow_testkit::{ServerOptions, now, timestamp_after};
use serde_json::json;

const LEASE: Duration = Duration::from_secs(2);

fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file())
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_neither_ends_nor_prolongs_anything() {
    let Some(library) = library() else {
        println!("skipped: no libfaketime is installed (Debian: apt-get install libfaketime)");
        return;
    };
    for jump in ["+2h", "-2h"] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("offset");
        fs::write(&file, "+0").expect("a file");
        let options = ServerOptions::new()
            .environment("LD_PRELOAD", &library.to_string_lossy())
            .environment("FAKETIME_TIMESTAMP_FILE", &file.to_string_lossy())
            .environment("FAKETIME_NO_CACHE", "1")
            .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .environment("DONT_FAKE_MONOTONIC", "1")
            .settings("log = \"debug\"");
        let mut desk = Desk::with(options).await;
        let (person, user) = (desk.person().await, desk.user().await);
        let mut listener = desk.listener(&person).await;
        let end = timestamp_after(LEASE);
        let fields = json!({"expiresAt": end, "permissions": ["read(\"users\")"]});
        let (written, record) = (now(), desk.put("leased", &user, &fields).await);
        assert_eq!(record["expiresAt"].as_str().map(|text| &text[..23]), Some(&end[..23]));

        fs::write(&file, jump).expect("a file");
        let other = desk.user().await;
        let fresh = desk.put("fresh", &other, &json!({"permissions": ["read(\"users\")"]})).await;
        let (created, expires) = (text(&fresh["$createdAt"]), text(&fresh["expiresAt"]));
        assert!(created[..19] <= end[..19], "the server's time goes on as before: {fresh}");
        assert!(expires[..19] > end[..19] && expires[..10] <= timestamp_after(Duration::from_secs(3_600))[..10]);
        let found = desk.get("leased").await.expect("nothing has ended it");
        assert_eq!(found["expiresAt"], record["expiresAt"]);
        let is_end = |frame: &serde_json::Value| frame["data"]["events"][0] == "presences.leased.delete";
        listener.wait_for(is_end, SOON).await.expect("it ends in time");
        let lived = written.elapsed();
        assert!((LEASE - Duration::from_millis(100)..LEASE + Duration::from_secs(1)).contains(&lived), "{lived:?}");

        // Only the log follows the wall clock: it shows that there was a jump at all.
        drop(listener);
        assert!(desk.server.stop().await.expect("it stops").success());
        let (first, last) = (hour_of_first(&desk.server.logs()), hour_of_last(&desk.server.logs()));
        assert_ne!(first, last, "the log did not jump: {}", desk.server.logs());
    }
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a text")
}

fn hour_of_first(log: &str) -> String {
    log.lines().next().unwrap_or_default().chars().take(13).collect()
}

fn hour_of_last(log: &str) -> String {
    log.lines().last().unwrap_or_default().chars().take(13).collect()
}
