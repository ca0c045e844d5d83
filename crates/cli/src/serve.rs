//! `herenow serve`.

use std::io::Write;

use anyhow::{Context, Result};
use herenow_server::{
    Config, boot,
    config::{Flags, LogFormat},
};

use crate::arguments::Settings;

/// Reads the configuration that the flags and the environment name.
pub(crate) fn config(flags: &Flags) -> Result<Config> {
    Config::load(flags, &|name| std::env::var(name).ok())
}

/// A runtime for short commands.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

pub(crate) fn run(settings: &Settings) -> Result<()> {
    let config = config(&settings.flags())?;
    log(&config)?;
    runtime()?.block_on(async {
        let running = boot::start(config).await?;
        let address = running.address();
        // Before anybody can know that there is somebody to stop.
        let mut signals = boot::StopSignals::catch()?;
        // Whoever waits for the first line may have hung up behind it: that is no reason to end.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "herenow: listening on http://{address}");
        let _ = writeln!(out, "  demo   {}/demo\n  admin  {}/admin", running.pages_url(), running.pages_url());
        let _ = out.flush();
        drop(out);
        if let Some(code) = running.sign_up_code() {
            // Not a line of the log, which others may keep and read.
            let _ = writeln!(
                std::io::stderr(),
                "herenow: no operator yet; from elsewhere than this machine it takes the sign-up code {code}"
            );
        }
        signals.told().await;
        tracing::info!("stopping; a second signal ends at once");
        signals.unless_told(running.stop()).await;
        Ok(())
    })
}

fn log(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log);
    let filter =
        filter.with_context(|| format!("log is {:?}, which is no filter; such as info or warn", config.log))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
