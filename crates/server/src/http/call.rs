//! One call: what every handler needs of a request, gathered before it runs.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use herenow_core::{ProjectId, Timestamp, tracker::Count};
use herenow_wire::{ErrorType, model::Format, secret::SessionToken};
use http::{
    HeaderMap, Method,
    header::{CONTENT_TYPE, HOST, ORIGIN},
    request::Parts,
};
use hyper::upgrade::OnUpgrade;

use super::{
    address::{Address, Mode},
    listed::Placeholders,
    params::{self, Params},
    rate_limits::Noted,
};
use crate::{
    App,
    auth::{
        Caller, Scope,
        cookies::{Scheme, Site},
        credentials::{self, CookiesCount, Credentials, Found, header},
        operator,
        origin::{Allowed, Origin, Standing},
        scope::GLOBAL,
    },
    failure::Failure,
    ops::{lists::ListRequest, touch},
    projects::KnownProject,
    realtime::Page,
};

/// Where a request came from, as far as the proxies that are trusted tell.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The client's address.
    pub ip: IpAddr,
    /// How and to which host name it called.
    pub site: Site,
    /// Whether the connection itself is from this machine and the request was not forwarded.
    pub reach: Reach,
}

/// Headers by which proxies give themselves away.
const FORWARDED: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// How near a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// On this machine.
    Loopback,
    /// Elsewhere, or behind a proxy.
    Elsewhere,
}

/// Who calls, with what every operation needs.
pub(super) struct Asker {
    /// The server.
    pub(super) app: Arc<App>,
    /// The project.
    pub(super) project: Arc<KnownProject>,
    /// The caller.
    pub(super) caller: Caller,
    /// The time at which the request came.
    pub(super) now: Timestamp,
}

impl Asker {
    /// Checks that the caller has one of `scopes`, and is not blocked.
    ///
    /// # Errors
    /// 401 `general_unauthorized_scope`, then 403 `user_blocked`.
    pub(super) fn check(&self, scopes: &[Scope]) -> Result<(), Failure> {
        self.caller.check(scopes)?;
        if let Some((project, user)) = self.caller.account() {
            touch::user(&self.app, &project, user, self.now);
        }
        Ok(())
    }
}

/// Where a client may say which project it means and who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    InHeaders,
    InTheQueryToo,
}

/// What is known of a request before it is known who calls.
pub struct Call {
    /// The server.
    pub app: Arc<App>,
    /// Where it came from.
    pub peer: Peer,
    /// The time at which it came.
    pub now: Timestamp,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its query string.
    pub query: String,
    /// Its body.
    pub body: Bytes,
    /// The connection, where the client wants another protocol on it.
    pub upgrade: Option<OnUpgrade>,
    /// The project that it names, where there is such a one.
    pub project: Option<Arc<KnownProject>>,
    /// How its rate stands, where its route is limited.
    pub(super) noted: Noted,
    address: Address,
    origin: Option<Origin>,
    params: Result<Params, Failure>,
    path: Placeholders,
}

impl Call {
    /// Gathers a request; `path` has the placeholders of its route's.
    #[must_use]
    pub fn gather(
        app: Arc<App>,
        peer: Peer,
        now: Timestamp,
        mut parts: Parts,
        path: Placeholders,
        body: Bytes,
    ) -> Self {
        let headers = parts.headers;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let from_query = Params::from_query(&query);
        let params = if matches!(parts.method, Method::GET | Method::HEAD) {
            Ok(Params::from_query(&query))
        } else {
            let content_type = header(&headers, CONTENT_TYPE).unwrap_or_default();
            Params::from_body(content_type, &body)
        };
        let address = Address::of(parts.uri.path(), &headers, &from_query, params.as_ref().ok());
        let project = app.projects.get(address.project());
        Self {
            app,
            peer,
            now,
            query,
            body,
            upgrade: parts.extensions.remove(),
            project,
            noted: Noted::default(),
            address,
            origin: header(&headers, ORIGIN).map(Origin::parse),
            params,
            path,
            headers,
        }
    }

    /// The origin of the request, and how it stands to the project; none where it has none.
    #[must_use]
    pub fn origin(&self) -> Option<(&Origin, Standing)> {
        let origin = self.origin.as_ref()?;
        let own = self.app.own_hosts(&self.peer.site.host);
        let (id, hosts) = match &self.project {
            // Console and admin mode open only to the server's own pages. Source: decisions, Security.
            Some(known) if self.is_for_operators(known) => return Some((origin, origin.own(&own))),
            Some(known) => (known.project.id.as_str(), &known.hosts[..]),
            None => ("", &[][..]),
        };
        Some((origin, origin.standing(Allowed { project: id, hosts, own: &own })))
    }

    /// The page that calls, where one does whose origin the project has to allow.
    #[must_use]
    pub fn page(&self) -> Option<Page> {
        let of_operators = self.project.as_ref().is_none_or(|known| self.is_for_operators(known));
        let origin = self.origin.as_ref().filter(|_| !of_operators)?;
        Some(Page::new(origin, &self.peer.site.host))
    }

    /// The project.
    ///
    /// # Errors
    /// 404 `project_not_found`.
    pub fn project(&self) -> Result<&Arc<KnownProject>, Failure> {
        self.project.as_ref().ok_or_else(|| ErrorType::ProjectNotFound.into())
    }

    fn is_for_operators(&self, known: &KnownProject) -> bool {
        known.project.id.is_console() || self.address.mode == Mode::Admin
    }

    /// Finds out who calls, in the order of the pipeline, and that they have one of `scopes`.
    ///
    /// # Errors
    /// The first check that fails.
    pub async fn authorize(&self, scopes: &[Scope]) -> Result<Caller, Failure> {
        Ok(self.authorized(scopes).await?.caller)
    }

    /// The same for who can send no headers, as browsers cannot where they open a stream: project and JWT may stand in
    /// the query. The second is the token of the session that proves who calls, where one does.
    ///
    /// # Errors
    /// The first check that fails.
    pub async fn authorize_listener(&self) -> Result<(Caller, Option<SessionToken>), Failure> {
        let (asker, token) = self.asker_with(Told::InTheQueryToo).await?;
        asker.check(&[GLOBAL])?;
        Ok((asker.caller, token))
    }

    /// As [`Call::authorize`], with what an operation needs beside the caller.
    ///
    /// # Errors
    /// The first check that fails.
    pub(super) async fn authorized(&self, scopes: &[Scope]) -> Result<Asker, Failure> {
        let asker = self.asker().await?;
        asker.check(scopes)?;
        Ok(asker)
    }

    /// Finds out who calls, in the order of the pipeline; what they may do is still to be checked.
    ///
    /// # Errors
    /// The first check that fails.
    pub(super) async fn asker(&self) -> Result<Asker, Failure> {
        self.asker_with(Told::InHeaders).await.map(|(asker, _)| asker)
    }

    async fn asker_with(&self, told: Told) -> Result<(Asker, Option<SessionToken>), Failure> {
        let standing = self.origin().map(|(_, standing)| standing);
        let (caller, token) = match &self.project {
            Some(known) => self.identify(&known.project.id, standing, told).await.map(|(c, token)| (Some(c), token))?,
            None => (None, None),
        };
        let token = token.filter(|_| caller.as_ref().is_some_and(|caller| caller.session().is_some()));
        let admin = self.address.mode == Mode::Admin;
        if admin && self.project.as_ref().is_some_and(|known| known.project.id.is_console()) {
            return Err(Failure::new(ErrorType::GeneralBadRequest, "Admin mode needs a project other than console."));
        }
        // Only a key that was verified excuses from the origin check. Source: decisions, Security.
        if !caller.as_ref().is_some_and(Caller::is_key)
            && let Some((origin, Standing::Unknown)) = self.origin()
        {
            return Err(Failure::new(ErrorType::GeneralUnknownOrigin, origin.refusal()));
        }
        if self.address.contradicts_itself() {
            return Err(ErrorType::UserUnauthorized.into());
        }
        let (caller, known) = (caller.ok_or(ErrorType::ProjectNotFound)?, self.project()?);
        let caller =
            if admin && !caller.is_key() { operator::elevate(&known.project, caller.identity)? } else { caller };
        Ok((Asker { app: self.app.clone(), project: known.clone(), caller, now: self.now }, token))
    }

    async fn identify(
        &self,
        project: &ProjectId,
        standing: Option<Standing>,
        told: Told,
    ) -> Result<(Caller, Option<SessionToken>), Failure> {
        let cookies = if standing == Some(Standing::ByWildcard) { CookiesCount::No } else { CookiesCount::Yes };
        let authority = self.address.authority(project);
        let jwt = (told == Told::InTheQueryToo).then(|| Params::from_query(&self.query).peek("jwt")).flatten();
        let credentials = Credentials::gather(&self.headers, authority.as_str(), jwt.as_deref(), cookies);
        let sent = credentials.key.is_some();
        // Keys are always the project's own, also in admin mode.
        let asked = if sent { project } else { &authority };
        let caller = Caller::identify(&self.app, asked, &credentials, self.now).await?;
        if sent && told == Told::InHeaders && header(&self.headers, credentials::PROJECT) != Some(project.as_str()) {
            return Err(ErrorType::ProjectIdMissing.into());
        }
        Ok((caller, credentials.session))
    }

    /// Whether the session was looked for in `X-Fallback-Cookies`.
    #[must_use]
    pub fn used_fallback(&self) -> Found {
        let project = || self.project.as_ref().map_or_else(ProjectId::console, |known| known.project.id.clone());
        credentials::used_fallback(&self.headers, || self.address.authority(&project()))
    }

    /// The call with one more placeholder of its path, for things whose id is also a word of the path.
    #[must_use]
    pub(super) fn naming(mut self, placeholder: &str, id: &str) -> Self {
        self.path.push((placeholder.into(), id.to_owned()));
        self
    }

    /// What a placeholder of the path stands for.
    #[must_use]
    pub(super) fn placeholder(&self, name: &str) -> Option<&str> {
        self.path.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// The parameters.
    ///
    /// # Errors
    /// 400 `general_bad_request` where the body could not be read.
    pub fn params(&mut self) -> Result<&Params, Failure> {
        let path = std::mem::take(&mut self.path);
        match &mut self.params {
            Ok(params) => {
                for (name, value) in path {
                    params.set_text(&name, &value);
                }
                Ok(params)
            }
            Err(failure) => Err(std::mem::replace(failure, ErrorType::GeneralBadRequest.into())),
        }
    }

    /// A parameter as it was sent, whatever its rule; empty where it is no text.
    #[must_use]
    pub(super) fn sent(&self, name: &str) -> String {
        self.params.as_ref().ok().and_then(|params| params.peek(name)).unwrap_or_default()
    }

    /// In which form the client wants projects and what belongs to them.
    #[must_use]
    pub fn format(&self) -> Format {
        Format::of(header(&self.headers, "x-appwrite-response-format"))
    }

    /// What a list is asked for.
    ///
    /// # Errors
    /// 400 `general_argument_invalid`.
    pub fn list_request(&mut self) -> Result<ListRequest, Failure> {
        let params = self.params()?;
        let queries = params.queries()?;
        let search = params.optional("search", params::text(1, 256))?;
        let count =
            if params.optional("total", params::loose_bool)? == Some(false) { Count::Nothing } else { Count::All };
        Ok(ListRequest { queries, search, count })
    }
}

/// Where a request came from.
#[must_use]
pub fn peer(app: &App, parts: &Parts, socket: IpAddr) -> Peer {
    let headers = &parts.headers;
    let trusted = app.config.trusted_proxies.contains(&socket);
    let first = |name: &str| header(headers, name).and_then(|value| value.split(',').next()).map(str::trim);
    let forwarded = if trusted { first("x-forwarded-for") } else { None };
    let ip = forwarded.and_then(|ip| ip.parse().ok()).unwrap_or(socket);
    let public_https = app.config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let https = public_https || (trusted && first("x-forwarded-proto") == Some("https"));
    let host = header(headers, HOST).or_else(|| parts.uri.host()).unwrap_or("localhost");
    let host = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host);
    let host = app.config.public_host().unwrap_or(host).to_owned();
    Peer {
        ip,
        site: Site { scheme: if https { Scheme::Https } else { Scheme::Http }, host },
        reach: reach(headers, socket),
    }
}

fn reach(headers: &HeaderMap, socket: IpAddr) -> Reach {
    let forwarded = headers.keys().any(|name| FORWARDED.contains(&name.as_str()));
    // An address of IPv4 that comes in by IPv6 is meant as what it is.
    let near = socket.to_canonical().is_loopback() && !forwarded;
    if near { Reach::Loopback } else { Reach::Elsewhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_from_this_machine_unforwarded_is_near() {
        let of = |ip: &str, name: Option<&'static str>| {
            let headers = name.map(|name| (http::HeaderName::from_static(name), http::HeaderValue::from_static("x")));
            reach(&headers.into_iter().collect(), ip.parse().expect("an address"))
        };
        for near in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(of(near, None), Reach::Loopback, "{near}");
            assert_eq!(of(near, Some("x-appwrite-project")), Reach::Loopback, "{near}");
            for name in FORWARDED {
                assert_eq!(of(near, Some(name)), Reach::Elsewhere, "{near} {name}");
            }
        }
        for far in ["192.0.2.1", "10.0.0.1", "::", "0.0.0.0", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert_eq!(of(far, None), Reach::Elsewhere, "{far}");
        }
    }
}
