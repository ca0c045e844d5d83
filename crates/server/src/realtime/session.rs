//! Who listens on one connection, and what may be done for it; must not know how its bytes travel.
//!
//! Source: realtime, section 3; semantics 7 to 9.

mod messages;

use std::{cell::RefCell, sync::Arc, time::Duration};

use herenow_broker::{Broker, Refusal};
use herenow_core::{
    ConnectionId, ProjectId, SessionId, UserId, Viewer,
    tracker::{Command, SocketEnd},
};
use herenow_hub::{
    Position,
    outbox::{Flushed, Outbox, Scratch},
};
use herenow_wire::{close::CloseCode, secret::SessionToken};
use parking_lot::Mutex;

use super::lost::Heard;
use crate::{App, auth::Caller, projects::KnownProject};

/// How long the end of a holder is tried again while the queues are full.
const END_PATIENCE: Duration = Duration::from_millis(200);

thread_local! {
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
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

/// An open socket, or a stream.
pub(super) struct Session {
    pub(super) app: Arc<App>,
    pub(super) id: ConnectionId,
    project: Arc<KnownProject>,
    who: Mutex<Who>,
    pub(super) outbox: Arc<Outbox>,
    /// Where the client's knowledge ended when it came, as its URL says.
    pub(super) resume: Option<(String, u64)>,
    /// What the client had certainly been sent when it was last heard of.
    pub(super) heard_up_to: Heard,
}

impl Session {
    pub(super) fn new(
        app: Arc<App>,
        id: ConnectionId,
        project: Arc<KnownProject>,
        who: Who,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self { app, id, project, who: Mutex::new(who), outbox, resume: None, heard_up_to: Heard::default() }
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

    /// The first subscription is about to begin: what was before it, its client does not miss.
    pub(super) fn knows_what_was(&self) {
        let mut heard = self.heard_up_to.lock();
        if heard.is_none() {
            let position = self.app.broker.position(self.project_id());
            *heard = position.map(|(epoch, seq)| Position { epoch, seq });
        }
    }

    /// Subscriptions of these ids have begun.
    pub(super) fn listens<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.app.sockets.listening.begin(self.project_id(), id, self.id, &self.heard_up_to);
        }
    }

    /// Subscriptions of these ids have ended.
    pub(super) fn stops_listening<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.app.sockets.listening.end(self.project_id(), id, self.id);
        }
    }

    /// The queues are full: the client shall come back later.
    pub(super) fn overloaded(&self) {
        self.app.metrics.refused("overloaded");
        self.outbox.close(CloseCode::TryAgainLater);
    }

    pub(super) fn say(&self, text: String) {
        self.outbox.push_text(text);
    }

    /// Writes what waits, as far as the client takes it.
    pub(super) fn flush(&self) -> Flushed {
        flush(&self.outbox)
    }

    /// Ends the socket's holder; full queues are no reason to leave a ghost.
    pub(super) async fn end_holder(&self, end: SocketEnd) {
        let command = Command::EndSocket { connection: self.id, end };
        while let Err(Refusal::Overloaded) = self.app.broker.apply(self.project_id(), command.clone()).await {
            tokio::time::sleep(END_PATIENCE).await;
        }
    }
}

/// Writes what waits in `outbox`, with the buffer that the connections of a thread share.
pub(super) fn flush(outbox: &Outbox) -> Flushed {
    SCRATCH.with_borrow_mut(|scratch| {
        let flushed = outbox.flush(scratch);
        scratch.forget();
        flushed
    })
}
