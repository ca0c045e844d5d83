//! The life of the process, played by a shell script in the server's place.

use rustix::process::test_kill_process;

use super::*;
use crate::await_until;

/// Says the line, logs its arguments, ends with 0 on SIGTERM. `$1` to `$3` are `serve --config FILE`.
const OBEDIENT: &str = r#"trap 'echo bye >&2; exit 0' TERM
echo "started with $*" >&2
echo "herenow: listening on http://127.0.0.1:${PORT:-4711}"
while :; do sleep 0.02 & wait $!; done"#;

fn scripted(script: &str) -> ServerOptions {
    ServerOptions::new().binary("herenow").launcher(&["sh", "-c", script])
}

async fn start(options: ServerOptions) -> Server {
    Server::start(options).await.expect("the script says that it listens")
}

#[tokio::test]
async fn a_started_server_knows_its_address() {
    let server = start(scripted(OBEDIENT)).await;
    assert_eq!(server.url(), "http://127.0.0.1:4711");
    assert_eq!(server.endpoint(), "http://127.0.0.1:4711/v1");
    assert_eq!(server.realtime_url(), "ws://127.0.0.1:4711/v1/realtime?project=test");
    assert!(server.data_dir().ends_with("data") && !server.data_dir().exists(), "the server makes its folder");
}

#[tokio::test]
async fn a_stopped_server_has_exited_cleanly_and_its_log_is_whole() {
    let mut server = start(scripted(OBEDIENT).argument("--extra")).await;
    let status = server.stop().await.expect("it obeys");
    assert!(status.success(), "{status}");
    let log = server.logs();
    assert!(log.contains("herenow.toml --no-rate-limits --extra") && log.ends_with("bye\n"), "{log}");
    server.stop().await.expect_err("it has ended");
}

#[tokio::test]
async fn a_killed_server_restarts_with_the_same_configuration() {
    // Below the range that the system hands out, so that no test beside this one gets it meanwhile.
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (20_000..30_000).find(is_free).expect("a free port").to_string();
    let options = scripted(OBEDIENT).environment("PORT", &port).rate_limits(RateLimits::On);
    let mut server = start(options).await;
    let (key, first) = (server.key().to_owned(), server.pid());
    server.kill().await.expect("it dies");
    server.reconfigure(|options| options.settings("close_grace = \"1s\""));
    server.restart().await.expect("it starts again");
    assert_ne!(server.pid(), first);
    assert_eq!(server.key(), key);
    let started = |server: &Server| server.logs().matches("started with").count();
    await_until("both have logged", KILL_DEADLINE, async || started(&server) == 2).await.expect("they have");
    let log = server.logs();
    assert!(log.contains(&format!("herenow.toml --listen 127.0.0.1:{port}")), "{log}");
    assert!(!log.contains("bye") && !log.contains("--no-rate-limits"), "{log}");
    let config = std::fs::read_to_string(server.folder.path().join("herenow.toml")).expect("the configuration");
    assert!(config.contains("close_grace = \"1s\"") && config.contains(&key), "{config}");
}

#[tokio::test]
async fn a_running_server_is_stopped_before_it_restarts() {
    let mut server = start(scripted(OBEDIENT)).await;
    server.restart().await.expect("it stops and starts again");
    assert!(server.logs().contains("bye"), "{}", server.logs());
    server.signal(Signal::TERM).expect("it runs");
    assert!(server.wait_exit(STOP_DEADLINE).await.expect("it obeys").success());
    server.restart().await.expect("one that has ended needs no stop");
}

#[tokio::test]
async fn a_server_that_fails_to_start_says_why() {
    let error = Server::start(scripted("echo 'the folder is in use' >&2; exit 1")).await.expect_err("it ends");
    let text = format!("{error:#}");
    assert!(text.contains("the folder is in use") && text.contains("exit status: 1"), "{text}");
}

#[tokio::test]
async fn a_chatty_server_does_not_block_on_its_log() {
    let chatty = "i=0; while [ $i -lt 5000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done
                  echo 'herenow: listening on http://127.0.0.1:1'; exec sleep 60";
    let server = start(scripted(chatty)).await;
    await_until("the whole log", KILL_DEADLINE, async || server.logs().lines().count() == 5000)
        .await
        .expect("every line is gathered");
}

#[tokio::test]
async fn a_dropped_server_is_gone_with_its_folder() {
    let server = start(scripted(OBEDIENT)).await;
    let (process, folder) = (server.process.id(), server.folder.path().to_owned());
    test_kill_process(process).expect("it runs");
    assert!(folder.exists());
    drop(server);
    test_kill_process(process).expect_err("it is gone");
    assert!(!folder.exists(), "{}", folder.display());
}
