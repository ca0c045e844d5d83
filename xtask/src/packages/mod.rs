//! The Debian package and the image: `cargo xtask deb` makes the package, `cargo xtask package-test` lives through a life
//! of both.

#[cfg(test)]
mod container;
mod deb;
mod dockerfile;
mod image;
mod life;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo::cargo;
use crate::paths::Places;
use crate::{lanes, process};

/// The most that a release binary may have, in bytes: a third more than the 18.9 MB that it had when this was written.
const MOST_BINARY_BYTES: u64 = 24 * 1024 * 1024;

/// Which binary is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// The one that tests have built anyway.
    Debug,
    /// The one that is handed out.
    Release,
}

/// Builds the release binary and a package of it.
pub(crate) fn release(places: &Places) -> Result<()> {
    let binary = release_binary(places)?;
    let package = deb::build(places, &binary, &version(places)?, &places.target.join("debian"))?;
    println!("{}", package.display());
    Ok(())
}

fn release_binary(places: &Places) -> Result<PathBuf> {
    process::run(
        cargo(places, "build").args(["--release", "--package", "herenow-cli"]),
        "mend what the compiler names",
    )?;
    let binary = places.target.join("release/herenow");
    within_budget(&binary)?;
    Ok(binary)
}

/// Installs, uses, upgrades and purges a package and takes the steps of the Dockerfile, where that is possible.
pub(crate) fn test(places: &Places, profile: Profile) -> Result<()> {
    image::lint(places)?;
    let binary = match profile {
        Profile::Release => release_binary(places)?,
        Profile::Debug => {
            let release = places.target.join("release/herenow");
            if release.is_file() {
                within_budget(&release)?;
            }
            lanes::build_server(places)?;
            places.target.join("debug/herenow")
        }
    };
    match image::hindered() {
        Some(reason) => println!("the steps of the Dockerfile are not taken: {reason}"),
        None => image::live(places, &binary)?,
    }
    match life::hindered() {
        Some(reason) => println!("the Debian package is not tested: {reason}"),
        None => life::live(places, &binary, &version(places)?)?,
    }
    Ok(())
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
