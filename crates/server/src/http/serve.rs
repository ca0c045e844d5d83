//! Accepts connections and serves them until told to stop.

use std::{convert::Infallible, future::poll_fn, net::SocketAddr, pin::Pin, sync::Arc, task::Poll, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{listed::Table, pipeline::Pipeline};
use crate::{App, realtime};

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long accepting pauses when the machine has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts until `stop` says so; what is under way goes on.
pub async fn accept(app: Arc<App>, listener: TcpListener, routes: Table, stop: watch::Receiver<bool>) {
    let pipeline = Arc::new(Pipeline { app: app.clone(), routes });
    let mut stopped = stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = until(&mut stopped) => return,
        };
        match accepted {
            Ok((stream, peer)) => app.tasks.spawn("http", serve(pipeline.clone(), stream, peer, stop.clone())),
            Err(error) => {
                // Out of file descriptors, or the client was gone already: neither ends the server.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Waits for the word to stop; a server that is gone has said it.
async fn until(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

async fn serve(pipeline: Arc<Pipeline>, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
    // A client that is gone without a word must not keep what it listens to: nothing else would tell.
    if realtime::watch(&stream).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let pipeline = pipeline.clone();
        async move { Ok::<_, Infallible>(pipeline.run(peer.ip(), request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // How a client ends its connection is its own affair.
    if until_told(connection.as_mut(), stop).await.is_none() {
        connection.as_mut().graceful_shutdown();
        drop(connection.await);
    }
}

/// Runs `work` to its end, or until the word to stop: none then. Whether it was said is asked when something has been,
/// instead of each time that the work goes on.
async fn until_told<W: Future>(mut work: Pin<&mut W>, mut stop: watch::Receiver<bool>) -> Option<W::Output> {
    let said = stop.clone();
    let mut told = std::pin::pin!(until(&mut stop));
    let mut listens = false;
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        let may_be_told = !listens || said.has_changed().unwrap_or(true);
        listens = true;
        if may_be_told && told.as_mut().poll(context).is_ready() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}
