//! The queue of one outbox: what waits, in order, and, while it conflates, where the newest frame of each presence is.
//!
//! Must not know why it conflates, what a client can take, or when the queue is too long.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{Incarnation, Reach, Run, SharedEvent};
use crate::{Position, page::Page, transport::Transport};

/// What an entry costs beside the bytes of its frame.
pub(crate) const ENTRY_BYTES: usize = 64;
/// So many leftovers are not worth tidying up.
const SLACK: usize = 32;

pub(super) enum Item {
    Event {
        event: Arc<SharedEvent>,
        reach: Arc<Reach>,
    },
    /// The events of a run from `next` on. None is there while events conflate: each must be found by itself.
    Run {
        run: Arc<Run>,
        next: usize,
        reach: Arc<Reach>,
    },
    Text(String),
    Framed(Vec<u8>),
    Position(Position),
    Page(Box<Page>),
    /// Conflated away.
    Gone,
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Event { event, reach } => event_bytes(event, reach),
            Self::Run { run, next, reach } => run.events[*next..].iter().map(|event| event_bytes(event, reach)).sum(),
            Self::Text(text) => ENTRY_BYTES + text.len(),
            Self::Framed(bytes) => ENTRY_BYTES + bytes.len(),
            Self::Position(_) | Self::Page(_) => ENTRY_BYTES,
            Self::Gone => 0,
        }
    }
}

fn event_bytes(event: &SharedEvent, reach: &Reach) -> usize {
    ENTRY_BYTES + event.frame.head.len() + reach.quoted.len()
}

#[derive(Default)]
pub(super) struct Waiting {
    queue: VecDeque<Item>,
    /// The number of the first item of the queue; the others follow.
    first: u64,
    bytes: usize,
    /// How many of the queue are gone.
    gone: usize,
    /// Presences in the pages of the queue.
    page_items: usize,
    conflates: bool,
    /// While it conflates: the number of the newest waiting frame of each presence; some have been taken since.
    newest: HashMap<Incarnation, u64>,
    conflated: u64,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The bytes of what waits, pages aside.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn page_items(&self) -> usize {
        self.page_items
    }

    pub(super) fn conflated(&self) -> u64 {
        self.conflated
    }

    /// Adds all events of a run as one entry. While it conflates each must be found by itself, and is pushed so.
    pub(super) fn push_run(&mut self, run: &Arc<Run>, reach: &Arc<Reach>) {
        debug_assert!(!self.conflates, "a run is no entry while events conflate");
        self.bytes += run.head_bytes + run.events.len() * (ENTRY_BYTES + reach.quoted.len());
        self.queue.push_back(Item::Run { run: run.clone(), next: 0, reach: reach.clone() });
    }

    pub(super) fn push(&mut self, item: Item) {
        match &item {
            Item::Event { event, reach } if self.conflates => {
                if let Some(key) = &event.key {
                    self.conflate(key, reach);
                    self.newest.insert(key.clone(), self.first + self.queue.len() as u64);
                }
            }
            Item::Page(page) => self.page_items += page.items.len(),
            _ => {}
        }
        self.bytes += item.bytes();
        self.queue.push_back(item);
        self.tidy();
    }

    /// From now on an event may take the place of an older one of its presence, as it may of those that wait already.
    pub(super) fn start_conflating(&mut self) {
        if !self.conflates {
            self.conflates = true;
            self.queue = std::mem::take(&mut self.queue).into_iter().flat_map(single).collect();
            self.find_newest();
            self.tidy();
        }
    }

    pub(super) fn stop_conflating(&mut self) {
        self.conflates = false;
        self.newest = HashMap::new();
    }

    pub(super) fn clear(&mut self) {
        let conflated = self.conflated;
        *self = Self { conflated, ..Self::default() };
    }

    /// Takes what waits out of the queue, framed into `scratch`, until that has about `limit` bytes.
    pub(super) fn fill(&mut self, scratch: &mut Vec<u8>, limit: usize, transport: &dyn Transport) {
        while scratch.len() < limit {
            let Some(item) = self.queue.front_mut() else { break };
            match item {
                Item::Page(page) => {
                    let before = page.items.len();
                    let goes_on = page.fill(scratch, limit, transport);
                    self.page_items -= before - page.items.len();
                    if goes_on {
                        continue;
                    }
                }
                Item::Run { run, next, reach } => {
                    while let Some(event) = run.events.get(*next).filter(|_| scratch.len() < limit) {
                        transport.frame_event(scratch, event, reach);
                        self.bytes -= event_bytes(event, reach);
                        *next += 1;
                    }
                    if *next < run.events.len() {
                        continue;
                    }
                }
                _ => frame(item, scratch, transport),
            }
            if let Some(item) = self.queue.pop_front() {
                self.bytes -= item.bytes();
                self.gone -= usize::from(matches!(item, Item::Gone));
                self.first += 1;
            }
        }
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
    }

    /// The run that is all that waits, where it is.
    pub(super) fn lone_run(&self) -> Option<(&Arc<Run>, usize, &Arc<Reach>)> {
        match self.queue.front() {
            Some(Item::Run { run, next, reach }) if self.queue.len() == 1 => Some((run, *next, reach)),
            _ => None,
        }
    }

    /// Takes so many events out of the run that is all that waits.
    pub(super) fn take_of_run(&mut self, events: usize) {
        if events == 0 {
            return;
        }
        let Some(Item::Run { run, next, .. }) = self.queue.front_mut() else { return };
        *next += events;
        if *next == run.events.len() {
            self.first += 1;
            self.queue = VecDeque::new();
        }
        self.bytes = self.queue.front().map_or(0, Item::bytes);
    }

    /// Drops the newest waiting frame of this presence, where `reach` makes up for it.
    fn conflate(&mut self, key: &Incarnation, reach: &Reach) {
        let Some(&number) = self.newest.get(key) else { return };
        let Some(index) = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok()) else { return };
        let Some(item) = self.queue.get_mut(index) else { return };
        if matches!(item, Item::Event { reach: waiting, .. } if reach.covers(waiting)) {
            self.bytes -= item.bytes();
            *item = Item::Gone;
            self.gone += 1;
            self.conflated += 1;
        }
    }

    fn find_newest(&mut self) {
        self.newest.clear();
        for index in 0..self.queue.len() {
            if let Item::Event { event, reach } = &self.queue[index] {
                let Some(key) = event.key.clone() else { continue };
                let reach = reach.clone();
                self.conflate(&key, &reach);
                self.newest.insert(key, self.first + index as u64);
            }
        }
    }

    /// Keeps leftovers in proportion to what waits, however long a client stays behind.
    fn tidy(&mut self) {
        if self.gone > SLACK.max(self.queue.len() / 2) {
            self.queue.retain(|item| !matches!(item, Item::Gone));
            self.gone = 0;
            self.find_newest();
        }
        if self.newest.len() > SLACK + 2 * self.queue.len() {
            let first = self.first;
            self.newest.retain(|_, number| *number >= first);
        }
    }

    /// How many entries of whatever kind it keeps.
    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.queue.len() + self.newest.len()
    }
}

fn frame(item: &Item, scratch: &mut Vec<u8>, transport: &dyn Transport) {
    match item {
        Item::Event { event, reach } => transport.frame_event(scratch, event, reach),
        Item::Text(text) => transport.frame_text(scratch, &[text.as_bytes()], None),
        Item::Framed(bytes) => scratch.extend_from_slice(bytes),
        Item::Position(position) => transport.frame_position(scratch, position),
        Item::Page(_) | Item::Run { .. } | Item::Gone => {}
    }
}

/// The same with each event by itself.
fn single(item: Item) -> Vec<Item> {
    match item {
        Item::Run { run, next, reach } => {
            let event = |event: &Arc<SharedEvent>| Item::Event { event: event.clone(), reach: reach.clone() };
            run.events[next..].iter().map(event).collect()
        }
        other => vec![other],
    }
}
