//! `cargo xtask check`: every rule that can be decided without running a test. Each failure names its fix.

mod arrows;
mod files;
mod licences;
mod spdx;

use anyhow::{Result, bail};

use crate::cargo::{Metadata, cargo, has_subcommand};
use crate::paths::Places;
use crate::process;

/// The workspaces of the repository; the second keeps the Rust SDK's heavy dependencies out of the main graph.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "conformance/sdk-rust/Cargo.toml"];

/// Checks the cheap rules first and reports all that are broken, then formatting and lints.
pub(crate) fn run(places: &Places) -> Result<()> {
    layout(places)?;
    println!("layout, arrows and licences hold");
    formatting_and_lints(places)?;
    println!("formatting and lints are clean");
    cargo_deny(places)
}

fn layout(places: &Places) -> Result<()> {
    let mut faults = files::faults(places)?;
    for manifest in MANIFESTS {
        let metadata = Metadata::read(places, &places.root.join(manifest))?;
        faults.extend(licences::faults(&metadata));
        faults.extend(arrows::faults(&metadata));
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!("{} broken rules:\n  {}", faults.len(), faults.join("\n  "))
}

fn formatting_and_lints(places: &Places) -> Result<()> {
    for manifest in MANIFESTS {
        let mut format = cargo(places, "fmt");
        format.args(["--manifest-path", manifest, "--all", "--check"]);
        process::run(&mut format, "run `cargo fmt --all`, in conformance/sdk-rust too")?;
        let mut lints = cargo(places, "clippy");
        lints.args(["--manifest-path", manifest, "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]);
        process::run(&mut lints, "mend what clippy names; clippy.toml has the reasons")?;
    }
    Ok(())
}

fn cargo_deny(places: &Places) -> Result<()> {
    if !has_subcommand("deny") {
        println!("cargo-deny is not installed: the licence check above stands in for it");
        return Ok(());
    }
    for manifest in MANIFESTS {
        let mut deny = cargo(places, "deny");
        deny.args(["--manifest-path", manifest, "check", "licenses", "bans"]);
        process::run(
            &mut deny,
            "choose a dependency with a permissive licence, or explain the exception in deny.toml",
        )?;
    }
    Ok(())
}
