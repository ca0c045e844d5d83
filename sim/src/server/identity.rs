//! Who a connection is: looked up, put in order, and looked up again once it can be found, so that what changes meanwhile
//! is never missed.

use herenow_core::{ConnectionId, SessionId, UserId, Viewer, order::Ask};
use herenow_hub::Wish;
use herenow_wire::close::CloseCode;

use super::{Known, Server};
use crate::oracle::Awaited;

/// Somebody who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: Option<UserId>,
    pub(crate) session: Option<SessionId>,
    pub(crate) viewer: Viewer,
}

impl Caller {
    pub(super) fn guest() -> Self {
        Self { user: None, session: None, viewer: Viewer::guest() }
    }

    pub(crate) fn key() -> Self {
        Self { viewer: Viewer::Privileged, ..Self::guest() }
    }
}

impl Server {
    /// Whose session this is; none where it is nobody's, or the user is blocked.
    pub(crate) async fn identify(&self, session: &SessionId) -> Option<Caller> {
        self.look_up().await;
        let caller = {
            let accounts = self.around.accounts.borrow();
            let user = accounts.user_of(session).filter(|user| accounts.is_welcome(user));
            user.and_then(|user| {
                let viewer = accounts.viewer(&user)?;
                Some(Caller { user: Some(user), session: Some(session.clone()), viewer })
            })
        };
        self.look_up().await;
        caller
    }

    /// Puts into the order that the connection is `after` from now on; `before` is who it was. True where it is in order.
    pub(super) async fn become_viewer(
        &self,
        id: ConnectionId,
        before: &mut Viewer,
        after: Viewer,
        reply: Option<String>,
    ) -> Option<tokio::sync::oneshot::Receiver<()>> {
        let (ticket, coming) = self.ticket();
        let wish = Wish::Become { viewer: after.clone(), reply };
        self.wish(ticket, id, wish, Awaited::Become(after.clone()));
        let ask = Ask::Shift { before: before.clone(), after: after.clone() };
        if self.ask(ticket, ask).await.is_err() {
            self.hub.forget_wish(ticket);
            self.came_by(ticket);
            return None;
        }
        *before = after;
        Some(coming)
    }

    /// The connection can be found by its session now: looks again whether it still is what it was taken for.
    pub(super) async fn confirm(&self, id: ConnectionId, known: &Known) {
        let Some(session) = &known.session else { return };
        let mut viewer = known.viewer.lock().await;
        match self.identify(session).await {
            None => known.outbox.close(CloseCode::GoingAway),
            Some(caller) if caller.viewer != *viewer => {
                drop(self.become_viewer(id, &mut viewer, caller.viewer, None).await);
            }
            Some(_) => {}
        }
    }
}
