//! What waits to be sent to one client: bounded in bytes, conflating while the client cannot take more.
//!
//! Knows nothing of subscriptions, projects or sockets; the [`Transport`] frames and writes.
//! Source: architecture, "Hub"; semantics 17; decisions, Presences.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::Arc,
};

use herenow_core::PresenceId;
use herenow_wire::{close::CloseCode, realtime::EventFrame};
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::{page::Page, transport::Transport};

/// So many bytes are framed for one write.
const WRITE_BYTES: usize = 64 * 1024;
/// What an entry costs beside the bytes of its frame.
const ENTRY_BYTES: usize = 64;

/// One life of a presence: its id and the number of its creation. A later record of the same id is another.
pub type Incarnation = (PresenceId, u64);

/// An event as all its receivers share it.
#[derive(Debug)]
pub struct SharedEvent {
    /// Whose.
    pub key: Incarnation,
    /// The frame without the subscription ids.
    pub frame: EventFrame,
}

/// Which of a client's subscriptions a frame reaches.
#[derive(Debug, PartialEq, Eq)]
pub struct Reach {
    /// Their numbers, ascending.
    pub subscriptions: SmallVec<[u32; 2]>,
    /// Their ids, quoted, with commas.
    pub quoted: String,
}

impl Reach {
    fn covers(&self, other: &Self) -> bool {
        other.subscriptions.iter().all(|number| self.subscriptions.binary_search(number).is_ok())
    }
}

/// How a flush ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing waits.
    Done,
    /// The client cannot take more now.
    Blocked,
    /// The close frame has gone out, or the client is gone: nothing will follow.
    Ended,
}

/// Whether a push made the outbox one that has to be flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It was empty: somebody has to flush it.
    First,
    /// It will be flushed anyway, or never again.
    Behind,
}

enum Item {
    Event {
        event: Arc<SharedEvent>,
        reach: Arc<Reach>,
    },
    Text(String),
    Framed(Vec<u8>),
    Page(Page),
    /// Conflated away.
    Gone,
}

impl Item {
    fn bytes(&self) -> usize {
        ENTRY_BYTES
            + match self {
                Self::Event { event, reach } => event.frame.head.len() + reach.quoted.len(),
                Self::Text(text) => text.len(),
                Self::Framed(bytes) => bytes.len(),
                Self::Page(_) | Self::Gone => 0,
            }
    }
}

#[derive(Default)]
struct Inner {
    queue: VecDeque<Item>,
    /// The number of the first item of the queue, counted from the first ever.
    first: u64,
    bytes: usize,
    /// Framed bytes that a write left over.
    unsent: Vec<u8>,
    blocked: bool,
    /// While blocked: the number of the newest waiting item of each presence.
    newest: HashMap<Incarnation, u64>,
    closing: Option<CloseCode>,
    ended: bool,
    conflated: u64,
}

/// The outbox of one client.
pub struct Outbox {
    inner: Mutex<Inner>,
    limit_bytes: usize,
    transport: Box<dyn Transport>,
}

impl Outbox {
    /// An outbox that holds at most `limit_bytes` while its client cannot take more.
    #[must_use]
    pub fn new(transport: Box<dyn Transport>, limit_bytes: usize) -> Self {
        Self { inner: Mutex::default(), limit_bytes, transport }
    }

    /// Adds an event; while the client cannot take more it may take the place of an older one of the same presence.
    pub fn push_event(&self, event: &Arc<SharedEvent>, reach: &Arc<Reach>) -> Pushed {
        let mut inner = self.inner.lock();
        if inner.blocked {
            inner.conflate(&event.key, reach);
        }
        self.push(&mut inner, Item::Event { event: event.clone(), reach: reach.clone() })
    }

    /// Adds a text message for this client alone.
    pub fn push_text(&self, text: String) -> Pushed {
        self.push(&mut self.inner.lock(), Item::Text(text))
    }

    /// Adds bytes that are framed already, such as a pong.
    pub fn push_framed(&self, bytes: Vec<u8>) -> Pushed {
        self.push(&mut self.inner.lock(), Item::Framed(bytes))
    }

    /// Adds a page of presences, encoded only as the client takes them.
    pub fn push_page(&self, page: Page) -> Pushed {
        self.push(&mut self.inner.lock(), Item::Page(page))
    }

    /// Ends it: what waits goes out first where `code` is the end of an orderly life, else is dropped.
    pub fn close(&self, code: CloseCode) {
        let mut inner = self.inner.lock();
        if inner.closing.is_none() && !inner.ended {
            if code == CloseCode::TryAgainLater {
                inner.drop_waiting();
            }
            inner.closing = Some(code);
        }
        self.transport.wake();
    }

    /// With which code it was closed, if it was.
    #[must_use]
    pub fn closing(&self) -> Option<CloseCode> {
        self.inner.lock().closing
    }

    /// How many bytes wait.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        let inner = self.inner.lock();
        inner.bytes + inner.unsent.len()
    }

    /// How many frames were conflated away so far.
    #[must_use]
    pub fn conflated(&self) -> u64 {
        self.inner.lock().conflated
    }

    fn push(&self, inner: &mut Inner, item: Item) -> Pushed {
        if inner.ended || inner.closing.is_some() {
            return Pushed::Behind;
        }
        let was_empty = inner.queue.is_empty();
        if inner.blocked
            && let Item::Event { event, .. } = &item
        {
            let number = inner.first + inner.queue.len() as u64;
            inner.newest.insert(event.key.clone(), number);
        }
        inner.bytes += item.bytes();
        inner.queue.push_back(item);
        if inner.blocked && inner.bytes > self.limit_bytes {
            inner.drop_waiting();
            inner.closing = Some(CloseCode::TryAgainLater);
            self.transport.wake();
        }
        if was_empty && !inner.blocked { Pushed::First } else { Pushed::Behind }
    }

    /// Writes what waits, as much as the client takes. `scratch` is a buffer to frame in, used again and again.
    pub fn flush(&self, scratch: &mut Vec<u8>) -> Flushed {
        let mut inner = self.inner.lock();
        if inner.ended && inner.unsent.is_empty() {
            return Flushed::Ended;
        }
        loop {
            let unsent = std::mem::take(&mut inner.unsent);
            scratch.clear();
            let bytes = if unsent.is_empty() {
                inner.fill(scratch, &*self.transport);
                &scratch[..]
            } else {
                &unsent[..]
            };
            if bytes.is_empty() {
                inner.blocked = false;
                inner.newest = HashMap::new();
                if inner.ended {
                    self.transport.wake();
                    return Flushed::Ended;
                }
                return Flushed::Done;
            }
            match self.transport.try_write(bytes) {
                Ok(written) if written == bytes.len() => {}
                Ok(written) => inner.unsent = bytes[written..].to_vec(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    inner.unsent = bytes.to_vec();
                    inner.block();
                    self.transport.wake();
                    return Flushed::Blocked;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => inner.unsent = bytes.to_vec(),
                Err(_) => {
                    inner.drop_waiting();
                    inner.ended = true;
                    self.transport.wake();
                    return Flushed::Ended;
                }
            }
        }
    }
}

impl Inner {
    /// Drops the waiting frame of this presence, where `reach` makes up for it.
    fn conflate(&mut self, key: &Incarnation, reach: &Reach) {
        let Some(&number) = self.newest.get(key) else { return };
        let Some(index) = number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok()) else { return };
        if let Some(item @ Item::Event { .. }) = self.queue.get_mut(index) {
            let Item::Event { reach: waiting, .. } = &*item else { unreachable!("matched above") };
            if reach.covers(waiting) {
                self.bytes -= item.bytes() - ENTRY_BYTES;
                *item = Item::Gone;
                self.conflated += 1;
            }
        }
    }

    /// The client cannot take more: from now on, the newest of each presence can be found.
    fn block(&mut self) {
        if self.blocked {
            return;
        }
        self.blocked = true;
        for (index, item) in self.queue.iter().enumerate() {
            if let Item::Event { event, .. } = item {
                self.newest.insert(event.key.clone(), self.first + index as u64);
            }
        }
    }

    fn drop_waiting(&mut self) {
        self.first += self.queue.len() as u64;
        self.queue = VecDeque::new();
        self.newest = HashMap::new();
        self.bytes = 0;
    }

    /// Frames what waits into `scratch`, up to [`WRITE_BYTES`], and the close frame behind it.
    fn fill(&mut self, scratch: &mut Vec<u8>, transport: &dyn Transport) {
        while scratch.len() < WRITE_BYTES {
            let Some(item) = self.queue.front_mut() else { break };
            if let Item::Page(page) = item {
                if page.fill(scratch, WRITE_BYTES, transport) {
                    continue;
                }
            } else {
                frame(item, scratch, transport);
            }
            if let Some(item) = self.queue.pop_front() {
                self.bytes -= item.bytes();
                self.first += 1;
            }
        }
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
            if let Some(code) = self.closing
                && !self.ended
            {
                transport.frame_close(scratch, code);
                self.ended = true;
            }
        }
    }
}

fn frame(item: &Item, scratch: &mut Vec<u8>, transport: &dyn Transport) {
    match item {
        Item::Event { event, reach } => {
            let parts = [event.frame.head.as_bytes(), reach.quoted.as_bytes(), EventFrame::TAIL.as_bytes()];
            transport.frame_text(scratch, &parts);
        }
        Item::Text(text) => transport.frame_text(scratch, &[text.as_bytes()]),
        Item::Framed(bytes) => scratch.extend_from_slice(bytes),
        Item::Page(_) | Item::Gone => {}
    }
}
