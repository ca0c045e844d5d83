//! What each kind of message does.

use herenow_broker::Outcome;
use herenow_core::{
    PresenceId, SessionId, Source,
    tracker::{Command, HolderKey, SocketEnd, Upsert},
};
use herenow_wire::realtime::{
    Incoming, PresenceFrame, authenticated, error, pong, presence_response, unsubscribe_response,
};

use super::{LEASE, socket::Session};
use crate::model::check_grants;

impl Session {
    pub(super) async fn message(&self, message: Incoming) {
        match message {
            Incoming::Ping => self.say(pong().to_owned()),
            Incoming::Authentication(token) => self.authenticate(&token).await,
            Incoming::Subscribe(rows) => self.subscribe(rows).await,
            Incoming::Unsubscribe(ids) => {
                let removed = self.server.hub.unsubscribe(self.id, &ids);
                for id in &ids {
                    self.resume.borrow_mut().end(id);
                    self.server.around.oracle.borrow_mut().unsubscribed(self.id, id);
                }
                self.say(unsubscribe_response(ids.iter().map(String::as_str).zip(removed)));
            }
            Incoming::Presence(frame) => {
                let answer = self.presence(frame).await;
                self.say(answer.unwrap_or_else(|code| error(code, "refused")));
            }
        }
    }

    /// Makes the socket its session's. It keeps what it listens to; a holder of another user's presence ends.
    async fn authenticate(&self, token: &str) {
        let server = &self.server;
        let caller = match SessionId::parse(token) {
            Ok(session) => server.identify(&session).await,
            Err(_) => None,
        };
        let Some(caller) = caller else { return self.say(error(1003, "Session is not valid.")) };
        let Some(known) = server.known(self.id) else { return };
        if known.user.as_ref().is_some_and(|user| caller.user.as_ref() != Some(user)) {
            self.end_holder(SocketEnd::Now).await;
        }
        let (user, session) = (caller.user, caller.session);
        {
            let mut sockets = server.sockets.borrow_mut();
            let Some(entry) = sockets.get_mut(&self.id) else { return };
            (entry.user, entry.session) = (user, session.clone());
        }
        let mut viewer = known.viewer.lock().await;
        // Only now can others find the socket by its session: what changed before is seen here, what changes after is
        // told to it.
        let again = match &session {
            Some(session) => server.identify(session).await,
            None => None,
        };
        let Some(caller) = again else {
            return self.outbox.close(herenow_wire::close::CloseCode::GoingAway);
        };
        let another = *viewer != caller.viewer;
        if another {
            self.resume.borrow_mut().become_another();
        }
        let reply = authenticated(&serde_json::json!({"$id": caller.user}));
        let coming = server.become_viewer(self.id, &mut viewer, caller.viewer, Some(reply)).await;
        drop(viewer);
        if let Some(coming) = coming {
            drop(coming.await);
        }
        if another {
            self.resume.borrow_mut().became_another();
        }
    }

    async fn presence(&self, frame: PresenceFrame) -> Result<String, u16> {
        let server = &self.server;
        let session = server.known(self.id).and_then(|known| known.session).ok_or(401_u16)?;
        let caller = server.identify(&session).await.ok_or(404_u16)?;
        if let Some(permissions) = &frame.permissions {
            check_grants(&caller.viewer, permissions).map_err(|_| 401_u16)?;
        }
        let upsert = Upsert {
            id: PresenceId::parse_new(frame.id.as_deref().unwrap_or_default()).map_err(|_| 400_u16)?,
            user: caller.user.ok_or(401_u16)?,
            holder: HolderKey::Socket(self.id),
            session: caller.session,
            status: frame.status.into(),
            metadata: frame.metadata,
            permissions: frame.permissions,
            expires_at: None,
            default_expiry: LEASE,
            source: Source::Realtime,
        };
        match server.write(upsert).await {
            Ok(Outcome::Changed(change)) => Ok(presence_response(change.subject())),
            Ok(_) => Err(404),
            Err(refusal) => Err(refusal),
        }
    }
}

impl super::Server {
    /// Writes a presence; a user or a session that goes meanwhile leaves no ghost.
    pub(super) async fn write(&self, upsert: Upsert) -> Result<Outcome, u16> {
        let (user, session) = (upsert.user.clone(), upsert.session.clone());
        let outcome = self.apply(Command::Upsert(upsert)).await.map_err(|_| 503_u16);
        if self.gone_users.borrow().contains(&user) {
            // Deleted or blocked since the look: the end of the user may have passed before the write.
            drop(self.apply(Command::EndUser { user }).await);
            return Err(404);
        }
        if let Some(session) = session.filter(|session| self.gone_sessions.borrow().contains(session)) {
            drop(self.apply(Command::EndSession { user, session }).await);
            return Err(404);
        }
        outcome
    }
}
