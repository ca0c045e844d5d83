//! The reference for writes: the HTTP server that the product uses, answering a constant.

use std::io::Write as _;
use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::put;
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::template::stand_in_payload;

/// Serves until it is killed; it does not outlive the process that started it.
pub(crate) fn run() -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    // As long as the answer to an upsert, about.
    let answer = Bytes::from(stand_in_payload());
    let handler = move |_body: Bytes| {
        let answer = answer.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], answer) }
    };
    let router = Router::new().route("/v1/presences/{presenceId}", put(handler));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "herenow: listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    Ok(axum::serve(listener, router).await?)
}
