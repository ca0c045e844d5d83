//! From a configuration to a running server, and to an orderly end. The only place that knows all backends.

mod data;
mod declared;
mod files;
mod gone;
mod preview;
mod stop;
mod stopped;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::AtomicBool},
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context, Result};
use herenow_broker::{Acknowledge, Broker, Embedded, EmbeddedOptions, Ends};
use herenow_core::{ProjectId, time::Clock};
use herenow_hub::Hub;
use herenow_store::{
    Accounts, NullPresences, PresenceStore,
    sqlite::{SqliteAccounts, SqlitePresences},
};
use tokio::{net::TcpListener, sync::watch};

use self::data::DataFolder;
pub use self::{
    data::InUse,
    preview::{Finding, Verdict, preview},
    stop::StopSignals,
    stopped::Stopped,
};
use crate::{
    App, Config, admin,
    auth::{password::Passwords, secret::ServerSecret, sign_ins::SignIns},
    clock::{SystemClock, random_bytes},
    config::{Durability, OpsListen},
    http::{router, serve},
    metrics::{Measured, Metrics},
    ops::{self, sessions},
    realtime::pump,
    traces::Traces,
};

/// The least time that sockets of a former process have to come back. Source: decisions, Presences.
const START_GRACE: Duration = Duration::from_secs(30);

/// How often sessions whose time has come are ended with their sockets; requests refuse them at once.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How often presences and connections are counted for the charts of operators.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);

/// How often pings are kept; a crash loses no more than those since.
const KEEP_PINGS_EVERY: Duration = Duration::from_secs(5);

/// Open files that are not sockets of clients, with room for requests.
const FILES_FOR_THE_REST: usize = 256;

/// A server that accepts connections.
pub struct Running {
    app: Arc<App>,
    address: SocketAddr,
    stop_accepting: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
    /// Held until the end, so that no second server takes the data.
    _data: Option<DataFolder>,
}

/// Starts a server.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub async fn start(config: Config) -> Result<Running> {
    let files = files::raise_limit();
    let data = config.data.as_deref().map(DataFolder::take).transpose()?;
    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    let (app, ends) = assemble(Config { listen: address, ..config }, files)?;
    gone::forget_projects(&app).await?;
    declared::apply(&*app.accounts, &app.config, app.clock.now()).await?;
    declared::release(&*app.accounts, &app.config, app.clock.now()).await?;
    open_projects(&app).await?;
    ops::account::offer_sign_up_code(&app).await?;
    let threads = threads(&app, ends)?;
    gone::end_users(&app).await?;
    run_tasks(&app);
    let stop_accepting = watch::Sender::new(false);
    let api = router::router(&app);
    app.tasks.spawn("accept", serve::accept(app.clone(), listener, api, stop_accepting.subscribe()));
    if let OpsListen::At(at) = app.config.ops_listen {
        let listener = listen(at).await?;
        let ops = router::ops_router();
        app.tasks.spawn("accept_ops", serve::accept(app.clone(), listener, ops, stop_accepting.subscribe()));
    }
    app.ready.store(true, std::sync::atomic::Ordering::Release);
    take_commands(&app);
    Ok(Running { app, address, stop_accepting, threads, _data: data })
}

/// Everything that the parts share, before anything runs.
fn assemble(config: Config, files: usize) -> Result<(Arc<App>, Ends)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let accounts = open_accounts(&config)?;
    let metrics = Metrics::default();
    let (broker, ends) = Embedded::new(
        Box::new(Measured::new(open_presences(&config)?, metrics.commits())),
        clock.clone(),
        EmbeddedOptions {
            acknowledge: acknowledge(config.durability),
            start_grace: config.disconnect_grace.max(START_GRACE),
        },
        || hex::encode(random_bytes::<8>()),
    );
    let app = Arc::new(App {
        secret: server_secret(&config)?,
        sign_ins: SignIns::new(accounts.clone(), &metrics),
        broker: Arc::new(broker),
        hub: Arc::new(Hub::default()),
        sign_up_code: Default::default(),
        passwords: Passwords::default(),
        max_sockets: match config.limits.max_connections {
            0 => files.saturating_sub(FILES_FOR_THE_REST),
            limit => limit,
        },
        ready: AtomicBool::new(false),
        projects: Default::default(),
        pings: Default::default(),
        sockets: Default::default(),
        lists: Default::default(),
        permission_lists: Default::default(),
        scans: Default::default(),
        gone_users: Default::default(),
        rates: Default::default(),
        traces: Traces::new(config.otlp_endpoint.clone(), metrics.traces()),
        stats: Default::default(),
        metrics,
        tasks: Default::default(),
        config,
        clock,
        accounts,
    });
    Ok((app, ends))
}

/// What works off the broker's two queues until it is closed.
fn threads(app: &Arc<App>, ends: Ends) -> Result<Vec<JoinHandle<()>>> {
    let writer = thread("herenow-writer", move || ends.writer.run())?;
    let app = Arc::downgrade(app);
    let hub = thread("herenow-hub", move || {
        if let Some(app) = app.upgrade() {
            pump(&app, &ends.entries);
        }
    })?;
    Ok(vec![writer, hub])
}

/// Lets the command line in, where there is a folder to meet in.
fn take_commands(app: &Arc<App>) {
    let Some(folder) = &app.config.data else { return };
    match admin::Endpoint::open(folder) {
        Ok(endpoint) => app.tasks.spawn("commands", admin::serve(app.clone(), endpoint)),
        Err(error) => tracing::warn!(%error, "the command line cannot reach this server while it runs"),
    }
}
impl Running {
    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser finds the server's pages, without a slash at the end.
    #[must_use]
    pub fn pages_url(&self) -> String {
        let host = match self.address.ip() {
            // Every address of the machine is none that a browser could open.
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        };
        self.app.config.public_url.clone().unwrap_or_else(|| format!("http://{host}:{}", self.address.port()))
    }

    /// The code with which the first operator may sign up from elsewhere, while there is none.
    #[must_use]
    pub fn sign_up_code(&self) -> Option<String> {
        self.app.sign_up_code.shown()
    }

    /// What its parts share.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }
}

async fn listen(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| {
        format!("cannot listen on {at}: name another address with --listen, or port 0 for any that is free")
    })
}

/// Opens the accounts that a configuration names.
///
/// # Errors
/// Where they cannot be opened, or were written by a newer version.
pub fn open_accounts(config: &Config) -> Result<Arc<dyn Accounts>> {
    Ok(match config.accounts_file() {
        Some(file) => Arc::new(SqliteAccounts::open(&file)?),
        None => Arc::new(SqliteAccounts::in_memory()?),
    })
}

fn open_presences(config: &Config) -> Result<Box<dyn PresenceStore>> {
    let Some(data) = &config.data else { return Ok(Box::new(NullPresences)) };
    let durability = match config.durability {
        Durability::Disk => herenow_store::sqlite::Durability::Disk,
        Durability::Process | Durability::Memory => herenow_store::sqlite::Durability::Process,
    };
    let file = data.join("presences.db");
    let store = SqlitePresences::open(&file, durability).with_context(|| {
        format!(
            "cannot read {}; after a power cut it may be damaged: move it away, and only presences are lost",
            file.display()
        )
    })?;
    Ok(Box::new(store))
}

fn acknowledge(durability: Durability) -> Acknowledge {
    match durability {
        Durability::Memory => Acknowledge::AtOnce,
        Durability::Process | Durability::Disk => Acknowledge::WhenKept,
    }
}

fn server_secret(config: &Config) -> Result<ServerSecret> {
    match (&config.secret_file, &config.data) {
        (Some(file), _) => ServerSecret::read(file),
        (None, Some(data)) => ServerSecret::read_or_make(&data.join("secret")),
        (None, None) => Ok(ServerSecret::ephemeral()),
    }
}

async fn open_projects(app: &Arc<App>) -> Result<()> {
    for project in app.accounts.projects().await? {
        app.projects.refresh(&*app.accounts, &project.id).await?;
        open_project(app, &project.id).await?;
    }
    Ok(())
}

async fn open_project(app: &App, id: &ProjectId) -> Result<()> {
    app.broker.open(id).await.with_context(|| format!("cannot open the presences of project {id}"))
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    Ok(std::thread::Builder::new().name(name.to_owned()).spawn(work)?)
}

fn run_tasks(app: &Arc<App>) {
    let expiring = app.clone();
    app.tasks.spawn("expiry", async move {
        expiring.broker.run_expiry(|late| expiring.metrics.lateness(late)).await;
    });
    let tracing = app.clone();
    app.tasks.spawn("traces", async move { tracing.traces.run().await });
    let sampling = app.clone();
    app.tasks.spawn("stats", async move {
        loop {
            ops::stats::sample(&sampling);
            tokio::time::sleep(SAMPLE_EVERY).await;
        }
    });
    let pinged = app.clone();
    app.tasks.spawn("pings", async move {
        loop {
            tokio::time::sleep(KEEP_PINGS_EVERY).await;
            ops::pings::flush(&pinged).await;
        }
    });
    let sweeping = app.clone();
    app.tasks.spawn("sessions", async move {
        loop {
            if let Err(failure) = sessions::sweep(&sweeping).await {
                tracing::warn!("sessions whose time has come could not be ended: {failure}");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}
