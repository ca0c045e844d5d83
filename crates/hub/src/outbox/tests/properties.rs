//! Random frames against a random appetite: what a client knows in the end is what it should know.

use std::{collections::BTreeMap, sync::Arc};

use herenow_wire::close::CloseCode;
use proptest::prelude::*;
use serde_json::Value;

use super::{FakeClient, Flushed, event_of, reach};
use crate::{
    outbox::{self, Outbox, Scratch, SharedEvent},
    testing::Received,
};

const SUBSCRIPTIONS: u32 = 3;

#[derive(Debug, Clone)]
enum Step {
    /// A presence is written, for these subscriptions.
    Write {
        presence: usize,
        to: Vec<u32>,
        padding: usize,
    },
    /// Several presences are written after each other, as a run.
    Run {
        presences: Vec<usize>,
        to: Vec<u32>,
        padding: usize,
    },
    /// It ends; the next write begins another life.
    Delete {
        presence: usize,
        to: Vec<u32>,
    },
    /// A message for this client alone.
    Answer,
    /// The client takes so many bytes from now on.
    Room(usize),
    Flush,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let all = || (0..SUBSCRIPTIONS).collect::<Vec<_>>();
    let some = move || prop::sample::subsequence(all(), 1..=SUBSCRIPTIONS as usize);
    let subscriptions = move || prop_oneof![some(), Just(all())];
    let step = prop_oneof![
        6 => (0..4_usize, subscriptions(), 0..300_usize)
            .prop_map(|(presence, to, padding)| Step::Write { presence, to, padding }),
        3 => (prop::collection::vec(0..4_usize, 1..5), subscriptions(), 0..300_usize)
            .prop_map(|(presences, to, padding)| Step::Run { presences, to, padding }),
        2 => (0..4_usize, subscriptions()).prop_map(|(presence, to)| Step::Delete { presence, to }),
        1 => Just(Step::Answer),
        2 => prop_oneof![2 => 0..800_usize, 1 => Just(usize::MAX)].prop_map(Step::Room),
        4 => Just(Step::Flush),
    ];
    prop::collection::vec(step, 1..120)
}

/// A frame as it was put in.
#[derive(Debug)]
struct Put {
    id: String,
    to: Vec<u32>,
    is_delete: bool,
}

struct Run {
    client: FakeClient,
    outbox: Outbox,
    limit: usize,
    /// By number.
    put: BTreeMap<u64, Put>,
    answers: Vec<u64>,
    lives: [u64; 4],
    seq: u64,
    has_blocked: bool,
    /// What waited when the client blocked: it had gathered before.
    gathered: usize,
}

impl Run {
    fn new(limit: usize) -> Self {
        let client = FakeClient::hungry();
        let outbox = Outbox::new(Box::new(client.clone()), limit);
        Self {
            client,
            outbox,
            limit,
            put: BTreeMap::new(),
            answers: Vec::new(),
            lives: [1; 4],
            seq: 0,
            has_blocked: false,
            gathered: 0,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Write { presence, to, padding } => {
                let event = self.event(*presence, to, *padding, false);
                self.outbox.push_event(&event, reach(to));
            }
            Step::Run { presences, to, padding } => {
                let events = presences.iter().map(|presence| self.event(*presence, to, *padding, false)).collect();
                self.outbox.push_run(&Arc::new(outbox::Run::new(events)), &reach(to));
            }
            Step::Delete { presence, to } => {
                let event = self.event(*presence, to, 0, true);
                self.outbox.push_event(&event, reach(to));
                self.lives[*presence] = self.seq;
            }
            Step::Answer => {
                self.seq += 1;
                self.answers.push(self.seq);
                self.outbox.push_text(format!(r#"{{"seq":{}}}"#, self.seq));
            }
            Step::Room(room) => self.client.set_room(*room),
            Step::Flush => {
                let blocked = self.outbox.flush(&mut Scratch::new()) == Flushed::Blocked;
                self.has_blocked |= blocked;
                self.gathered = if blocked { self.outbox.inner.lock().waiting.bytes() } else { 0 };
            }
        }
        let inner = self.outbox.inner.lock();
        if inner.blocked && inner.closing.is_none() {
            let most = self.limit.max(self.gathered);
            assert!(inner.waiting.bytes() <= most, "{} bytes wait", inner.waiting.bytes());
        }
    }

    fn event(&mut self, presence: usize, to: &[u32], padding: usize, is_delete: bool) -> Arc<SharedEvent> {
        self.seq += 1;
        let id = format!("p{presence}");
        let event = event_of(&id, self.lives[presence], self.seq, padding);
        self.put.insert(self.seq, Put { id, to: to.to_vec(), is_delete });
        event
    }

    fn finish(&self) -> Vec<Received> {
        self.client.set_room(usize::MAX);
        self.outbox.flush(&mut Scratch::new());
        assert_eq!(self.outbox.waiting_bytes(), 0);
        self.client.received()
    }

    /// What one subscription knows of who is here, after these frames.
    fn view(&self, subscription: u32, numbers: impl Iterator<Item = u64>) -> BTreeMap<&str, u64> {
        let mut here = BTreeMap::new();
        for number in numbers {
            let Some(put) = self.put.get(&number).filter(|put| put.to.contains(&subscription)) else { continue };
            if put.is_delete {
                here.remove(&*put.id);
            } else {
                here.insert(&*put.id, number);
            }
        }
        here
    }
}

fn numbers(received: &[Received]) -> Vec<u64> {
    let number = |received: &Received| match received {
        Received::Json(json) => json["seq"].as_u64(),
        _ => None,
    };
    received.iter().filter_map(number).collect()
}

fn names_of(json: &Value) -> Vec<String> {
    let names = json["end"]["subscriptions"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn check_what_arrived(run: &Run, received: &[Received]) {
    let numbers = numbers(received);
    assert!(numbers.is_sorted_by(|one, other| one < other), "{numbers:?} must ascend");
    for frame in received {
        let Received::Json(json) = frame else { continue };
        let Some(put) = json["seq"].as_u64().and_then(|number| run.put.get(&number)) else { continue };
        let names: Vec<String> = put.to.iter().map(|number| format!("s{number}")).collect();
        assert_eq!(names_of(json), names);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_last_state_of_every_presence_arrives(steps in steps()) {
        let mut run = Run::new(1 << 20);
        for step in &steps {
            run.step(step);
        }
        let received = run.finish();
        check_what_arrived(&run, &received);
        let arrived = numbers(&received);
        for subscription in 0..SUBSCRIPTIONS {
            let truth = run.view(subscription, 1..=run.seq);
            prop_assert_eq!(run.view(subscription, arrived.iter().copied()), truth);
        }
        prop_assert!(run.answers.iter().all(|answer| arrived.contains(answer)), "answers are never dropped");
        let conflated = usize::try_from(run.outbox.conflated()).expect("few");
        prop_assert_eq!(arrived.len() + conflated, run.put.len() + run.answers.len());
        if !run.has_blocked {
            prop_assert_eq!(conflated, 0);
        }
    }

    #[test]
    fn memory_is_bounded_and_beyond_it_the_client_is_told_to_try_again_later(steps in steps(), limit in 200..2_000_usize) {
        let mut run = Run::new(limit);
        for step in &steps {
            run.step(step);
        }
        let closing = run.outbox.closing();
        let received = run.finish();
        check_what_arrived(&run, &received);
        match closing {
            Some(code) => {
                prop_assert_eq!(code, CloseCode::TryAgainLater);
                prop_assert!(run.has_blocked, "only who could not be written to is closed");
                prop_assert_eq!(received.last(), Some(&Received::Close(1013)));
            }
            None => {
                let conflated = usize::try_from(run.outbox.conflated()).expect("few");
                prop_assert_eq!(numbers(&received).len() + conflated, run.put.len() + run.answers.len());
            }
        }
    }
}
