//! The cases: each prepares, then measures.

use std::{io, sync::Arc};

use herenow_core::{
    ConnectionId,
    order::{Entry, Mark, Sight},
    query::RealtimeQueries,
    tracker::{Change, Count, ListOptions},
};
use herenow_hub::{
    Hub, Wish,
    outbox::{Outbox, Scratch},
    transport::Transport,
};
use herenow_wire::realtime::{EventFrame, EventKind, PresenceAction, SubscribeRow, parse};

use crate::{
    crowd::{NOW, away, decided, project, tracker, upsert, viewer},
    measured,
};

/// Records in a tracker.
const RECORDS: usize = 5_000;
/// Repetitions of what is small.
const TIMES: usize = 1_000;
/// Connections that hear an event.
const LISTENERS: u64 = 1_000;

/// Every case by its name.
pub(crate) const ALL: [(&str, fn()); 9] = [
    ("parse", parse_frames),
    ("decide", decide),
    ("apply", apply),
    ("list", list),
    ("scan", scan),
    ("filter", filter),
    ("encode", encode),
    ("fan_out", fan_out),
    ("fan_out_to_one", fan_out_to_one),
];

/// Messages of clients.
fn parse_frames() {
    let frames = [
        r#"{"type":"presence","data":{"status":"online","presenceId":"6a6dcc1e000000000001","metadata":{"page":"/a","line":3}}}"#,
        r#"{"type":"subscribe","data":[{"subscriptionId":"s1","channels":["presences"],"queries":["{\"method\":\"equal\",\"attribute\":\"status\",\"values\":[\"online\",\"away\"]}"]}]}"#,
        r#"{"type":"ping"}"#,
    ];
    measured(|| {
        for _ in 0..TIMES {
            frames.iter().for_each(|frame| drop(std::hint::black_box(parse(frame)).expect("a frame")));
        }
    });
}

/// What writes of users who are here change.
fn decide() {
    let tracker = tracker(RECORDS);
    let commands: Vec<_> = (0..TIMES).map(|user| upsert(user * 3, 1)).collect();
    measured(|| commands.iter().map(|command| decided(&tracker, command)).collect::<Vec<_>>());
}

/// The same, applied one after the other.
fn apply() {
    let mut tracker = tracker(RECORDS);
    let mut following = crate::crowd::tracker(RECORDS);
    let changes: Vec<Change> = (0..TIMES)
        .map(|user| {
            let change = decided(&following, &upsert(user * 3, 1));
            following.fold(&change);
            change
        })
        .collect();
    measured(|| changes.iter().for_each(|change| tracker.fold(change)));
}

/// Lists of 25 by status, of a user with ten roles.
fn list() {
    let (tracker, query, viewer) = (tracker(RECORDS), away(), viewer(1));
    let options = ListOptions { count: Count::Nothing, seed: 0 };
    measured(|| {
        for _ in 0..TIMES / 10 {
            drop(std::hint::black_box(tracker.list(&query, &viewer, NOW, options)));
        }
    });
}

/// One list with its exact total: a look at every record.
fn scan() {
    let (tracker, query, viewer) = (tracker(4 * RECORDS), away(), viewer(1));
    let page = measured(|| tracker.list(&query, &viewer, NOW, ListOptions { count: Count::All, seed: 0 }));
    assert_eq!(page.expect("a page").total, RECORDS);
}

/// Whether events match a subscription.
fn filter() {
    let texts = [
        r#"{"method":"equal","attribute":"status","values":["online","away"]}"#.to_owned(),
        r#"{"method":"notEqual","attribute":"userId","values":["6a6dcc1f000000000001"]}"#.to_owned(),
    ];
    let queries = RealtimeQueries::parse(&texts).expect("queries");
    let presences: Vec<_> = tracker(TIMES).records().map(|record| record.presence.clone()).collect();
    let matching = measured(|| presences.iter().filter(|presence| queries.matches(&***presence)).count());
    assert!(matching > TIMES / 3);
}

/// Events from presences.
fn encode() {
    let presences: Vec<_> = tracker(TIMES).records().map(|record| record.presence.clone()).collect();
    let event = |presence| EventFrame::presence(presence, PresenceAction::Upsert, NOW, "epoch", 7, EventKind::Change);
    measured(|| presences.iter().map(|presence| event(presence).head.len()).sum::<usize>());
}

/// A client that takes everything.
struct Hungry;

impl Transport for Hungry {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn frames_alike(&self) -> bool {
        true
    }

    fn wake(&self) {}
}

/// A hub whose connections listen to what `channel` says for each.
fn hub(channel: impl Fn(u64) -> String) -> Hub {
    let hub = Hub::default();
    for number in 0..LISTENERS {
        let connection = ConnectionId(number);
        let outbox = Arc::new(Outbox::new(Box::new(Hungry), 256 * 1024));
        hub.register(connection, project(), viewer(usize::try_from(number).expect("few")), outbox);
        let row = SubscribeRow {
            id: Some(format!("subscription{number}")),
            channels: vec![channel(number)],
            queries: RealtimeQueries::default(),
            since: None,
        };
        hub.wish(number, connection, Wish::Subscribe { rows: vec![row], reply: None });
        let mark = Mark { ticket: number, seq: 0, at: NOW, sight: Sight::Nothing };
        hub.deliver(&Entry::Mark { project: project(), epoch: "epoch".into(), mark });
    }
    hub.flush(&mut Scratch::new());
    hub
}

fn entries(changes: usize) -> Vec<Entry> {
    let tracker = tracker(RECORDS);
    let change = |user| {
        let change = Arc::new(decided(&tracker, &upsert(user, 1)));
        Entry::Change { project: project(), epoch: "epoch".into(), change }
    };
    (0..changes).map(change).collect()
}

fn deliver(hub: &Hub, entries: &[Entry]) {
    let mut scratch = Scratch::new();
    measured(|| {
        for entry in entries {
            hub.deliver(entry);
            hub.flush(&mut scratch);
        }
    });
}

/// Ten events that everybody hears.
fn fan_out() {
    let (hub, entries) = (hub(|_| "presences".to_owned()), entries(10));
    deliver(&hub, &entries);
    assert_eq!(hub.counts().deliveries, 10 * LISTENERS);
}

/// Events of which each is heard by one of many.
fn fan_out_to_one() {
    let (hub, entries) = (hub(|number| format!("presences.6a6dcc1e000000{number:06}")), entries(TIMES));
    deliver(&hub, &entries);
    assert_eq!(hub.counts().deliveries, LISTENERS);
}
