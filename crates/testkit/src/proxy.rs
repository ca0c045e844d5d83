//! A TCP proxy on the loopback that can lose the network: silently, as when a laptop lid closes, or with a reset.
//! It knows nothing of what passes through.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::sleep,
};

use crate::tasks::{Task, spawn};

/// Rest after a failed accept.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// Forwards connections to a target until told to cut them.
#[derive(Debug)]
pub struct CuttingProxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    counts: Arc<Counts>,
    _accepting: Task,
}

/// What the connections watch. Counters rather than flags, so that no cut is missed however quickly it heals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    state: State,
    cuts: u64,
    resets: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
}

#[derive(Debug, Default)]
struct Counts {
    accepted: AtomicUsize,
    open: AtomicUsize,
}

impl CuttingProxy {
    /// Listens on a free loopback port and forwards to `target`.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("the proxy needs a loopback port")?;
        let address = listener.local_addr()?;
        let (line, watched) = watch::channel(Line { state: State::Whole, cuts: 0, resets: 0 });
        let counts = Arc::new(Counts::default());
        let accepting = spawn(accept(listener, target, watched, Arc::clone(&counts)));
        Ok(Self { address, line, counts, _accepting: accepting })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Black hole: what is connected now stays open and carries nothing any more, in either direction and for good;
    /// who connects from now on waits for [`heal`](Self::heal).
    pub fn cut(&self) {
        self.line.send_modify(|line| {
            line.state = State::Cut;
            line.cuts += 1;
        });
    }

    /// Ends every connection, also black-holed and waiting ones, with a TCP reset on both sides.
    pub fn reset(&self) {
        self.line.send_modify(|line| line.resets += 1);
    }

    /// Lets new connections, and those that wait, through again.
    pub fn heal(&self) {
        self.line.send_modify(|line| line.state = State::Whole);
    }

    /// How many connections were accepted since the start.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// How many connections the proxy holds now, black-holed ones included.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, line: watch::Receiver<Line>, counts: Arc<Counts>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // A peer that gave up already, or too many open files for the moment.
            sleep(ACCEPT_RETRY).await;
            continue;
        };
        counts.accepted.fetch_add(1, Ordering::SeqCst);
        counts.open.fetch_add(1, Ordering::SeqCst);
        let (line, counts) = (line.clone(), Arc::clone(&counts));
        connections.spawn(async move {
            carry(client, target, line).await;
            counts.open.fetch_sub(1, Ordering::SeqCst);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// One connection's life. Returns when it is over; the streams close with it.
async fn carry(mut client: TcpStream, target: SocketAddr, mut line: watch::Receiver<Line>) {
    let found = *line.borrow_and_update();
    let start = wait_for(&mut line, |now| now.state == State::Whole || now.resets != found.resets).await;
    if start.resets != found.resets {
        return reset_when_dropped(&client);
    }
    let Ok(mut server) = TcpStream::connect(target).await else { return reset_when_dropped(&client) };
    // Small frames must not wait for one another here; where this fails they are only slower.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    tokio::select! {
        biased;
        _ = wait_for(&mut line, |now| now.cuts != start.cuts || now.resets != start.resets) => {
            wait_for(&mut line, |now| now.resets != start.resets).await;
        }
        copied = copy_bidirectional(&mut client, &mut server) => {
            if copied.is_ok() {
                return;
            }
        }
    }
    reset_when_dropped(&client);
    reset_when_dropped(&server);
}

/// Waits for a state of the line; for ever once the proxy is gone, since this task is then being ended, too.
async fn wait_for(line: &mut watch::Receiver<Line>, reached: impl FnMut(&Line) -> bool) -> Line {
    let reached = line.wait_for(reached).await.map(|line| *line);
    match reached {
        Ok(line) => line,
        Err(_) => std::future::pending().await,
    }
}

/// Makes the coming drop of the stream a reset instead of an orderly end.
fn reset_when_dropped(stream: &TcpStream) {
    // A stream that is already broken cannot be reset any more than it is.
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests;
