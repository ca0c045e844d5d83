//! Everything that the parts of a running server share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use herenow_broker::Embedded;
use herenow_core::time::Clock;
use herenow_hub::Hub;
use herenow_store::Accounts;

use crate::{
    Config,
    auth::{password::Passwords, secret::ServerSecret, sign_ins::SignIns, sign_up_code::SignUpCode},
    gone_users::GoneUsers,
    metrics::Metrics,
    ops::{list_cache::ListCache, permission_lists::PermissionLists, scans::Scans},
    pings::PingCounts,
    projects::Projects,
    rates::Counters,
    realtime::Sockets,
    stats::Stats,
    tasks::Tasks,
    traces::Traces,
};

/// A running server.
pub struct App {
    /// Its settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Projects and people.
    pub accounts: Arc<dyn Accounts>,
    /// All projects, in memory.
    pub projects: Projects,
    /// How often the projects were pinged.
    pub pings: PingCounts,
    /// Who is signed in.
    pub sign_ins: SignIns,
    /// What signing keys are derived from.
    pub secret: ServerSecret,
    /// With what the first operator may sign up from elsewhere.
    pub sign_up_code: SignUpCode,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The order of changes.
    pub broker: Arc<Embedded>,
    /// Who listens.
    pub hub: Arc<Hub>,
    /// The open sockets.
    pub sockets: Sockets,
    /// Lists that clients allow to be a little old.
    pub lists: ListCache,
    /// Permissions that many presences have.
    pub permission_lists: PermissionLists,
    /// Lists that look at everything.
    pub scans: Scans,
    /// Users that were deleted or blocked a moment ago.
    pub gone_users: GoneUsers,
    /// How often clients have done what is limited.
    pub rates: Counters,
    /// What is measured.
    pub metrics: Metrics,
    /// What is told of requests to a collector.
    pub traces: Traces,
    /// What each project did in the last hour.
    pub stats: Stats,
    /// What runs.
    pub tasks: Tasks,
    /// Most sockets at once.
    pub max_sockets: usize,
    /// Whether writes are taken.
    pub(crate) ready: AtomicBool,
}

impl App {
    /// Whether the server takes writes: it has started, does not stop, and can keep what is written.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire) && self.broker.keeps()
    }

    /// The server's own host names: the public one, else the one that it listens on.
    ///
    /// On a wildcard address any name may lead here, so the name that the request itself used is taken, where it
    /// is an address or `localhost`: a name that somebody else controls must not make a page our own.
    #[must_use]
    pub fn own_hosts(&self, requested: &str) -> Vec<String> {
        if let Some(host) = self.config.public_host() {
            return vec![host.to_owned()];
        }
        let listen = self.config.listen.ip();
        if listen.is_loopback() {
            return vec!["localhost".to_owned()];
        }
        if !listen.is_unspecified() {
            return vec![listen.to_string()];
        }
        let bare = requested.trim_start_matches('[').trim_end_matches(']');
        let plain = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok();
        if plain { vec![bare.to_owned()] } else { Vec::new() }
    }
}
