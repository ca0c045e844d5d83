//! One socket's life: read, understand, do, answer, until one side ends it.

use std::{cell::RefCell, rc::Rc, sync::Arc, task::Poll, time::Duration};

use herenow_broker::Refusal;
use herenow_core::{
    ConnectionId, SessionId, Timestamp,
    tracker::{Command, SocketEnd},
};
use herenow_hub::{
    connection::{Protocol, ProtocolLimits, Signal},
    frame::encode,
    outbox::{Flushed, Outbox, Scratch},
};
use herenow_wire::{close::CloseCode, realtime};

use super::{Known, Server, identity::Caller, resume::Resume};
use crate::{
    oracle::Arrival,
    pipe::{Pipe, Read, ServerEnd},
};

/// How long a close frame that cannot be written gets.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
const LIMITS: ProtocolLimits = ProtocolLimits { message_bytes: 64_000, messages_per_minute: 0 };

/// A connection that wants in.
pub(crate) struct Opening {
    pub(crate) id: ConnectionId,
    pub(crate) tab: u64,
    pub(crate) pipe: Arc<Pipe>,
    /// As a cookie proves it.
    pub(crate) session: Option<SessionId>,
}

/// An open socket.
pub(super) struct Session {
    pub(super) server: Rc<Server>,
    pub(super) id: ConnectionId,
    pub(super) outbox: Arc<Outbox>,
    pub(super) resume: Rc<RefCell<Resume>>,
    pipe: Arc<Pipe>,
}

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Clean,
    ByUs(CloseCode),
    Lost,
}

enum Happened {
    Bell,
    Writable,
    Readable,
    Late,
}

impl Server {
    /// Runs a socket from its first byte to its last.
    pub(crate) async fn open(self: Rc<Self>, opening: Opening) {
        let Opening { id, tab, pipe, session } = opening;
        let outbox = Arc::new(Outbox::new(Box::new(ServerEnd(pipe.clone())), self.settings.outbox_bytes));
        let caller = match &session {
            Some(session) => self.identify(session).await.unwrap_or_else(Caller::guest),
            None => Caller::guest(),
        };
        if !self.accepts.get() {
            return pipe.reset();
        }
        let resume = Rc::new(RefCell::new(Resume::default()));
        let known = Known {
            user: caller.user.clone(),
            session: caller.session.clone(),
            outbox: outbox.clone(),
            viewer: Rc::new(tokio::sync::Mutex::new(caller.viewer.clone())),
            resume: resume.clone(),
        };
        self.sockets.borrow_mut().insert(id, known.clone());
        self.hub.register(id, self.project.clone(), caller.viewer.clone(), outbox.clone());
        let arrival = Arrival { tab, viewer: caller.viewer, outbox: outbox.clone() };
        self.around.oracle.borrow_mut().registered(id, arrival);
        self.confirm(id, &known).await;
        outbox.push_text(realtime::connected(&[], &serde_json::json!([]), None));
        let socket = Session { server: self, id, outbox, resume, pipe };
        socket.run().await;
    }
}

impl Session {
    async fn run(self) {
        let mut protocol = Protocol::new(LIMITS, self.server.now());
        let end = self.live(&mut protocol).await;
        self.bury(end).await;
    }

    async fn live(&self, protocol: &mut Protocol) -> End {
        let mut state = self.flush();
        loop {
            let closing = self.outbox.closing();
            if state == Flushed::Ended {
                return closing.map_or(End::Lost, End::ByUs);
            }
            let wakes_at =
                if closing.is_some() { self.server.now().plus(CLOSE_PATIENCE) } else { protocol.next_tick() };
            match self.happened(state, wakes_at).await {
                Happened::Bell | Happened::Writable => state = self.flush(),
                Happened::Readable => match self.pipe.read() {
                    Read::Gone => return End::Lost,
                    Read::Nothing => {}
                    Read::Bytes(bytes) => {
                        if let Some(end) = self.take(protocol, bytes).await {
                            return end;
                        }
                    }
                },
                Happened::Late => {
                    if let Some(code) = closing {
                        return End::ByUs(code);
                    }
                    if let Some(ping) = protocol.tick(self.server.now()) {
                        self.outbox.push_framed(ping);
                        state = self.flush();
                    }
                }
            }
        }
    }

    /// Waits for the first of what can happen, in this order where several have.
    async fn happened(&self, state: Flushed, wakes_at: Timestamp) -> Happened {
        std::future::poll_fn(|context| {
            self.pipe.wake_when_changed(context);
            if self.pipe.take_bell() {
                return Poll::Ready(Happened::Bell);
            }
            if state == Flushed::Blocked && self.pipe.is_writable() {
                return Poll::Ready(Happened::Writable);
            }
            if self.pipe.is_readable() {
                return Poll::Ready(Happened::Readable);
            }
            if self.server.now() >= wakes_at { Poll::Ready(Happened::Late) } else { Poll::Pending }
        })
        .await
    }

    /// Does what the client asked for, strictly in order.
    async fn take(&self, protocol: &mut Protocol, mut bytes: Vec<u8>) -> Option<End> {
        let now = self.server.now();
        let mut input = &mut bytes[..];
        let signals: Vec<Signal> = std::iter::from_fn(|| protocol.receive(&mut input, now)).collect();
        self.note_position();
        for signal in signals {
            match signal {
                Signal::Message(message) => self.message(message).await,
                Signal::Invalid(invalid) => self.say(realtime::error(1003, &invalid.0)),
                Signal::TooMany => self.say(realtime::error(1013, "Too many messages.")),
                Signal::Answer(pong) => drop(self.outbox.push_framed(pong)),
                Signal::Closed(closing) => {
                    let mut reply = Vec::new();
                    encode::write_close_reply(&mut reply, closing.map(|closing| closing.code));
                    self.outbox.push_framed(reply);
                    self.flush();
                    self.pipe.finish();
                    return Some(End::Clean);
                }
                Signal::Broken(code) => {
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

    fn note_position(&self) {
        let now = self.server.now();
        if self.outbox.waiting_bytes() == 0 {
            self.resume.borrow_mut().written(self.server.delivered.get(), now);
        }
    }

    pub(super) fn say(&self, text: String) {
        self.outbox.push_text(text);
    }

    fn flush(&self) -> Flushed {
        self.outbox.flush(&mut Scratch::new())
    }

    /// Ends what the connection held, and says goodbye.
    async fn bury(self, end: End) {
        let server = &self.server;
        let now = server.now();
        // A line that broke while we were closing it ends as we meant it to.
        let end = match (end, self.outbox.closing()) {
            (End::Lost | End::Clean, Some(code @ (CloseCode::GoingAway | CloseCode::Policy))) => End::ByUs(code),
            (end, _) => end,
        };
        let viewer = server.hub.viewer(self.id);
        server.hub.unregister(self.id);
        server.sockets.borrow_mut().remove(&self.id);
        let grace = |grace: Duration| {
            if grace.is_zero() { SocketEnd::Now } else { SocketEnd::Grace(now.plus(grace)) }
        };
        let holder = match end {
            End::Clean => Some(grace(server.settings.close_grace)),
            End::ByUs(CloseCode::GoingAway | CloseCode::Policy) => Some(SocketEnd::Now),
            // The next process gives it the grace of a start: its own could run out while there is no server.
            End::ByUs(CloseCode::ServiceRestart) => None,
            End::ByUs(_) | End::Lost => Some(grace(server.settings.disconnect_grace)),
        };
        let lost = (end != End::Clean).then_some(now);
        server.around.oracle.borrow_mut().unregistered(self.id, lost);
        if lost.is_some() {
            let user = viewer.as_ref().and_then(herenow_core::Viewer::user);
            let mut resume = self.resume.borrow_mut();
            resume.pass(now);
            for id in resume.subscriptions() {
                if let Some(position) = resume.position(&id) {
                    server.lost.borrow_mut().remember(user, &id, position, now);
                }
            }
        }
        if end == End::ByUs(CloseCode::TryAgainLater) {
            server.around.oracle.borrow_mut().counts.behind += 1;
        }
        if let Some(holder) = holder {
            self.end_holder(holder).await;
        }
        self.pipe.finish();
    }

    /// Ends the socket's holder; full queues are no reason to leave a ghost.
    pub(super) async fn end_holder(&self, end: SocketEnd) {
        let command = Command::EndSocket { connection: self.id, end };
        while let Err(Refusal::Overloaded) = self.server.apply(command.clone()).await {
            crate::executor::yield_now().await;
        }
    }
}
