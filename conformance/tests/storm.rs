//! Storms: a thousand sockets that are dropped at once and come back at once, and the limits that a server sets to how
//! many it takes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use herenow_conformance::desk::{Desk, SOON, refused};
use herenow_testkit::{
    Http, Opened, RateLimits, Received, ServerOptions, SignedIn, Socket, SocketOptions, await_until, now,
};
use tokio::{sync::watch, task::JoinSet};

const STORM: usize = 1_000;
/// For a thousand of anything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client's way through a restart.
struct Client {
    options: SocketOptions,
    refused: Arc<AtomicUsize>,
}

impl Client {
    /// Opens a socket; one that is refused for want of room comes again when it was told to.
    async fn open(&self) -> Socket {
        loop {
            match Socket::try_open(self.options.clone()).await.expect("the server answers") {
                Opened::Socket(mut socket) => {
                    socket.expect_connected(PATIENCE).await.expect("a greeting");
                    return *socket;
                }
                Opened::Refused(response) => {
                    assert_eq!(response.status, 503, "{}", response.text());
                    let after = response.header("retry-after").expect("a time to come again");
                    self.refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_secs(after.parse().expect("seconds"))).await;
                }
            }
        }
    }
}

/// How an old socket ended: the close code, if there was one, and when.
async fn end_of(socket: &mut Socket) -> (Option<u16>, Instant) {
    loop {
        match socket.receive(PATIENCE).await.expect("an end") {
            Received::Close(close) => return (close.code, now()),
            Received::End(_) => return (None, now()),
            _ => {}
        }
    }
}

/// A thousand clients of some users, each connected and listening.
async fn crowd(desk: &Desk, people: &[SignedIn], refused: &Arc<AtomicUsize>) -> Vec<(Client, Socket)> {
    let mut opening = JoinSet::new();
    for person in people.iter().cycle().take(STORM) {
        let options = desk.server.socket_options().header("X-Appwrite-Session", &person.token);
        let client = Client { options, refused: refused.clone() };
        opening.spawn(async move {
            let mut socket = client.open().await;
            socket.subscribe("s", &["presences"]).await.expect("a subscription");
            (client, socket)
        });
    }
    opening.join_all().await
}

#[tokio::test]
async fn a_thousand_sockets_that_a_restart_drops_all_come_back_at_once() {
    let mut desk = Desk::open().await;
    let mut people = Vec::new();
    for _ in 0..10 {
        people.push(desk.person().await);
    }
    let refused = Arc::new(AtomicUsize::new(0));
    let clients = crowd(&desk, &people, &refused).await;
    let (restarted, restart) = watch::channel(false);
    let mut living = JoinSet::new();
    for (client, mut socket) in clients {
        let mut restart = restart.clone();
        living.spawn(async move {
            let (code, at) = end_of(&mut socket).await;
            drop(socket);
            restart.wait_for(|restarted| *restarted).await.expect("the test goes on");
            let mut back = client.open().await;
            back.subscribe("s", &["presences"]).await.expect("a subscription");
            (code, at, back)
        });
    }
    desk.server.restart().await.expect("it stops in order and starts again");
    let started = now();
    restarted.send_replace(true);
    let mut back = living.join_all().await;
    println!("all back after {:?}, {} refusals", started.elapsed(), refused.load(Ordering::Relaxed));
    assert!(back.iter().all(|(code, _, _)| *code == Some(1012)), "every socket is told why");
    spread(back.iter().map(|(_, at, _)| *at).collect());
    // Each of them hears what happens now.
    let user = desk.user().await;
    desk.key = desk.server.as_key();
    desk.put("after", &user, &serde_json::json!({"permissions": ["read(\"users\")"]})).await;
    for (_, _, socket) in &mut back {
        let is_it = |frame: &serde_json::Value| frame["data"]["payload"]["$id"] == "after";
        socket.wait_for(is_it, PATIENCE).await.expect("it hears");
    }
}

/// Holds that the ends were spread: no tenth of a second had more than a third of them.
fn spread(mut ends: Vec<Instant>) {
    ends.sort();
    let window = Duration::from_millis(100);
    let within = |start: &Instant| ends.iter().filter(|end| *end >= start && **end < *start + window).count();
    let most = ends.iter().map(within).max().unwrap_or_default();
    assert!(most <= STORM / 3, "{most} of {STORM} sockets were closed within {window:?}");
}

#[tokio::test]
async fn a_thousand_sockets_that_a_crash_drops_come_back_too() {
    let mut desk = Desk::open().await;
    let people = [desk.person().await, desk.person().await];
    let refused = Arc::new(AtomicUsize::new(0));
    let clients = crowd(&desk, &people, &refused).await;
    desk.server.kill().await.expect("it dies");
    desk.server.restart().await.expect("it starts again");
    let mut coming = JoinSet::new();
    for (client, socket) in clients {
        drop(socket);
        coming.spawn(async move { client.open().await });
    }
    assert_eq!(coming.join_all().await.len(), STORM);
}

async fn connections(desk: &Desk) -> usize {
    let answer = Http::new(desk.server.address()).get("/metrics").await.expect("an answer").text();
    let line = answer.lines().find_map(|line| line.strip_prefix("herenow_connections ")).expect("a metric");
    line.parse().expect("a number")
}

/// Opens sockets until nobody answers any more.
async fn come_until_refused(options: SocketOptions) -> Vec<Socket> {
    let mut open = Vec::new();
    while let Ok(Opened::Socket(socket)) = Socket::try_open(options.clone()).await {
        open.push(*socket);
    }
    open
}

#[tokio::test]
async fn who_comes_while_the_server_stops_is_told_to_come_again() {
    let mut desk = Desk::open().await;
    let mut coming = JoinSet::new();
    for _ in 0..16 {
        coming.spawn(come_until_refused(desk.server.socket_options()));
    }
    let some = async || connections(&desk).await > 20;
    await_until("some have come", SOON, some).await.expect("they come");
    let asked = now();
    assert!(desk.server.stop().await.expect("it stops").success());
    println!("stopped after {:?}", asked.elapsed());
    let mut ends = Vec::new();
    for mut socket in coming.join_all().await.into_iter().flatten() {
        ends.push(end_of(&mut socket).await.0);
    }
    let untold = ends.iter().filter(|code| **code != Some(1012)).count();
    assert_eq!(untold, 0, "of {} some were told something else: {ends:?}", ends.len());
}

async fn try_open(options: SocketOptions) -> Opened {
    Socket::try_open(options).await.expect("the server answers")
}

#[tokio::test]
async fn beyond_its_most_connections_a_server_refuses_before_the_upgrade() {
    const MOST: usize = 5;
    let desk = Desk::with(ServerOptions::new().tables(&format!("[limits]\nmax_connections = {MOST}"))).await;
    let mut opening = JoinSet::new();
    for _ in 0..50 {
        opening.spawn(try_open(desk.server.socket_options()));
    }
    let mut open = Vec::new();
    for opened in opening.join_all().await {
        match opened {
            Opened::Socket(socket) => open.push(socket),
            Opened::Refused(answer) => {
                refused(&answer, 503, "general_overloaded");
                let seconds = answer.header("retry-after").and_then(|text| text.parse::<u32>().ok());
                assert!(seconds.is_some_and(|seconds| seconds >= 1), "{:?}", answer.headers);
            }
        }
    }
    assert_eq!(open.len(), MOST, "as many as it may take, also when all come at once");
    // One that goes makes room for another.
    open.pop().expect("an open one").close(1000).await.expect("the server answers");
    let room = async || matches!(try_open(desk.server.socket_options()).await, Opened::Socket(_));
    await_until("there is room", SOON, room).await.expect("there is");
    drop(open);
}

#[tokio::test]
async fn too_many_opens_of_one_address_are_refused_before_the_upgrade() {
    const MOST: usize = 5;
    let limits = format!("[limits]\nconnections_per_minute = {MOST}");
    let desk = Desk::with(ServerOptions::new().rate_limits(RateLimits::On).tables(&limits)).await;
    // Where a minute begins in between, twice as many may pass.
    let (mut passed, mut turned_away) = (0, 0);
    for _ in 0..3 * MOST {
        match try_open(desk.server.socket_options()).await {
            Opened::Socket(_) => passed += 1,
            Opened::Refused(answer) => {
                refused(&answer, 429, "general_rate_limit_exceeded");
                turned_away += 1;
            }
        }
    }
    assert!(passed >= MOST && turned_away >= MOST, "{passed} passed, {turned_away} did not");
}
