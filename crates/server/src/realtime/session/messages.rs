//! What each kind of message does.

use herenow_core::{ProjectId, id::generate, order::Ask, tracker::SocketEnd};
use herenow_hub::Wish;
use herenow_wire::{
    ErrorType,
    close::CloseCode,
    model::{UserView, user_json},
    realtime::{
        Incoming, PresenceFrame, SubscribeRow, authenticated, error, pong, presence_response, unsubscribe_response,
    },
    secret::SessionToken,
};

use super::{Session, Who};
use crate::{
    auth::{Caller, Identity, key::KeyInUse, operator},
    clock::random_u64,
    failure::Failure,
    ops::presences::{SocketUpsert, upsert_by_socket},
    realtime::{effects, sockets::Known, subscribe},
};

impl Session {
    pub(in crate::realtime) async fn message(&self, message: Incoming) {
        match message {
            Incoming::Ping => self.say(pong().to_owned()),
            Incoming::Authentication(token) => self.authenticate(&token).await,
            Incoming::Subscribe(rows) => self.subscribe(rows).await,
            Incoming::Unsubscribe(ids) => {
                let removed = self.app.hub.unsubscribe(self.id, &ids);
                self.stops_listening(ids.iter().map(String::as_str));
                self.say(unsubscribe_response(ids.iter().map(String::as_str).zip(removed)));
            }
            Incoming::Presence(_) if self.project_id().is_console() => {
                self.say(error(1008, "Presence requires a project context."));
                self.outbox.close(CloseCode::Policy);
            }
            Incoming::Presence(frame) => match self.presence(frame).await {
                Ok(response) => self.say(response),
                Err(failure) => self.fail(&failure),
            },
        }
    }

    fn fail(&self, failure: &Failure) {
        if let Some(cause) = &failure.cause {
            tracing::error!("a message failed: {cause:#}");
        }
        self.app.metrics.message_error(failure.kind.as_str());
        self.say(error(failure.kind.status(), failure.text()));
    }

    async fn subscribe(&self, mut rows: Vec<SubscribeRow>) {
        if let Err(rule) = subscribe::check(&self.app, rows.iter()) {
            return self.say(error(1003, &format!("items: {rule}")));
        }
        let most = self.app.config.limits.max_subscriptions;
        if let Err(too_many) = self.app.hub.check_room(self.id, &rows, most) {
            return self.say(error(1003, &format!("items: {too_many}")));
        }
        if rows.iter().flat_map(|row| &row.channels).any(|channel| channel.starts_with(subscribe::CLOSED_CHANNELS)) {
            self.say(error(1008, "The channel is not open to this connection."));
            return self.outbox.close(CloseCode::Policy);
        }
        for row in &mut rows {
            row.id.get_or_insert_with(|| generate(self.app.clock.now(), random_u64()));
        }
        let _turn = self.app.sockets.turn(self.id).await;
        self.knows_what_was();
        let asks = rows.iter().map(|row| subscribe::ask(self, row)).collect();
        self.listens(rows.iter().filter_map(|row| row.id.as_deref()));
        subscribe::in_order(self, Wish::Subscribe { rows, reply: None }, Ask::Each(asks)).await;
    }

    /// Makes the socket its session's. It keeps what it listens to; a holder of another user's presence ends.
    async fn authenticate(&self, encoded: &str) {
        let project = self.project_id();
        let generation = self.app.sign_ins.generation();
        let token = SessionToken::decode(encoded);
        let known = match &token {
            Some(token) => self.app.sign_ins.by_token(project, token, self.app.clock.now()).await,
            None => Ok(None),
        };
        let known = match known {
            Ok(Some(known)) if known.1.user.status => known,
            Ok(_) => return self.say(error(1003, "Session is not valid.")),
            Err(failure) => return self.fail(&failure.into()),
        };
        let caller = Caller { project: project.clone(), identity: Identity::Session(known.clone()) };
        let after = caller.viewer();
        if self.user_id().is_some_and(|user| user != known.1.user.id) {
            self.end_holder(SocketEnd::Now).await;
        }
        *self.who.lock() = Who::new(caller, token);
        let entry = Known {
            project: project.clone(),
            authority: project.clone(),
            user: self.user_id(),
            session: self.session_id(),
            key: None,
            outbox: self.outbox.clone(),
            from: self.app.sockets.came_from(self.id),
        };
        self.app.sockets.insert(self.id, entry);
        let reply = authenticated(&user_json(&known.1.user, UserView::Account));
        {
            let _turn = self.app.sockets.turn(self.id).await;
            let before = self.viewer();
            let wish = Wish::Become { viewer: after.clone(), reply: Some(reply) };
            subscribe::in_order(self, wish, Ask::Shift { before, after }).await;
        }
        self.look_again_since(generation).await;
    }

    /// Looks again at who this is, where anything about anybody has changed since `generation`.
    pub(in crate::realtime) async fn look_again_since(&self, generation: u64) {
        if self.app.sign_ins.generation() == generation {
            return;
        }
        if let Err(failure) = effects::look_again(&self.app, self).await {
            self.fail(&failure);
            self.close(CloseCode::TryAgainLater);
        }
    }

    async fn presence(&self, frame: PresenceFrame) -> Result<String, Failure> {
        let caller = self.present_caller().await?;
        let input = SocketUpsert {
            connection: self.id,
            id: frame.id,
            status: frame.status,
            permissions: frame.permissions,
            metadata: frame.metadata,
        };
        let presence = upsert_by_socket(&self.app, &self.project, &caller, input).await?;
        Ok(presence_response(&presence))
    }

    /// The caller with the roles of this moment: teams and labels change while a socket is open.
    pub(in crate::realtime) async fn present_caller(&self) -> Result<Caller, Failure> {
        let (caller, token) = {
            let who = self.who.lock();
            (who.caller.clone(), who.token.clone())
        };
        let project = self.project_id();
        let Identity::Admin(operator) = &caller.identity else {
            let identity = self.present_identity(project, &caller.identity, token).await?;
            return Ok(Caller { project: project.clone(), identity });
        };
        let console = self.present_identity(&ProjectId::console(), operator.console(), token).await?;
        let known = self.app.projects.get(project.as_str()).ok_or(ErrorType::ProjectNotFound)?;
        operator::elevate(&known.project, console)
    }

    /// The key, where it is still worth as much.
    async fn present_key(&self, project: &ProjectId, key: &KeyInUse) -> Result<KeyInUse, Failure> {
        let Some(id) = &key.id else { return Ok(key.clone()) };
        let kept = self.app.accounts.keys(project).await?;
        let present = kept.iter().find(|kept| kept.id == *id).is_some_and(|kept| {
            kept.expire == key.expire && key.scopes.iter().all(|scope| kept.scopes.contains(scope))
        });
        if present { Ok(key.clone()) } else { Err(ErrorType::UserUnauthorized.into()) }
    }

    /// Who signed in to `authority`, as they are at this moment.
    async fn present_identity(
        &self,
        authority: &ProjectId,
        identity: &Identity,
        token: Option<SessionToken>,
    ) -> Result<Identity, Failure> {
        let present = match (identity, token) {
            (Identity::Session(_), Some(token)) => {
                let known = self.app.sign_ins.by_token(authority, &token, self.app.clock.now()).await?;
                known.map(Identity::Session)
            }
            (Identity::Jwt(known, session), _) => {
                let known = self.app.sign_ins.user(authority, &known.user.id).await?;
                known.map(|known| Identity::Jwt(known.into(), session.clone()))
            }
            (Identity::Key(key), _) => Some(Identity::Key(self.present_key(authority, key).await?)),
            _ => Some(Identity::Guest),
        };
        present.ok_or_else(|| ErrorType::UserNotFound.into())
    }
}
