//! From an upgrade request to an open socket: the checks in their order, then `connected`.
//!
//! Source: realtime, sections 1.1 to 1.4; decisions, Security.

use std::sync::Arc;

use herenow_core::{ConnectionId, ProjectId, SessionId};
use herenow_hub::{Wish, frame::Compression, outbox::Outbox};
use herenow_wire::{
    ErrorType,
    close::CloseCode,
    model::{UserView, user_json},
    realtime,
    secret::SessionToken,
};
use http::HeaderMap;
use tokio::{net::TcpStream, sync::Notify};

use super::{
    legacy::UrlSubscriptions,
    seats::Seat,
    session::{Session, Who},
    socket::Socket,
    sockets::{CameFrom, Known, Page},
    subscribe,
    transport::{TcpTransport, watch},
};
use crate::{
    App,
    auth::{
        Caller, Identity,
        credentials::{CookiesCount, Credentials, header},
        operator,
        origin::{Allowed, Origin, Standing},
    },
    clock::random_u64,
    failure::Failure,
    http::{call::Peer, params::Params},
    projects::KnownProject,
};

/// An upgrade request that was answered with 101.
pub struct Opening {
    /// The server.
    pub app: Arc<App>,
    /// Where it came from.
    pub peer: Peer,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its query string.
    pub query: String,
    /// What the answer agreed to.
    pub compression: Compression,
    /// What it takes up.
    pub seat: Seat,
}

/// Why a socket is closed right after it was opened: an error frame, then a close frame.
struct Refused {
    code: u16,
    message: String,
    close: CloseCode,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let code = failure.kind.status();
        // What retrying cannot cure must not be retried: SDKs stop at 1008 alone.
        let close = if matches!(code, 400..500) { CloseCode::Policy } else { CloseCode::TryAgainLater };
        if let Some(cause) = &failure.cause {
            tracing::error!("a socket could not be opened: {cause:#}");
        }
        Self { code, message: failure.text().to_owned(), close }
    }
}

fn policy(message: impl Into<String>) -> Refused {
    Refused { code: 1008, message: message.into(), close: CloseCode::Policy }
}

/// Who opened the socket or the stream, and in which project.
pub(super) struct Opened {
    pub(super) project: Arc<KnownProject>,
    pub(super) caller: Caller,
    pub(super) token: Option<SessionToken>,
    pub(super) url: UrlSubscriptions,
    pub(super) from: CameFrom,
}

/// Opens a socket, or says why not; `early` came with the upgrade request.
pub async fn open(opening: Opening, stream: TcpStream, early: Vec<u8>) {
    if let Err(error) = watch(&stream) {
        tracing::debug!(%error, "a socket was gone before it was open");
        return;
    }
    let app = opening.app.clone();
    let (stream, bell) = (Arc::new(stream), Arc::new(Notify::new()));
    let compression = opening.compression;
    let transport = TcpTransport { stream: stream.clone(), bell: bell.clone(), compression };
    let outbox = Outbox::new(Box::new(transport), app.config.limits.outbox_bytes);
    let outbox = Arc::new(outbox.measured_by(app.hub.meter().clone()));
    let id = app.sockets.next_id();
    let generation = app.sign_ins.generation();
    match check(&opening).await {
        Ok(opened) => {
            let session = admit(&app, id, opened, outbox).await;
            app.metrics.opened();
            session.look_again_since(generation).await;
            // A task of its own: what opening needed must not weigh on an idle socket.
            let socket = Box::new(Socket { session, stream, bell, _seat: opening.seat });
            app.tasks.spawn("socket", socket.run(early, compression));
        }
        Err(refused) => {
            app.metrics.refused("policy");
            outbox.push_text(realtime::error(refused.code, &refused.message));
            outbox.close(refused.close);
            Socket::close_unopened(&stream, &outbox).await;
        }
    }
}

async fn check(opening: &Opening) -> Result<Opened, Refused> {
    let app = &opening.app;
    let query = Params::from_query(&opening.query);
    let named = header(&opening.headers, "x-appwrite-project").map(str::to_owned).or_else(|| query.peek("project"));
    let id = named.filter(|id| !id.is_empty()).unwrap_or_else(|| "console".to_owned());
    let project = app.projects.get(&id).ok_or_else(|| policy("Missing or unknown project ID"))?;
    let mode = header(&opening.headers, "x-appwrite-mode").map(str::to_owned).or_else(|| query.peek("mode"));
    let admin = mode.as_deref() == Some("admin");
    if admin && project.project.id.is_console() {
        return Err(policy("Admin mode needs a project other than console."));
    }
    let origin = header(&opening.headers, "origin").map(Origin::parse);
    let own = app.own_hosts(&opening.peer.site.host);
    // Console and admin mode open only to the server's own pages. Source: decisions, Security.
    let for_operators = admin || project.project.id.is_console();
    let standing = origin.as_ref().map(|origin| match for_operators {
        true => origin.own(&own),
        false => origin.standing(Allowed { project: &id, hosts: &project.hosts, own: &own }),
    });
    let cookies = if standing == Some(Standing::ByWildcard) { CookiesCount::No } else { CookiesCount::Yes };
    let authority = if admin { ProjectId::console() } else { project.project.id.clone() };
    let mut credentials =
        Credentials::gather(&opening.headers, authority.as_str(), query.peek("jwt").as_deref(), cookies);
    // A key is not honoured on sockets: who sends only one is a guest.
    credentials.key = None;
    let now = app.clock.now();
    let caller = Caller::identify(app, &authority, &credentials, now).await?;
    if caller.user().is_some_and(|user| !user.status) {
        return Err(Failure::from(ErrorType::UserBlocked).into());
    }
    if let (Some(origin), Some(Standing::Unknown)) = (&origin, standing) {
        return Err(policy(origin.refusal()));
    }
    let token = credentials.session.filter(|_| matches!(caller.identity, Identity::Session(_)));
    let caller = if admin { operator::elevate(&project.project, caller.identity)? } else { caller };
    let make_id = || herenow_core::id::generate(now, random_u64());
    let url = UrlSubscriptions::parse(&opening.query, make_id).map_err(|invalid| policy(invalid.to_string()))?;
    subscribe::check(app, url.rows.iter().map(|(_, row)| row)).map_err(policy)?;
    let user_agent = header(&opening.headers, "user-agent").unwrap_or_default();
    // The pages of operators are the server's own, whatever a project allows.
    let page = origin.filter(|_| !for_operators);
    let page = page.map(|origin| Page::new(&origin, &opening.peer.site.host));
    let from = CameFrom::new(opening.peer.ip, user_agent, now).of_page(page);
    Ok(Opened { project, caller, token, url, from })
}

/// Registers the connection and says `connected`.
pub(super) async fn admit(app: &Arc<App>, id: ConnectionId, opened: Opened, outbox: Arc<Outbox>) -> Session {
    let Opened { project, caller, token, url, from } = opened;
    let session_id: Option<SessionId> = caller.bound_session();
    let user = caller.user_id().cloned();
    let account = caller.account();
    let known = Known {
        project: project.project.id.clone(),
        authority: account.as_ref().map_or_else(|| project.project.id.clone(), |(authority, _)| authority.clone()),
        user: account.as_ref().map(|(_, user)| user.id.clone()),
        session: session_id.clone(),
        key: caller.key().and_then(|key| key.id.clone()),
        outbox: outbox.clone(),
        from,
    };
    let page = known.from.page.clone();
    app.sockets.insert(id, known);
    // What was removed while it was being opened found no socket to close.
    if page.is_some_and(|page| !page.is_allowed(app, &project.project.id)) {
        outbox.close(CloseCode::Policy);
    }
    app.hub.register(id, project.project.id.clone(), caller.viewer(), outbox.clone());
    let account = account.map(|(_, user)| user_json(user, UserView::Account));
    let slots = url.slots();
    let resume = url.resume.clone();
    let rows: Vec<_> = url.rows.into_iter().map(|(_, row)| row).collect();
    let mut channels: Vec<String> = Vec::new();
    for name in rows.iter().flat_map(|row| herenow_hub::channel::effective(&row.channels, user.as_ref())) {
        if !channels.contains(&name) {
            channels.push(name);
        }
    }
    let connected = realtime::connected(&channels, &slots, account.as_ref());
    let mut session = Session::new(app.clone(), id, project, Who::new(caller, token), outbox.clone());
    session.resume = resume;
    if rows.is_empty() {
        outbox.push_text(connected);
    } else {
        let _turn = app.sockets.turn(id).await;
        let asks = rows.iter().map(|row| subscribe::ask(&session, row)).collect();
        let wish = Wish::Subscribe { rows, reply: Some(connected) };
        subscribe::in_order(&session, wish, herenow_core::order::Ask::Each(asks)).await;
    }
    session
}
