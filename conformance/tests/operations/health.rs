//! Health, readiness and request ids tell the truth.

use herenow_conformance::desk::Desk;
use herenow_testkit::{ServerOptions, run};

#[tokio::test]
async fn the_health_command_asks_the_server_that_its_settings_start() {
    let mut desk = Desk::open().await;
    let address = desk.server.address().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let asked = run(folder.path(), &["health", "--listen", &address]).await.expect("it runs");
    assert!(asked.status.success(), "{asked:?}");
    desk.server.stop().await.expect("it stops");
    let asked = run(folder.path(), &["health", "--listen", &address]).await.expect("it runs");
    assert_eq!(asked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&asked.stderr).contains("nothing answers"), "{asked:?}");
    let asked = run(folder.path(), &["health", "--ops-listen", ""]).await.expect("it runs");
    assert!(String::from_utf8_lossy(&asked.stderr).contains("ops_listen is empty"), "{asked:?}");
}

#[tokio::test]
async fn a_request_id_is_in_the_answer_and_in_the_json_of_the_log() {
    let options = ServerOptions::new().settings("log = \"herenow_server=debug\"\nlog_format = \"json\"");
    let desk = Desk::with(options).await;
    let answer = desk.server.guest().get("/healthz").await.expect("an answer");
    let id = answer.header("x-request-id").expect("an id").to_owned();
    let line = async || {
        let logs = desk.server.logs();
        logs.lines().find(|line| line.contains(&id)).map(str::to_owned)
    };
    let there = async || line().await.is_some();
    let soon = herenow_conformance::desk::SOON;
    herenow_testkit::await_until("the request is logged", soon, there).await.expect("it is");
    let line: serde_json::Value = serde_json::from_str(&line().await.expect("a line")).expect("JSON");
    assert_eq!((&line["fields"]["request_id"], &line["fields"]["route"]), (&id.into(), &"/healthz".into()), "{line}");
}
