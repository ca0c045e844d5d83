//! `herenow key`.

use anyhow::Result;
use herenow_server::{admin, boot};

use crate::{
    arguments::{Key, KeyCommand},
    serve::{config, runtime},
};

pub(crate) fn run(key: &Key) -> Result<()> {
    match &key.command {
        KeyCommand::Create { project, name, scopes, settings } => {
            let config = config(settings)?;
            runtime()?.block_on(async {
                let stopped = boot::Stopped::open(&config).await?;
                let (key, secret) = admin::keys::create(stopped.accounts(), project, name, scopes).await?;
                eprintln!("key {} of project {project}; this is its secret, shown once:", key.id);
                println!("{secret}");
                Ok(())
            })
        }
    }
}
