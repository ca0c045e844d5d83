//! Runs cargo and reads its metadata. Knows nothing of the rules that are checked with it.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::paths::{Places, in_ci};

/// What `cargo metadata` tells, as far as the checks need it.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    resolve: Resolve,
}

/// One package of the graph.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Whether a dependency is part of what is built, or serves tests only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    Build,
    Tests,
}

impl Metadata {
    /// Asks cargo about the workspace of `manifest`.
    pub(crate) fn read(places: &Places, manifest: &Path) -> Result<Self> {
        let mut command = cargo(places, "metadata");
        command.args(["--format-version", "1", "--manifest-path"]).arg(manifest);
        let output = command.output().context("cannot start cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
        serde_json::from_slice(&output.stdout).context("cargo metadata answered what xtask cannot read")
    }

    /// Every edge between two packages, by name: from, to, what for.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (&str, &str, Use)> {
        let names: HashMap<&str, &str> =
            self.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
        self.resolve.nodes.iter().flat_map(move |node| {
            let names = names.clone();
            node.deps.iter().filter_map(move |edge| {
                let tests_only = edge.dep_kinds.iter().all(|kind| kind.kind.as_deref() == Some("dev"));
                let purpose = if tests_only { Use::Tests } else { Use::Build };
                Some((*names.get(node.id.as_str())?, *names.get(edge.pkg.as_str())?, purpose))
            })
        })
    }

    /// The names of the workspace's own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
            .map(|package| package.name.as_str())
    }
}

/// A cargo command in the repository, with the build folder set; in CI the lock file must already be right.
pub(crate) fn cargo(places: &Places, subcommand: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(&places.root).env("CARGO_TARGET_DIR", &places.target).args(subcommand.split(' '));
    if in_ci() && subcommand != "fmt" && !subcommand.starts_with("deny") {
        command.arg("--locked");
    }
    command
}

/// Whether `cargo NAME` is installed.
pub(crate) fn has_subcommand(name: &str) -> bool {
    let asked = Command::new(format!("cargo-{name}")).arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}
