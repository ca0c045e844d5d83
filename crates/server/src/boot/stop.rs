//! The end of a server: stop accepting, answer what is under way, close the sockets, keep what is pending.
//!
//! Source: cli-and-config, "Start and stop".

use std::{future::Future, sync::Arc, thread::JoinHandle, time::Duration};

use herenow_wire::close::CloseCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Running;
use crate::{App, admin, ops, realtime::stream};

/// Over this long the closes are spread, so that clients do not all come back in one instant.
const SPREAD: Duration = Duration::from_secs(2);
/// So few sockets are closed at once.
const NOT_WORTH_SPREADING: usize = 100;
/// How long what is under way may take after that.
const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(20);

impl Running {
    /// Ends the server in order.
    pub async fn stop(self) {
        let app = &self.app;
        app.ready.store(false, std::sync::atomic::Ordering::Release);
        self.stop_accepting.send_replace(true);
        close_sockets(app).await;
        let quiet = || {
            ["http", "request", "opening", "socket", stream::TASK, admin::TASK]
                .iter()
                .all(|name| app.tasks.count(name) == 0)
        };
        within(PATIENCE, quiet).await;
        ops::pings::flush(app).await;
        let Self { app, threads, .. } = self;
        finish(app, threads).await;
    }
}

/// Ends what runs and keeps what is pending.
pub(super) async fn finish(app: Arc<App>, threads: Vec<JoinHandle<()>>) {
    app.tasks.stop();
    let gone = Arc::downgrade(&app);
    within(PATIENCE, || app.tasks.running().iter().all(|(_, count)| *count == 0)).await;
    app.broker.close();
    drop(app);
    let joined = tokio::task::spawn_blocking(move || {
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the server failed");
            }
        }
    });
    if tokio::time::timeout(PATIENCE, joined).await.is_err() {
        tracing::error!(references = gone.strong_count(), "not everything could be kept in time");
    }
}

async fn close_sockets(app: &Arc<App>) {
    let outboxes = app.sockets.stop();
    let steps = (SPREAD.as_millis() / STEP.as_millis()) as usize;
    let batch =
        if outboxes.len() <= NOT_WORTH_SPREADING { outboxes.len().max(1) } else { outboxes.len().div_ceil(steps) };
    for (index, some) in outboxes.chunks(batch).enumerate() {
        if index > 0 {
            tokio::time::sleep(STEP).await;
        }
        for outbox in some {
            outbox.close(CloseCode::ServiceRestart);
        }
    }
}

async fn within(patience: Duration, done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(STEP).await;
        }
    };
    // What is not done by then is ended by what follows.
    drop(tokio::time::timeout(patience, waiting).await);
}

/// What tells the process to stop.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Catches them from now on: until then they end the process at once.
    ///
    /// # Errors
    /// Where the system refuses to report signals.
    pub fn catch() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Completes when one comes.
    pub async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Runs `work`, unless another comes.
    pub async fn unless_told(&mut self, work: impl Future<Output = ()>) {
        tokio::select! {
            () = work => {}
            () = self.told() => {}
        }
    }
}
