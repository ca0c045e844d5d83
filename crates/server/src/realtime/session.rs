//! One socket's life: read, understand, do, answer, until one side ends it.
//!
//! Source: realtime, section 3; semantics 7 to 9; decisions, Presences (which ends are clean).

mod messages;

use std::{cell::RefCell, io, sync::Arc, time::Duration};

use herenow_broker::{Broker, Refusal};
use herenow_core::{
    ConnectionId, ProjectId, SessionId, Timestamp, UserId, Viewer,
    tracker::{Command, SocketEnd},
};
use herenow_hub::{
    connection::{Protocol, ProtocolLimits, Signal},
    frame::{Compression, encode},
    outbox::{Flushed, Outbox},
};
use herenow_wire::{close::CloseCode, realtime, secret::SessionToken};
use parking_lot::Mutex;
use tokio::{net::TcpStream, sync::Notify};

use super::{
    lost::{Heard, Position},
    transport::finish,
};
use crate::{App, auth::Caller, config::RateLimits, projects::KnownProject};

/// So many bytes are read at a time, into a buffer that the thread's sockets share.
const READ_BYTES: usize = 16 * 1024;
/// How long a client has to answer our close frame before the connection is dropped.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// How long the end of a holder is tried again while the queues are full.
const END_PATIENCE: Duration = Duration::from_millis(200);

thread_local! {
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
    static WRITE_BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Who a socket is, and what proves it.
pub(super) struct Who {
    pub(super) caller: Caller,
    pub(super) token: Option<SessionToken>,
}

impl Who {
    pub(super) fn new(caller: Caller, token: Option<SessionToken>) -> Self {
        Self { caller, token }
    }
}

/// An open socket.
pub(super) struct Session {
    pub(super) app: Arc<App>,
    pub(super) id: ConnectionId,
    project: Arc<KnownProject>,
    who: Mutex<Who>,
    stream: Arc<TcpStream>,
    bell: Arc<Notify>,
    outbox: Arc<Outbox>,
    /// Where the client's knowledge ended when it came, as its URL says.
    pub(super) resume: Option<(String, u64)>,
    /// What the client had certainly been sent when it was last heard of.
    heard_up_to: Heard,
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

impl Session {
    pub(super) fn new(
        app: Arc<App>,
        id: ConnectionId,
        project: Arc<KnownProject>,
        who: Who,
        stream: Arc<TcpStream>,
        bell: Arc<Notify>,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self {
            app,
            id,
            project,
            who: Mutex::new(who),
            stream,
            bell,
            outbox,
            resume: None,
            heard_up_to: Heard::default(),
        }
    }

    pub(super) fn project_id(&self) -> &ProjectId {
        &self.project.project.id
    }

    /// What the socket sees by, as the hub files it: roles change while it is open.
    pub(super) fn viewer(&self) -> Viewer {
        self.app.hub.viewer(self.id).unwrap_or_else(Viewer::guest)
    }

    pub(super) fn close(&self, code: CloseCode) {
        self.outbox.close(code);
    }

    pub(super) fn user_id(&self) -> Option<UserId> {
        self.who.lock().caller.user_id().cloned()
    }

    /// The account behind it: a user's of the project, or an operator's of the console.
    pub(super) fn account_id(&self) -> Option<UserId> {
        self.who.lock().caller.account().map(|(_, user)| user.id.clone())
    }

    fn session_id(&self) -> Option<SessionId> {
        self.who.lock().caller.bound_session()
    }

    /// Where a subscription of this id stood that the same client had on a connection which is lost, or will turn out to
    /// be.
    pub(super) fn take_lost(&self, subscription: &str) -> Option<Position> {
        let (sockets, viewer) = (&self.app.sockets, self.viewer());
        let lost = sockets.lost.take(self.project_id(), &viewer, subscription, self.app.clock.now());
        lost.or_else(|| {
            let (other, position) = sockets.listening.elsewhere(self.project_id(), subscription, self.id)?;
            (self.app.hub.viewer(other).as_ref() == Some(&viewer)).then_some(position)
        })
    }

    /// Subscriptions of these ids have begun.
    pub(super) fn listens<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.app.sockets.listening.begin(self.project_id(), id, self.id, &self.heard_up_to);
        }
    }

    /// Subscriptions of these ids have ended.
    fn stops_listening<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.app.sockets.listening.end(self.project_id(), id, self.id);
        }
    }

    /// The queues are full: the client shall come back later.
    pub(super) fn overloaded(&self) {
        self.app.metrics.refused("overloaded");
        self.outbox.close(CloseCode::TryAgainLater);
    }

    /// Lives until one side ends it, then ends what it held.
    pub(super) async fn run(self, early: Vec<u8>, compression: Compression) {
        let limits = &self.app.config.limits;
        let rate = if self.app.config.rate_limits == RateLimits::On { limits.messages_per_minute } else { 0 };
        let limits = ProtocolLimits { message_bytes: limits.max_message_bytes, messages_per_minute: rate };
        let mut protocol = Protocol::new(limits, self.app.clock.now()).with_compression(compression);
        let end = self.live(&mut protocol, early).await;
        Box::pin(self.bury(end)).await;
    }

    async fn live(&self, protocol: &mut Protocol, early: Vec<u8>) -> End {
        self.flush();
        if !early.is_empty()
            && let Some(end) = Box::pin(self.take(protocol, early)).await
        {
            return end;
        }
        let mut state = Flushed::Done;
        loop {
            let closing = self.outbox.closing();
            if state == Flushed::Ended {
                return closing.map_or(End::Lost, End::ByUs);
            }
            let silence = self.app.clock.now().until(protocol.next_tick());
            tokio::select! {
                biased;
                () = self.bell.notified() => state = self.flush(),
                written = self.stream.writable(), if state == Flushed::Blocked => {
                    state = if written.is_ok() { self.flush() } else { Flushed::Ended };
                }
                // Reading goes on while the client does not: it may still have something to say.
                readable = self.stream.readable() => {
                    if readable.is_err() {
                        return End::Lost;
                    }
                    if let Some(end) = self.read(protocol).await {
                        return end;
                    }
                }
                () = tokio::time::sleep(if closing.is_some() { CLOSE_PATIENCE } else { silence }) => {
                    // A close frame that cannot be written gets its chance, and no more.
                    if let Some(code) = closing {
                        return End::ByUs(code);
                    }
                    if let Some(ping) = protocol.tick(self.app.clock.now()) {
                        self.outbox.push_framed(ping);
                        state = self.flush();
                    }
                }
            }
        }
    }

    async fn read(&self, protocol: &mut Protocol) -> Option<End> {
        let now = self.app.clock.now();
        let signals = READ_BUFFER.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
            Ok(0) => Err(End::Lost),
            Ok(bytes) => Ok(signals(protocol, &mut buffer[..bytes], now)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Vec::new()),
            Err(_) => Err(End::Lost),
        });
        match signals {
            Ok(signals) => self.heed(signals).await,
            Err(end) => Some(end),
        }
    }

    async fn take(&self, protocol: &mut Protocol, mut bytes: Vec<u8>) -> Option<End> {
        let signals = signals(protocol, &mut bytes, self.app.clock.now());
        self.heed(signals).await
    }

    /// Does what the client asked for, strictly in order.
    async fn heed(&self, signals: Vec<Signal>) -> Option<End> {
        // What still waits for a slow client it does not know, however much it says itself.
        if self.outbox.waiting_bytes() == 0
            && let Some((epoch, seq)) = self.app.broker.position(self.project_id())
        {
            *self.heard_up_to.lock() = Some(Position { epoch, seq });
        }
        for signal in signals {
            match signal {
                Signal::Message(message) => {
                    self.app.metrics.message();
                    // On the heap for as long as it is done: what an idle socket keeps must be small.
                    Box::pin(self.message(message)).await;
                }
                Signal::Invalid(invalid) => self.say(realtime::error(1003, &invalid.0)),
                Signal::TooMany => self.say(realtime::error(1013, "Too many messages.")),
                Signal::Answer(pong) => {
                    self.outbox.push_framed(pong);
                }
                Signal::Closed(closing) => {
                    let mut reply = Vec::new();
                    encode::write_close_reply(&mut reply, closing.map(|closing| closing.code));
                    self.outbox.push_framed(reply);
                    self.flush();
                    finish(&self.stream);
                    return Some(End::Clean);
                }
                Signal::Broken(code) => {
                    self.app.metrics.refused("protocol");
                    self.outbox.close(code);
                    self.flush();
                    return Some(End::ByUs(code));
                }
            }
            if self.outbox.closing().is_some() {
                break;
            }
        }
        self.flush();
        None
    }

    fn say(&self, text: String) {
        self.outbox.push_text(text);
    }

    fn flush(&self) -> Flushed {
        WRITE_BUFFER.with_borrow_mut(|buffer| self.outbox.flush(buffer))
    }

    /// Ends what the connection held, and says goodbye.
    async fn bury(self, end: End) {
        let viewer = self.viewer();
        let subscriptions = self.app.hub.unregister(self.id);
        self.stops_listening(subscriptions.iter().map(|id| &**id));
        self.app.sockets.remove(self.id);
        self.app.metrics.conflated(self.outbox.conflated());
        let now = self.app.clock.now();
        let grace = |grace: Duration| {
            if grace.is_zero() { SocketEnd::Now } else { SocketEnd::Grace(now.plus(grace)) }
        };
        let holder = match end {
            End::Clean => Some(grace(self.app.config.close_grace)),
            End::ByUs(CloseCode::GoingAway | CloseCode::Policy) => Some(SocketEnd::Now),
            // The next process gives it the grace of a start: its own could run out while there is no server.
            End::ByUs(CloseCode::ServiceRestart) => None,
            End::ByUs(_) | End::Lost => Some(grace(self.app.config.disconnect_grace)),
        };
        if let (End::Lost | End::ByUs(_), Some(position)) = (end, self.heard_up_to.lock().clone()) {
            self.app.sockets.lost.remember(self.project_id(), &viewer, subscriptions, &position, now);
        }
        if let End::ByUs(CloseCode::GoingAway) = end {
            self.app.sockets.endings_ordered().await;
        }
        if let Some(holder) = holder {
            self.end_holder(holder).await;
        }
        if let End::ByUs(code) = end {
            if code == CloseCode::TryAgainLater {
                self.app.metrics.refused("behind");
            }
            finish(&self.stream);
            // Wait for the client's own close: data in flight would turn ours into a reset that eats the close frame.
            drop(tokio::time::timeout(CLOSE_PATIENCE, drain(&self.stream)).await);
        }
    }

    /// Ends the socket's holder; full queues are no reason to leave a ghost.
    pub(super) async fn end_holder(&self, end: SocketEnd) {
        let command = Command::EndSocket { connection: self.id, end };
        while let Err(Refusal::Overloaded) = self.app.broker.apply(self.project_id(), command.clone()).await {
            tokio::time::sleep(END_PATIENCE).await;
        }
    }

    /// Says why a socket is not opened, and closes it.
    pub(super) async fn close_unopened(stream: &TcpStream, outbox: &Outbox) {
        let farewell = async {
            while WRITE_BUFFER.with_borrow_mut(|buffer| outbox.flush(buffer)) == Flushed::Blocked {
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
