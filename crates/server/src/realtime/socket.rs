//! One socket's life: read, understand, do, answer, until one side ends it.
//!
//! Source: realtime, section 3; semantics 7 to 9; decisions, Presences (which ends are clean).

use std::{cell::RefCell, future::poll_fn, io, sync::Arc, time::Duration};

use herenow_core::{Timestamp, tracker::SocketEnd};
use herenow_hub::{
    connection::{Protocol, ProtocolLimits, Signal},
    frame::{Compression, encode},
    outbox::{Flushed, Outbox},
};
use herenow_wire::{close::CloseCode, realtime};
use tokio::{net::TcpStream, sync::Notify};

use super::{
    seats::Seat,
    session::{Session, flush},
    transport::finish,
};
use crate::config::RateLimits;

/// So many bytes are read at a time, into a buffer that the thread's sockets share.
const READ_BYTES: usize = 16 * 1024;
/// How long a client has to answer our close frame before the connection is dropped.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

thread_local! {
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// A WebSocket that is open.
pub(super) struct Socket {
    pub(super) session: Session,
    pub(super) stream: Arc<TcpStream>,
    pub(super) bell: Arc<Notify>,
    /// What it takes up, given back with it.
    pub(super) _seat: Seat,
}

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client closed it.
    Clean,
    /// The server did.
    ByUs(CloseCode),
    /// It was lost.
    Lost,
}

impl End {
    /// As it is counted.
    fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::ByUs(code) => code.name(),
            Self::Lost => "lost",
        }
    }
}

impl Socket {
    /// Lives until one side ends it, then ends what it held.
    pub(super) async fn run(self: Box<Self>, early: Vec<u8>, compression: Compression) {
        let limits = &self.session.app.config.limits;
        let rate = if self.session.app.config.rate_limits == RateLimits::On { limits.messages_per_minute } else { 0 };
        let limits = ProtocolLimits { message_bytes: limits.max_message_bytes, messages_per_minute: rate };
        let mut protocol = Protocol::new(limits, self.session.app.clock.now()).with_compression(compression);
        let end = self.live(&mut protocol, early).await;
        Box::pin(self.bury(end)).await;
    }

    /// An idle socket waits in here: what it keeps meanwhile must be small. So what is done for a message is boxed, and
    /// readiness is polled: the futures of `readable` and `writable` are larger than what they wait for.
    async fn live(&self, protocol: &mut Protocol, early: Vec<u8>) -> End {
        self.session.flush();
        if !early.is_empty()
            && let Some(end) = Box::pin(self.take(protocol, early)).await
        {
            return end;
        }
        let mut state = Flushed::Done;
        loop {
            let closing = self.session.outbox.closing();
            if state == Flushed::Ended {
                return closing.map_or(End::Lost, End::ByUs);
            }
            let silence = self.session.app.clock.now().until(protocol.next_tick());
            tokio::select! {
                biased;
                () = self.bell.notified() => state = self.session.flush(),
                written = poll_fn(|context| self.stream.poll_write_ready(context)), if state == Flushed::Blocked => {
                    state = if written.is_ok() { self.session.flush() } else { Flushed::Ended };
                }
                // Reading goes on while the client does not: it may still have something to say.
                readable = poll_fn(|context| self.stream.poll_read_ready(context)) => {
                    if readable.is_err() {
                        return End::Lost;
                    }
                    if let Some(end) = Box::pin(self.read(protocol)).await {
                        return end;
                    }
                }
                () = tokio::time::sleep(if closing.is_some() { CLOSE_PATIENCE } else { silence }) => {
                    // A close frame that cannot be written gets its chance, and no more.
                    if let Some(code) = closing {
                        return End::ByUs(code);
                    }
                    if let Some(ping) = protocol.tick(self.session.app.clock.now()) {
                        self.session.outbox.push_framed(ping);
                        state = self.session.flush();
                    }
                }
            }
        }
    }

    async fn read(&self, protocol: &mut Protocol) -> Option<End> {
        let now = self.session.app.clock.now();
        let signals = READ_BUFFER.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
            Ok(0) => Err(Some(End::Lost)),
            Ok(bytes) => Ok(signals(protocol, &mut buffer[..bytes], now)),
            // It has said nothing: what it was told meanwhile, it may not know.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(None),
            Err(_) => Err(Some(End::Lost)),
        });
        match signals {
            Ok(signals) => self.heed(signals).await,
            Err(end) => end,
        }
    }

    async fn take(&self, protocol: &mut Protocol, mut bytes: Vec<u8>) -> Option<End> {
        let signals = signals(protocol, &mut bytes, self.session.app.clock.now());
        self.heed(signals).await
    }

    /// Does what the client asked for, strictly in order.
    async fn heed(&self, signals: Vec<Signal>) -> Option<End> {
        // What still waits for a slow client, or for the hub, it does not know, however much it says itself.
        let told = self.session.app.hub.told(self.session.project_id());
        if told.is_some() && self.session.outbox.has_sent_all() {
            *self.session.heard_up_to.lock() = told;
        }
        for signal in signals {
            match signal {
                Signal::Message(message) => {
                    self.session.app.metrics.message();
                    self.session.message(message).await;
                }
                Signal::Invalid(invalid) => self.session.say(realtime::error(1003, &invalid.0)),
                Signal::TooMany => self.session.say(realtime::error(1013, "Too many messages.")),
                Signal::Answer(pong) => {
                    self.session.outbox.push_framed(pong);
                }
                Signal::Closed(closing) => {
                    let mut reply = Vec::new();
                    encode::write_close_reply(&mut reply, closing.map(|closing| closing.code));
                    self.session.outbox.push_framed(reply);
                    self.session.flush();
                    finish(&self.stream);
                    return Some(End::Clean);
                }
                Signal::Broken(code) => {
                    self.session.app.metrics.refused("protocol");
                    self.session.outbox.close(code);
                    self.session.flush();
                    return Some(End::ByUs(code));
                }
            }
            if self.session.outbox.closing().is_some() {
                break;
            }
        }
        self.session.flush();
        None
    }

    /// Ends what the connection held, and says goodbye.
    async fn bury(&self, end: End) {
        let viewer = self.session.viewer();
        let subscriptions = self.session.app.hub.unregister(self.session.id);
        self.session.stops_listening(subscriptions.iter().map(|id| &**id));
        self.session.app.sockets.remove(self.session.id);
        self.session.app.metrics.closed(end.name());
        let now = self.session.app.clock.now();
        let grace = |grace: Duration| {
            if grace.is_zero() { SocketEnd::Now } else { SocketEnd::Grace(now.plus(grace)) }
        };
        let holder = match end {
            End::Clean => Some(grace(self.session.app.config.close_grace)),
            End::ByUs(CloseCode::GoingAway | CloseCode::Policy) => Some(SocketEnd::Now),
            // The next process gives it the grace of a start: its own could run out while there is no server.
            End::ByUs(CloseCode::ServiceRestart) => None,
            End::ByUs(_) | End::Lost => Some(grace(self.session.app.config.disconnect_grace)),
        };
        if let (End::Lost | End::ByUs(_), Some(position)) = (end, self.session.heard_up_to.lock().clone()) {
            self.session.app.sockets.lost.remember(self.session.project_id(), &viewer, subscriptions, &position, now);
        }
        if let End::ByUs(CloseCode::GoingAway) = end {
            self.session.app.sockets.endings_ordered().await;
        }
        if let Some(holder) = holder {
            self.session.end_holder(holder).await;
        }
        if let End::ByUs(code) = end {
            if code == CloseCode::TryAgainLater {
                self.session.app.metrics.refused("behind");
            }
            finish(&self.stream);
            // Wait for the client's own close: data in flight would turn ours into a reset that eats the close frame.
            drop(tokio::time::timeout(CLOSE_PATIENCE, drain(&self.stream)).await);
        }
    }

    /// Says why a socket is not opened, and closes it.
    pub(super) async fn close_unopened(stream: &TcpStream, outbox: &Outbox) {
        let farewell = async {
            while flush(outbox) == Flushed::Blocked {
                if stream.writable().await.is_err() {
                    return;
                }
            }
            finish(stream);
            drain(stream).await;
        };
        drop(tokio::time::timeout(CLOSE_PATIENCE, farewell).await);
    }
}

async fn drain(stream: &TcpStream) {
    while stream.readable().await.is_ok() {
        let read = READ_BUFFER.with_borrow_mut(|buffer| stream.try_read(buffer));
        match read {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

fn signals(protocol: &mut Protocol, bytes: &mut [u8], now: Timestamp) -> Vec<Signal> {
    let mut input = bytes;
    std::iter::from_fn(|| protocol.receive(&mut input, now)).collect()
}
