//! Everything that a scenario needs before it can begin: cores, folder, credentials, binary.

use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::TempDir;

use crate::affinity::Cores;
use crate::http::Credentials;
use crate::target::{Blueprint, Process, Target};
use crate::template::stand_in_payload;

/// Options that all scenarios share.
#[derive(Debug, Args)]
pub(crate) struct StageArgs {
    /// The herenow binary to measure [default: this program]
    #[arg(long, value_name = "PATH")]
    server_bin: Option<PathBuf>,
    /// Also write the report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

impl StageArgs {
    /// No options: for a part of a run whose stage is already set.
    pub(crate) fn none() -> Self {
        Self { server_bin: None, json: None }
    }
}

/// The surroundings of one run; its folder vanishes with it.
pub(crate) struct Stage {
    /// Who runs where.
    pub(crate) cores: Cores,
    /// With what the generator writes.
    pub(crate) credentials: Credentials,
    folder: TempDir,
    template: PathBuf,
    server_binary: PathBuf,
}

impl Stage {
    /// Prepares the run and pins the generator.
    pub(crate) fn prepare(args: &StageArgs) -> anyhow::Result<Self> {
        let cores = Cores::choose()?;
        cores.pin_generator()?;
        let folder = tempfile::Builder::new().prefix("herenow-bench-").tempdir()?;
        let template = folder.path().join("event.json");
        std::fs::write(&template, stand_in_payload())?;
        let server_binary = match &args.server_bin {
            Some(path) => std::path::absolute(path)?,
            None => std::env::current_exe()?,
        };
        let credentials = Credentials { project: "bench".into(), key: format!("standard_{}", random_hex::<128>()?) };
        Ok(Self { cores, credentials, folder, template, server_binary })
    }

    /// Gives the references a captured event to send, instead of the stand-in.
    pub(crate) fn keep_event(&self, payload: &[u8]) -> anyhow::Result<()> {
        Ok(std::fs::write(&self.template, payload)?)
    }

    /// The file with the event that references send.
    pub(crate) fn template(&self) -> &Path {
        &self.template
    }

    /// Starts a target.
    pub(crate) fn start(&self, target: Target) -> anyhow::Result<Process> {
        let folder = self.folder.path();
        let blueprint = Blueprint { server_binary: &self.server_binary, folder, credentials: &self.credentials };
        let command = blueprint.command(target, &self.template)?;
        Process::start(target, command, self.cores, &folder.join(format!("{}.log", target.name())))
    }
}

/// An id as the SDKs make them.
pub(crate) fn random_id() -> anyhow::Result<String> {
    random_hex::<10>()
}

fn random_hex<const BYTES: usize>() -> anyhow::Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
