//! One event stream's life: a listener that never says anything. What it hears comes by the same way as on a socket.
//!
//! Source: docs/api.md, "Server-sent events".

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use herenow_core::{ConnectionId, Timestamp};
use herenow_hub::{
    event_stream::{HEARTBEAT, retry},
    outbox::{Flushed, Outbox},
};
use herenow_wire::{ErrorType, close::CloseCode, secret::SessionToken};

use super::{
    legacy::UrlSubscriptions,
    open::{Opened, admit},
    pipe::{Pipe, PipeEnd, StreamTransport},
    seats::Seat,
    session::Session,
    sockets::{CameFrom, Page},
    subscribe,
};
use crate::{
    App,
    auth::{Caller, Scope, scope},
    clock::random_u64,
    failure::Failure,
    projects::KnownProject,
};

/// The name of the tasks of streams.
pub(crate) const TASK: &str = "stream";
/// After so much time without anything else a stream says that it is alive: less than proxies wait.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(20);
/// How long a client has to take the last words.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// Clients come back after this and as much again at most, so that not all do in one instant.
const RETRY_MS: u64 = 1_000;

/// A request for a stream.
pub struct StreamRequest {
    /// The server.
    pub app: Arc<App>,
    /// In which project.
    pub project: Arc<KnownProject>,
    /// Who asks.
    pub caller: Caller,
    /// The session's token, where one proves who asks.
    pub token: Option<SessionToken>,
    /// The query string.
    pub query: String,
    /// The id of the last event that the client has heard, where it comes back.
    pub last_event_id: Option<String>,
    /// How often anybody had changed before it was known who asks.
    pub generation: u64,
    /// What it takes up.
    pub seat: Seat,
    /// The page that asks, where one does whose origin has to be allowed.
    pub page: Option<Page>,
}

/// Begins a stream; the body is what the client reads.
///
/// # Errors
/// 400 where channels or queries are not understood, 401 where a key may not hear what it asks for.
pub fn open_stream(request: StreamRequest) -> Result<Body, Failure> {
    let StreamRequest { app, project, caller, token, query, last_event_id, generation, seat, page } = request;
    let now = app.clock.now();
    let make_id = || herenow_core::id::generate(now, random_u64());
    let mut url = UrlSubscriptions::parse(&query, make_id)
        .map_err(|invalid| Failure::new(ErrorType::GeneralQueryInvalid, invalid.to_string()))?;
    check(&app, &caller, &url)?;
    if let Some(id) = last_event_id {
        url.resume_from(&id);
    }
    let ends_at = caller.key().and_then(|key| key.expire);
    let (pipe, body) = Pipe::new();
    let outbox = Outbox::new(Box::new(StreamTransport(pipe.clone())), app.config.limits.outbox_bytes);
    let outbox = Arc::new(outbox.measured_by(app.hub.meter().clone()));
    outbox.push_framed(retry(RETRY_MS + random_u64() % RETRY_MS));
    let id = app.sockets.next_id();
    let tasks = app.clone();
    // A task of its own: a client that hangs up meanwhile must not leave anything registered.
    tasks.tasks.spawn(TASK, async move {
        run(
            app,
            id,
            Opened { project, caller, token, url, from: CameFrom::default().of_page(page) },
            outbox,
            pipe,
            ends_at,
            generation,
        )
        .await;
        drop(seat);
    });
    Ok(Body::new(body))
}

fn check(app: &App, caller: &Caller, url: &UrlSubscriptions) -> Result<(), Failure> {
    if url.rows.is_empty() {
        return Err(Failure::missing_param("channels"));
    }
    let rows = || url.rows.iter().map(|(_, row)| row);
    subscribe::check(app, rows()).map_err(|rule| Failure::invalid_param("channels", rule))?;
    let channels = || rows().flat_map(|row| &row.channels);
    if channels().any(|channel| channel.starts_with(subscribe::CLOSED_CHANNELS)) {
        return Err(ErrorType::UserUnauthorized.into());
    }
    // A key hears whatever happens in the project, so each channel is worth a scope. People hear what their roles say.
    if caller.is_server() {
        for channel in channels() {
            caller.check(&[scope_of(channel)])?;
        }
    }
    Ok(())
}

fn scope_of(channel: &str) -> Scope {
    match channel.split('.').next() {
        Some("account") => scope::USERS_READ,
        Some("teams" | "memberships") => scope::TEAMS_READ,
        _ => scope::PRESENCES_READ,
    }
}

async fn run(
    app: Arc<App>,
    id: ConnectionId,
    opened: Opened,
    outbox: Arc<Outbox>,
    pipe: Arc<Pipe>,
    ends_at: Option<Timestamp>,
    generation: u64,
) {
    let pulse = Pulse::new(app.clock.now(), ends_at);
    let session = Box::pin(admit(&app, id, opened, outbox)).await;
    app.metrics.opened();
    Box::pin(session.look_again_since(generation)).await;
    EventStream { session, pipe }.run(pulse).await;
}

/// A stream that is open.
struct EventStream {
    session: Session,
    pipe: Arc<Pipe>,
}

impl EventStream {
    async fn run(self, mut pulse: Pulse) {
        let end = self.live(&mut pulse).await;
        let app = &self.session.app;
        app.hub.unregister(self.session.id);
        app.sockets.remove(self.session.id);
        // A stream that its client leaves ends as it should: there is no other way to leave one.
        app.metrics.closed(self.session.outbox.closing().map_or("clean", CloseCode::name));
        if self.session.outbox.closing() == Some(CloseCode::TryAgainLater) {
            app.metrics.refused("behind");
        }
        self.pipe.end(end);
        let farewell = async {
            while !self.pipe.is_gone() && !self.pipe.is_drained() {
                self.pipe.rung().await;
            }
        };
        if tokio::time::timeout(CLOSE_PATIENCE, farewell).await.is_err() {
            self.pipe.end(PipeEnd::Cut);
        }
    }

    /// Lives until the client is gone, or the outbox is closed and has said so.
    async fn live(&self, pulse: &mut Pulse) -> PipeEnd {
        let (outbox, clock) = (&self.session.outbox, &self.session.app.clock);
        let mut state = self.session.flush();
        loop {
            if state == Flushed::Ended || self.pipe.is_gone() {
                return PipeEnd::Orderly;
            }
            let closing = outbox.closing().is_some();
            let silence = if closing { CLOSE_PATIENCE } else { clock.now().until(pulse.next()) };
            tokio::select! {
                biased;
                () = self.pipe.rung() => state = self.session.flush(),
                () = tokio::time::sleep(silence) => {
                    // Last words that cannot be written get their chance, and no more.
                    if closing {
                        return PipeEnd::Cut;
                    }
                    match pulse.beat(clock.now()) {
                        Some(Beat::TheEnd) => outbox.close(CloseCode::Policy),
                        // A client that takes nothing has enough to read.
                        Some(Beat::Alive) if state == Flushed::Done => {
                            outbox.push_framed(HEARTBEAT.to_vec());
                            state = self.session.flush();
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// When a stream has to say that it is alive, and when it ends by itself.
struct Pulse {
    next_beat: Timestamp,
    ends_at: Option<Timestamp>,
}

#[derive(Debug, PartialEq, Eq)]
enum Beat {
    Alive,
    /// The key that opened it has ended.
    TheEnd,
}

impl Pulse {
    fn new(now: Timestamp, ends_at: Option<Timestamp>) -> Self {
        Self { next_beat: now.plus(HEARTBEAT_EVERY), ends_at }
    }

    /// When [`Pulse::beat`] has to be called next.
    fn next(&self) -> Timestamp {
        self.ends_at.map_or(self.next_beat, |end| end.min(self.next_beat))
    }

    fn beat(&mut self, now: Timestamp) -> Option<Beat> {
        if self.ends_at.is_some_and(|end| now >= end) {
            return Some(Beat::TheEnd);
        }
        if now < self.next_beat {
            return None;
        }
        self.next_beat = now.plus(HEARTBEAT_EVERY);
        Some(Beat::Alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_stream_says_every_20_seconds_that_it_is_alive() {
        let mut pulse = Pulse::new(at(0), None);
        assert_eq!((pulse.beat(at(19)), pulse.next()), (None, at(20)));
        assert_eq!((pulse.beat(at(21)), pulse.next()), (Some(Beat::Alive), at(41)));
    }

    #[test]
    fn a_stream_ends_with_the_key_that_opened_it() {
        let mut pulse = Pulse::new(at(0), Some(at(30)));
        assert_eq!((pulse.beat(at(20)), pulse.next()), (Some(Beat::Alive), at(30)));
        assert_eq!(pulse.beat(at(30)), Some(Beat::TheEnd));
    }

    #[test]
    fn each_channel_is_worth_a_scope() {
        for (channel, scope) in [
            ("presences", scope::PRESENCES_READ),
            ("snapshot.presences", scope::PRESENCES_READ),
            ("presences.teams", scope::PRESENCES_READ),
            ("account.u", scope::USERS_READ),
            ("teams", scope::TEAMS_READ),
            ("memberships.m.update", scope::TEAMS_READ),
        ] {
            assert_eq!(scope_of(channel), scope, "{channel}");
        }
    }
}
