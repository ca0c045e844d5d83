//! A server that is not there for clients: its data, for as long as a command takes.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use anyhow::Result;

use super::{assemble, data::DataFolder, declared, gone, open_projects, stop, threads};
use crate::{App, Config};

/// The data of a stopped server, with everything that changes it in order.
pub struct Stopped {
    app: Arc<App>,
    threads: Vec<JoinHandle<()>>,
    /// Held until the end, so that no server takes the data.
    _data: Option<DataFolder>,
}

impl Stopped {
    /// Takes the data that a configuration names, and makes what a first start would make.
    ///
    /// # Errors
    /// [`InUse`](super::InUse) where a running server or another command has it.
    pub async fn open(config: &Config) -> Result<Self> {
        let data = config.data.as_deref().map(DataFolder::take).transpose()?;
        let (app, ends) = assemble(config.clone(), 0)?;
        gone::forget_projects(&app).await?;
        declared::apply(&*app.accounts, &app.config, app.clock.now()).await?;
        open_projects(&app).await?;
        let threads = threads(&app, ends)?;
        app.ready.store(true, Ordering::Release);
        Ok(Self { app, threads, _data: data })
    }

    /// What a server's parts share.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Keeps what is pending, and lets the data go.
    pub async fn close(self) {
        let Self { app, threads, _data } = self;
        stop::finish(app, threads).await;
    }
}
