//! A connection between a client and the server: two streams of bytes of limited width that can be slow, or break.
//!
//! Nothing moves by itself: the simulation carries bytes and breaks the line.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use herenow_core::Timestamp;
use herenow_hub::transport::Transport;
use parking_lot::Mutex;

/// Bytes that are not acknowledged for so long end a connection, as the server tells the kernel.
pub(crate) const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// A line that broke in silence is noticed after so long at the latest.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Whole,
    /// Nothing passes any more, and the server does not know.
    CutAt(Timestamp),
    /// The server knows.
    Reset,
}

struct Wire {
    line: Line,
    /// From the server, not yet at the client.
    down: VecDeque<u8>,
    window: usize,
    /// Since when the oldest of them wait.
    down_since: Option<Timestamp>,
    /// From the client, not yet at the server.
    up_flight: VecDeque<u8>,
    up: Vec<u8>,
    client_finished: bool,
    server_finished: bool,
    bell: bool,
    waker: Option<Waker>,
    now: Timestamp,
}

/// A connection, seen from both ends.
pub(crate) struct Pipe(Mutex<Wire>);

/// What the server finds when it reads.
pub(crate) enum Read {
    Bytes(Vec<u8>),
    Nothing,
    /// The end of the stream, or an error.
    Gone,
}

impl Pipe {
    pub(crate) fn new(window: usize, now: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Wire {
            line: Line::Whole,
            down: VecDeque::new(),
            window,
            down_since: None,
            up_flight: VecDeque::new(),
            up: Vec::new(),
            client_finished: false,
            server_finished: false,
            bell: false,
            waker: None,
            now,
        })))
    }

    // The server's end.

    pub(crate) fn read(&self) -> Read {
        let mut wire = self.0.lock();
        if wire.line == Line::Reset {
            return Read::Gone;
        }
        if !wire.up.is_empty() {
            return Read::Bytes(std::mem::take(&mut wire.up));
        }
        let over = wire.client_finished && wire.up_flight.is_empty() && wire.line == Line::Whole;
        if over { Read::Gone } else { Read::Nothing }
    }

    pub(crate) fn take_bell(&self) -> bool {
        std::mem::take(&mut self.0.lock().bell)
    }

    pub(crate) fn is_readable(&self) -> bool {
        let wire = self.0.lock();
        let over = wire.client_finished && wire.up_flight.is_empty() && wire.line == Line::Whole;
        !wire.up.is_empty() || wire.line == Line::Reset || over
    }

    pub(crate) fn is_writable(&self) -> bool {
        let wire = self.0.lock();
        wire.down.len() < wire.window || wire.line == Line::Reset
    }

    pub(crate) fn wake_when_changed(&self, context: &Context<'_>) {
        self.0.lock().waker = Some(context.waker().clone());
    }

    /// The server writes no more.
    pub(crate) fn finish(&self) {
        self.0.lock().server_finished = true;
    }

    // The client's end.

    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut wire = self.0.lock();
        if wire.line == Line::Whole {
            wire.up_flight.extend(bytes);
        }
    }

    /// The client writes no more.
    pub(crate) fn hang_up(&self) {
        self.0.lock().client_finished = true;
        self.changed();
    }

    /// Up to `limit` bytes arrive at the client; and whether the server has finished and these were the last.
    pub(crate) fn receive(&self, limit: usize) -> (Vec<u8>, bool) {
        let mut wire = self.0.lock();
        if wire.line != Line::Whole {
            return (Vec::new(), false);
        }
        let count = limit.min(wire.down.len());
        let bytes: Vec<u8> = wire.down.drain(..count).collect();
        wire.down_since = (!wire.down.is_empty()).then_some(wire.now);
        let last = wire.server_finished && wire.down.is_empty();
        drop(wire);
        self.changed();
        (bytes, last)
    }

    // The simulation's hand.

    /// Up to `limit` bytes arrive at the server.
    pub(crate) fn carry_up(&self, limit: usize) {
        let mut wire = self.0.lock();
        let count = limit.min(wire.up_flight.len());
        let bytes: Vec<u8> = wire.up_flight.drain(..count).collect();
        wire.up.extend(bytes);
        drop(wire);
        self.changed();
    }

    pub(crate) fn has_up(&self) -> bool {
        !self.0.lock().up_flight.is_empty()
    }

    pub(crate) fn has_down(&self) -> bool {
        let wire = self.0.lock();
        wire.line == Line::Whole && (!wire.down.is_empty() || wire.server_finished)
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.0.lock().line == Line::Whole
    }

    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.0.lock().line, Line::CutAt(_))
    }

    /// Nothing passes any more; the server does not know it yet.
    pub(crate) fn cut(&self) {
        let mut wire = self.0.lock();
        if wire.line == Line::Whole {
            wire.line = Line::CutAt(wire.now);
            wire.up_flight.clear();
        }
    }

    /// The server finds out that the line is broken.
    pub(crate) fn reset(&self) {
        let mut wire = self.0.lock();
        wire.line = Line::Reset;
        wire.up_flight.clear();
        wire.up.clear();
        drop(wire);
        self.changed();
    }

    /// Time has passed: what a kernel would give up by now is given up.
    pub(crate) fn pass(&self, now: Timestamp) {
        let mut wire = self.0.lock();
        wire.now = now;
        let unacknowledged = wire.down_since.is_some_and(|since| since.plus(USER_TIMEOUT) <= now);
        let silent = matches!(wire.line, Line::CutAt(at) if at.plus(KEEPALIVE) <= now);
        let open = wire.line != Line::Reset;
        drop(wire);
        if open && (unacknowledged || silent) {
            self.reset();
        }
    }

    fn changed(&self) {
        let waker = self.0.lock().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The server's end of a pipe, as its outbox sees it.
pub(crate) struct ServerEnd(pub(crate) Arc<Pipe>);

impl Transport for ServerEnd {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.0.lock();
        if wire.line == Line::Reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let count = bytes.len().min(wire.window.saturating_sub(wire.down.len()));
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if wire.down.is_empty() {
            wire.down_since = Some(wire.now);
        }
        wire.down.extend(&bytes[..count]);
        Ok(count)
    }

    fn frames_alike(&self) -> bool {
        true
    }

    fn wake(&self) {
        self.0.0.lock().bell = true;
        self.0.changed();
    }
}
