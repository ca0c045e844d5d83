//! `herenow watch`: who is here, live in the terminal. Reads the server's event stream as any client does; knows nothing
//! of the server's insides.

mod feed;
mod lines;
mod model;
mod screen;
mod sse;
mod view;

use std::io::IsTerminal;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::serve::runtime;

/// Updates that wait for the terminal at most; then the stream waits.
const MAX_WAITING: usize = 4_096;

/// What to watch, and how to show it.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The API of the server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/v1")]
    endpoint: String,
    /// The project.
    #[arg(long, value_name = "ID", default_value = "demo")]
    project: String,
    /// An API key with the scope presences.read; in the environment nobody else on the machine sees it.
    #[arg(long, value_name = "SECRET", env = "HERENOW_KEY", hide_env_values = true)]
    key: String,
    /// Print a line for each change; so it is, too, where the output is no terminal.
    #[arg(long, conflicts_with = "json")]
    plain: bool,
    /// Print a line of JSON for each change.
    #[arg(long)]
    json: bool,
}

/// Where the stream is, and what opens it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    host: String,
    port: u16,
    authority: String,
    path: String,
    project: String,
    key: String,
}

impl Source {
    fn of(args: &WatchArgs) -> Result<Self> {
        let uri: http::Uri = args.endpoint.parse().with_context(|| format!("{} is no URL", args.endpoint))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                bail!("watch does not speak https: run it beside the server, or through an SSH tunnel, with http://")
            }
            _ => bail!("{} is no URL; such as http://127.0.0.1:8080/v1", args.endpoint),
        }
        let authority = uri.authority().context("the endpoint names no host")?;
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: authority.to_string(),
            path: format!("{}/realtime?channels[]=snapshot.presences", uri.path().trim_end_matches('/')),
            project: args.project.clone(),
            key: args.key.clone(),
        })
    }
}

/// Watches until told to stop.
pub(crate) fn run(args: &WatchArgs) -> Result<()> {
    let source = Source::of(args)?;
    let runtime = runtime()?;
    let (sender, updates) = tokio::sync::mpsc::channel(MAX_WAITING);
    let what = format!("{} at {}", source.project, source.authority);
    runtime.spawn(feed::run(source, sender));
    let outcome = if args.json {
        lines::run(updates, lines::Form::Json)
    } else if args.plain || !std::io::stdout().is_terminal() {
        lines::run(updates, lines::Form::Plain)
    } else {
        screen::run(updates, &what)
    };
    runtime.shutdown_background();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(endpoint: &str) -> Result<Source> {
        let text = |text: &str| text.to_owned();
        let args =
            WatchArgs { endpoint: text(endpoint), project: text("p"), key: text("k"), plain: false, json: false };
        Source::of(&args)
    }

    #[test]
    fn an_endpoint_is_a_url_of_http() {
        let found = source("http://[::1]:81/v1/").expect("a source");
        assert_eq!((found.host.as_str(), found.port), ("::1", 81));
        assert!(found.path.starts_with("/v1/realtime?"), "{}", found.path);
        assert!(source("https://example.com/v1").expect_err("not spoken").to_string().contains("https"));
        assert!(source("localhost:8080").is_err() && source("").is_err());
    }
}
