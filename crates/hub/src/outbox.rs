//! What waits to be sent to one client: bounded in bytes, conflating while the client cannot take more.
//!
//! Knows nothing of subscriptions, projects or sockets; the [`Transport`] frames and writes.
//! Source: architecture, "Hub"; semantics 17; decisions, Presences.

mod scratch;
#[cfg(test)]
mod tests;
mod waiting;

use std::{
    io,
    sync::{Arc, OnceLock},
};

use herenow_core::PresenceId;
use herenow_wire::{close::CloseCode, realtime::EventFrame};
use parking_lot::Mutex;
use smallvec::SmallVec;

pub use self::scratch::Scratch;
pub(crate) use self::waiting::ENTRY_BYTES;
use self::waiting::{Item, Waiting};
use crate::{
    Position,
    frame::deflate::Deflated,
    meter::{Meter, Told},
    page::Page,
    transport::Transport,
};

/// So many bytes are framed for one write.
const WRITE_BYTES: usize = 64 * 1024;
/// Another page is taken only while no more presences than these wait in pages. A page costs a pointer or two for
/// each, and the first may be of any length, so they are not counted in bytes.
const MAX_PAGE_ITEMS: usize = 262_144;

/// One life of a presence: its id and the number of its creation. A later record of the same id is another.
pub type Incarnation = (PresenceId, u64);

/// An event as all its receivers share it.
#[derive(Debug)]
pub struct SharedEvent {
    /// Whose; none: it is news of its own, which no later one replaces.
    pub key: Option<Incarnation>,
    /// The frame without the subscription ids.
    pub frame: EventFrame,
    /// Where it completes what its receivers know, if anywhere.
    pub(crate) position: Option<Position>,
    /// The same deflated, once somebody gets it so; none where that gains nothing.
    deflated: OnceLock<Option<Deflated>>,
}

impl SharedEvent {
    /// An event of this presence.
    #[must_use]
    pub fn new(key: Incarnation, frame: EventFrame) -> Self {
        Self { key: Some(key), frame, position: None, deflated: OnceLock::new() }
    }

    /// An event that no later one replaces.
    #[must_use]
    pub fn lasting(frame: EventFrame) -> Self {
        Self { key: None, frame, position: None, deflated: OnceLock::new() }
    }

    /// The same, after which everything up to `position` has been told.
    #[must_use]
    pub fn completing(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }

    /// The frame without the subscription ids, deflated when it is first asked for; none where that gains nothing.
    pub fn deflated(&self) -> Option<&Deflated> {
        self.deflated.get_or_init(|| Deflated::of(self.frame.head.as_bytes())).as_ref()
    }
}

/// Events in their order that go to the same clients.
#[derive(Debug)]
pub struct Run {
    events: Vec<Arc<SharedEvent>>,
    /// The bytes of their frames without the subscription ids.
    head_bytes: usize,
}

impl Run {
    /// These events.
    #[must_use]
    pub fn new(events: Vec<Arc<SharedEvent>>) -> Self {
        let head_bytes = events.iter().map(|event| event.frame.head.len()).sum();
        Self { events, head_bytes }
    }
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

#[derive(Default)]
struct Inner {
    waiting: Waiting,
    /// Framed bytes that a write left over.
    unsent: Vec<u8>,
    blocked: bool,
    closing: Option<CloseCode>,
    ended: bool,
    told: Told,
}

/// Where bytes to be written are.
enum Source {
    /// Left over from a write before.
    Unsent(Vec<u8>),
    /// In the scratch, and nowhere else.
    Framed,
    /// In the scratch, the frames of a run, whose events are still in the queue.
    Run,
}

/// The outbox of one client.
pub struct Outbox {
    inner: Mutex<Inner>,
    limit_bytes: usize,
    transport: Box<dyn Transport>,
    meter: Arc<Meter>,
}

impl Outbox {
    /// An outbox that holds at most `limit_bytes` while its client cannot take more.
    #[must_use]
    pub fn new(transport: Box<dyn Transport>, limit_bytes: usize) -> Self {
        Self { inner: Mutex::default(), limit_bytes, transport, meter: Arc::default() }
    }

    /// The same, counted together with others.
    #[must_use]
    pub fn measured_by(mut self, meter: Arc<Meter>) -> Self {
        self.meter = meter;
        self
    }

    /// Adds an event; while the client cannot take more it may take the place of an older one of the same presence.
    pub fn push_event(&self, event: &Arc<SharedEvent>, reach: Arc<Reach>) -> Pushed {
        self.push(Item::Event { event: event.clone(), reach })
    }

    /// The same for a run of events that reach the same subscriptions.
    pub fn push_run(&self, run: &Arc<Run>, reach: &Arc<Reach>) -> Pushed {
        self.push_by(|outbox, inner| {
            if inner.blocked {
                for event in &run.events {
                    outbox.take(inner, Item::Event { event: event.clone(), reach: reach.clone() });
                }
            } else if inner.is_open() {
                inner.waiting.push_run(run, reach);
            }
        })
    }

    /// Adds a text message for this client alone.
    pub fn push_text(&self, text: String) -> Pushed {
        self.push(Item::Text(text))
    }

    /// Adds bytes that are framed already, such as a pong.
    pub fn push_framed(&self, bytes: Vec<u8>) -> Pushed {
        self.push(Item::Framed(bytes))
    }

    /// Adds that everything up to `position` has been told.
    pub fn push_position(&self, position: Position) -> Pushed {
        self.push(Item::Position(position))
    }

    /// Adds a page of presences, encoded only as the client takes them.
    pub fn push_page(&self, page: Page) -> Pushed {
        self.push(Item::Page(Box::new(page)))
    }

    /// Ends it: what waits goes out first where `code` is the end of an orderly life, else is dropped.
    pub fn close(&self, code: CloseCode) {
        let mut inner = self.inner.lock();
        // Also of a client that is gone already: how it was meant to end decides what becomes of what it held.
        if inner.closing.is_none() {
            if code == CloseCode::TryAgainLater {
                inner.waiting.clear();
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
        inner.waiting.bytes() + inner.unsent.len()
    }

    /// Whether all that was put in has been taken, and more may come: not where the client is gone and what waited with it.
    #[must_use]
    pub fn has_sent_all(&self) -> bool {
        let inner = self.inner.lock();
        inner.is_open() && inner.waiting.is_empty() && inner.unsent.is_empty()
    }

    /// How many frames were conflated away so far.
    #[must_use]
    pub fn conflated(&self) -> u64 {
        self.inner.lock().waiting.conflated()
    }

    fn push(&self, item: Item) -> Pushed {
        self.push_by(|outbox, inner| outbox.take(inner, item))
    }

    fn push_by(&self, put: impl FnOnce(&Self, &mut Inner)) -> Pushed {
        let mut inner = self.inner.lock();
        let is_first = inner.waiting.is_empty() && !inner.blocked && inner.is_open();
        put(self, &mut inner);
        if inner.blocked {
            inner.tell(&self.meter);
        }
        if is_first { Pushed::First } else { Pushed::Behind }
    }

    fn take(&self, inner: &mut Inner, item: Item) {
        // The one before may have been too many.
        if !inner.is_open() {
            return;
        }
        let too_many_pages = matches!(item, Item::Page(_)) && inner.waiting.page_items() > MAX_PAGE_ITEMS;
        if !too_many_pages {
            inner.waiting.push(item);
        }
        if too_many_pages || (inner.blocked && inner.waiting.bytes() > self.limit_bytes) {
            inner.waiting.clear();
            inner.closing = Some(CloseCode::TryAgainLater);
            self.transport.wake();
        }
    }

    /// Writes what waits, as much as the client takes.
    pub fn flush(&self, scratch: &mut Scratch) -> Flushed {
        let mut inner = self.inner.lock();
        let flushed = self.write(&mut inner, scratch);
        inner.tell(&self.meter);
        flushed
    }

    fn write(&self, inner: &mut Inner, scratch: &mut Scratch) -> Flushed {
        if inner.ended && inner.unsent.is_empty() {
            return Flushed::Ended;
        }
        loop {
            let source = inner.source(scratch, &*self.transport);
            let bytes = match &source {
                Source::Unsent(bytes) => bytes,
                Source::Framed => &scratch.bytes[..],
                Source::Run => scratch.framed(),
            };
            if bytes.is_empty() {
                inner.blocked = false;
                inner.waiting.stop_conflating();
                if inner.ended {
                    self.transport.wake();
                    return Flushed::Ended;
                }
                return Flushed::Done;
            }
            let outcome = self.transport.try_write(bytes);
            self.meter.sent(*outcome.as_ref().unwrap_or(&0));
            match outcome {
                Ok(written @ 1..) => inner.unsent = inner.rest(source, scratch, written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    inner.unsent = inner.rest(source, scratch, 0);
                    // Once: its task flushes when it is woken, and would wake itself for ever.
                    if !std::mem::replace(&mut inner.blocked, true) {
                        self.transport.wake();
                    }
                    inner.waiting.start_conflating();
                    return Flushed::Blocked;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    inner.unsent = inner.rest(source, scratch, 0);
                }
                // A transport that takes nothing and does not say why never will.
                Ok(0) | Err(_) => {
                    inner.waiting.clear();
                    inner.ended = true;
                    self.transport.wake();
                    return Flushed::Ended;
                }
            }
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let inner = self.inner.get_mut();
        inner.waiting.clear();
        inner.unsent.clear();
        inner.tell(&self.meter);
    }
}

impl Inner {
    /// Whether anything more may be put in.
    fn is_open(&self) -> bool {
        !self.ended && self.closing.is_none()
    }

    /// Brings what is known of all outboxes up to date with this one.
    fn tell(&mut self, meter: &Meter) {
        meter.tell(&mut self.told, self.waiting.bytes() + self.unsent.len(), self.waiting.conflated());
    }

    /// Finds what is to be written next.
    fn source(&mut self, scratch: &mut Scratch, transport: &dyn Transport) -> Source {
        if !self.unsent.is_empty() {
            return Source::Unsent(std::mem::take(&mut self.unsent));
        }
        if let Some((run, next, reach)) = self.waiting.lone_run()
            && scratch.frame_run(run, next, reach, transport)
        {
            return Source::Run;
        }
        scratch.bytes.clear();
        self.fill(&mut scratch.bytes, transport);
        Source::Framed
    }

    /// What is left to be sent of a source when so much of it is written. Of a run that is no more than the rest of one
    /// frame: what a client does not take must not become bytes of its own.
    fn rest(&mut self, source: Source, scratch: &Scratch, written: usize) -> Vec<u8> {
        match source {
            Source::Unsent(mut bytes) => {
                bytes.drain(..written);
                bytes
            }
            Source::Framed => scratch.bytes[written..].to_vec(),
            Source::Run => {
                let (events, rest) = scratch.cut(written);
                self.waiting.take_of_run(events);
                rest.to_vec()
            }
        }
    }

    /// Frames what waits into `scratch`, up to [`WRITE_BYTES`], and the close frame behind it.
    fn fill(&mut self, scratch: &mut Vec<u8>, transport: &dyn Transport) {
        self.waiting.fill(scratch, WRITE_BYTES, transport);
        if self.waiting.is_empty()
            && let Some(code) = self.closing
            && !self.ended
        {
            transport.frame_close(scratch, code);
            self.ended = true;
        }
    }
}
