//! kill -9 in a loop, under load: what was acknowledged is there, what was acknowledged as ended is not, and nothing
//! else is. `HERENOW_LONG=1` makes the loop long.

mod journal;
mod readers;
mod writers;

use std::time::Duration;

use herenow_conformance::mirror::Mirror;
use herenow_testkit::{Http, Server, ServerOptions, await_until, random_bytes};
use serde_json::json;
use tokio::task::JoinSet;

use journal::Journals;
use readers::Reader;
use writers::{Kind, Writer};

/// For what happens soon on a busy machine.
const SOON: Duration = Duration::from_secs(30);
/// At most so many writes are acknowledged between two crashes.
const MOST_WRITES: u64 = 150;

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Killed,
    Stopped,
}

fn rounds() -> usize {
    if std::env::var("HERENOW_LONG").is_ok_and(|long| long == "1") { 50 } else { 8 }
}

/// Every presence, as the key sees it, on one page.
async fn whole_list(key: &Http) -> Mirror {
    let limit = json!({"method": "limit", "values": [5_000]}).to_string();
    let answer = key.request(http::Method::GET, "/v1/presences").query("queries[]", &limit).send().await;
    Mirror::of_list(&answer.expect("an answer").expect_status(200).expect("a list"))
}

/// Who is here is a user: of one who was being deleted when the server died nothing is left.
async fn assert_no_ghost(key: &Http, list: &Mirror) {
    for record in list.records().values() {
        let user = record["userId"].as_str().expect("a user");
        let answer = key.get(&format!("/v1/users/{user}")).await.expect("an answer");
        assert_eq!(answer.status.as_u16(), 200, "a ghost: {record}");
    }
}

async fn cast(server: &Server) -> Vec<Writer> {
    let mut writers = Vec::new();
    for kind in Kind::ALL {
        for _ in 0..2 {
            writers.push(Writer::new(server, kind).await.expect("a writer"));
        }
    }
    writers
}

/// Lets everybody write until enough was acknowledged, then ends the server in the midst of it.
async fn interrupt(server: &mut Server, writers: &mut Vec<Writer>, journals: &Journals, way: Way) {
    let mut writing = JoinSet::new();
    for mut writer in writers.drain(..) {
        let (server, journals) = (writers::Place::of(server), journals.clone());
        writing.spawn(async move {
            writer.write_until_interrupted(&server, &journals).await;
            writer
        });
    }
    let enough = journals.acknowledged() + 1 + u64::from_le_bytes(random_bytes()) % MOST_WRITES;
    await_until("enough writes", SOON, async || journals.acknowledged() >= enough).await.expect("writers write");
    match way {
        Way::Killed => server.kill().await.expect("it dies"),
        Way::Stopped => assert!(server.stop().await.expect("it stops").success(), "{}", server.logs()),
    }
    writers.extend(writing.join_all().await);
}

async fn survive(way: Way, mut readers: Vec<Reader>, server: &mut Server) {
    let (mut writers, journals) = (cast(server).await, Journals::default());
    for reader in &mut readers {
        reader.follow(server).await;
    }
    for round in 0..rounds() {
        let mut reading = JoinSet::new();
        for reader in readers.drain(..) {
            reading.spawn(reader.read_on(way));
        }
        interrupt(server, &mut writers, &journals, way).await;
        readers.extend(reading.join_all().await);
        server.restart().await.expect("it starts again");
        let list = whole_list(&server.as_key()).await;
        assert_no_ghost(&server.as_key(), &list).await;
        let wrong = journals.compare(list.records());
        assert!(wrong.is_empty(), "{way:?} in round {round}:\n{}", wrong.join("\n"));
        for reader in &mut readers {
            reader.follow(server).await;
        }
    }
    for reader in &mut readers {
        reader.agrees(server).await;
    }
    for mut writer in writers {
        writer.leave(&writers::Place::of(server)).await.expect("it leaves");
    }
    let key = server.as_key();
    let empty = async || whole_list(&key).await.records().is_empty();
    if await_until("everybody is gone", SOON, empty).await.is_err() {
        panic!("records that nobody holds: {:#?}", whole_list(&key).await.records());
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_ended_comes_back() {
    let mut server = Server::start(ServerOptions::new()).await.expect("a server");
    survive(Way::Killed, Vec::new(), &mut server).await;
}

#[tokio::test]
async fn readers_know_the_state_after_every_crash() {
    let mut server = Server::start(ServerOptions::new()).await.expect("a server");
    let readers = vec![Reader::new(&server).await, Reader::new(&server).await];
    survive(Way::Killed, readers, &mut server).await;
}

#[tokio::test]
async fn an_orderly_restart_loses_nothing_either() {
    let mut server = Server::start(ServerOptions::new()).await.expect("a server");
    let readers = vec![Reader::new(&server).await];
    survive(Way::Stopped, readers, &mut server).await;
}
