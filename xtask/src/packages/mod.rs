//! The Debian package: `cargo xtask deb` makes it, `cargo xtask package-test` lives through a life of it.

#[cfg(test)]
mod container;
mod deb;
mod life;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo::cargo;
use crate::paths::Places;
use crate::{lanes, process};

/// The most that a release binary may have, in bytes: a third more than the 18.9 MB that it had when this was written.
const MOST_BINARY_BYTES: u64 = 24 * 1024 * 1024;

/// Builds the release binary and a package of it.
pub(crate) fn release(places: &Places) -> Result<()> {
    process::run(
        cargo(places, "build").args(["--release", "--package", "herenow-cli"]),
        "mend what the compiler names",
    )?;
    let binary = places.target.join("release/herenow");
    within_budget(&binary)?;
    let package = deb::build(places, &binary, &version(places)?, &places.target.join("debian"))?;
    println!("{}", package.display());
    Ok(())
}

/// Installs, uses, upgrades and purges a package of the debug binary, where that is possible.
pub(crate) fn test(places: &Places) -> Result<()> {
    let release = places.target.join("release/herenow");
    if release.is_file() {
        within_budget(&release)?;
    }
    if let Some(reason) = life::hindered() {
        println!("the Debian package is not tested: {reason}");
        return Ok(());
    }
    lanes::build_server(places)?;
    life::live(places, &places.target.join("debug/herenow"), &version(places)?)
}

fn within_budget(binary: &Path) -> Result<()> {
    let bytes = std::fs::metadata(binary).with_context(|| format!("{} is missing", binary.display()))?.len();
    ensure!(
        bytes <= MOST_BINARY_BYTES,
        "{} has {bytes} bytes, over {MOST_BINARY_BYTES}: find what grew, or raise the budget and say why",
        binary.display()
    );
    Ok(())
}

/// The version of the workspace.
fn version(places: &Places) -> Result<String> {
    let manifest = std::fs::read_to_string(places.root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    line.map(str::to_owned).context("Cargo.toml names no version")
}

/// What a command prints, trimmed.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed ({}): {}", output.status, said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
