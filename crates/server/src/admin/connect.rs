//! The command line's side: a running server is asked, a stopped one's data is opened.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use super::{
    Answer, Request, perform,
    socket::{self, Outcome},
};
use crate::{
    Config,
    boot::{InUse, Stopped},
};

/// How long a server may take to start or to stop, or another command to end, that has the data folder.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(50);

/// Has a request performed.
///
/// # Errors
/// A sentence for the operator.
pub async fn ask(config: &Config, request: &Request) -> Result<Answer> {
    let Some(folder) = &config.data else {
        bail!("data is :memory:, which only the server itself can reach: name a data folder with --data");
    };
    let mut waited = Duration::ZERO;
    loop {
        if let Ok(stream) = socket::connect(folder).await {
            return over(stream, request).await;
        }
        match stopped(config, request).await {
            Err(error) if error.is::<InUse>() && waited < PATIENCE => {
                tokio::time::sleep(STEP).await;
                waited += STEP;
            }
            outcome => return outcome,
        }
    }
}

async fn over(mut stream: UnixStream, request: &Request) -> Result<Answer> {
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    let mut answer = String::new();
    let exchange = async {
        stream.write_all(line.as_bytes()).await?;
        stream.read_to_string(&mut answer).await
    };
    exchange.await.context("the running server broke off; it may have done what was asked")?;
    if answer.is_empty() {
        bail!("the running server has too much to do: try again");
    }
    let outcome: Outcome = serde_json::from_str(&answer)
        .context("the running server's answer is not understood: it is another version")?;
    outcome.map_err(|sentence| anyhow!(sentence))
}

async fn stopped(config: &Config, request: &Request) -> Result<Answer> {
    let stopped = Stopped::open(config).await?;
    let outcome = perform(stopped.app(), request.clone()).await;
    stopped.close().await;
    outcome
}
