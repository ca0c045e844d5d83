//! Finding the `herenow` binary, and running it for commands other than `serve`.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::time::timeout;

/// Names the binary to test; without it, the one beside the running test is taken.
const BINARY_VARIABLE: &str = "HERENOW_BIN";
/// For commands that do their work and end.
const RUN_DEADLINE: Duration = Duration::from_secs(60);

/// The binary under test: `HERENOW_BIN`, else `herenow` in the target folder that this test was built into.
///
/// # Errors
/// When there is no such file; the error says how to build it.
pub fn binary() -> Result<PathBuf> {
    if let Some(named) = env::var_os(BINARY_VARIABLE) {
        return existing(PathBuf::from(named), BINARY_VARIABLE);
    }
    let test = env::current_exe().context("the path of the running test")?;
    existing(beside(&test), "the test's target folder")
}

/// Runs `herenow ARGUMENTS` in `directory` with a clean environment and collects what it says.
///
/// # Errors
/// When the binary is not found or does not end within 60 s; its exit code is no error.
pub async fn run(directory: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = isolated(&binary()?, directory);
    command.args(arguments).stdin(Stdio::null());
    let mut command = tokio::process::Command::from(command);
    let output = timeout(RUN_DEADLINE, command.kill_on_drop(true).output()).await;
    let what = || format!("herenow {}", arguments.join(" "));
    output.with_context(|| format!("{}: still running after {RUN_DEADLINE:?}", what()))?.with_context(what)
}

/// A command that inherits no setting: neither `HERENOW_*` nor a `herenow.toml` in the test's own directory.
pub(super) fn isolated(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("HERENOW_") {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo puts tests into `TARGET/PROFILE/deps` (examples into `examples`) and binaries one level up.
fn beside(test: &Path) -> PathBuf {
    let folder = test.parent().unwrap_or(Path::new("."));
    let is_nested = folder.ends_with("deps") || folder.ends_with("examples");
    let profile = if is_nested { folder.parent().unwrap_or(folder) } else { folder };
    profile.join(format!("herenow{}", env::consts::EXE_SUFFIX))
}

fn existing(path: PathBuf, source: &str) -> Result<PathBuf> {
    if !path.is_file() {
        bail!(
            "no herenow binary at {} (from {source}): run the tests with `cargo xtask test`, or build it first with \
             `cargo build -p herenow-cli`",
            path.display()
        );
    }
    // The server runs in a directory of its own, where a relative path would lead elsewhere.
    path.canonicalize().with_context(|| format!("the binary {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_lies_in_the_profile_folder_of_the_test() {
        let expected = Path::new("target/debug").join(format!("herenow{}", env::consts::EXE_SUFFIX));
        for test in ["target/debug/deps/api-0123", "target/debug/examples/demo", "target/debug/xtask"] {
            assert_eq!(beside(Path::new(test)), expected, "{test}");
        }
    }

    #[test]
    fn a_missing_binary_says_how_to_build_it() {
        let error = existing(PathBuf::from("nowhere/herenow"), "a test").expect_err("no file").to_string();
        assert!(error.contains("nowhere/herenow") && error.contains("cargo build -p herenow-cli"), "{error}");
    }
}
