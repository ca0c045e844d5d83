//! Accepts connections and serves them until told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::{Layer, Service};

use super::pipeline::PeerAddress;
use crate::{App, realtime};

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long accepting pauses when the machine has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts until `stop` says so; what is under way goes on.
pub async fn accept(app: Arc<App>, listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = until(&mut stopped) => return,
        };
        match accepted {
            Ok((stream, peer)) => app.tasks.spawn("http", serve(router.clone(), stream, peer, stop.clone())),
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

async fn serve(router: Router, stream: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
    // A client that is gone without a word must not keep what it listens to: nothing else would tell.
    if realtime::watch(&stream).is_err() {
        return;
    }
    let service = axum::Extension(PeerAddress(peer)).layer(router);
    let service = tower::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut service = service.clone();
        async move { service.call(request.map(axum::body::Body::new)).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // How a client ends its connection is its own affair.
        _ = connection.as_mut() => return,
        () = until(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    drop(connection.await);
}
