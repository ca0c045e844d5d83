//! A small disk in a mount namespace of its own: nobody else sees it, and it is gone with the process that holds it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Room for a server's files and little more.
const MEBIBYTES: u32 = 16;
/// Mounts the disk at `$1`, says so, and stays until its input ends.
const HOLD: &str = r#"mount -t tmpfs -o size="$2"m,mode=0700 none "$1" && echo mounted && exec cat"#;

/// The disk.
pub(crate) struct Disk {
    holder: Child,
    at: TempDir,
}

impl Disk {
    pub(crate) fn mount() -> Result<Self> {
        let at = tempfile::Builder::new().prefix("herenow-disk-").tempdir().context("a folder to mount at")?;
        let mut holder = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", HOLD, "sh"])
            .arg(at.path())
            .arg(MEBIBYTES.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("unshare")?;
        let mut said = String::new();
        let output = holder.stdout.take().context("its output is piped")?;
        BufReader::new(output).read_line(&mut said)?;
        if said.trim() != "mounted" {
            let failed = holder.wait_with_output()?;
            anyhow::bail!("{}", String::from_utf8_lossy(&failed.stderr).trim());
        }
        let disk = Self { holder, at };
        let probe = disk.seen_from_here().join("probe");
        fs::write(&probe, "x").and_then(|()| fs::remove_file(&probe)).context("the disk cannot be reached")?;
        ensure!(!disk.at.path().join("probe").exists(), "the disk is seen by everybody");
        Ok(disk)
    }

    /// Whether a machine that cannot do this is at fault.
    pub(crate) fn is_owed() -> bool {
        let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        root && std::env::var("CI").is_ok_and(|ci| ci == "true")
    }

    /// The server's data folder, as the server sees it.
    pub(crate) fn data(&self) -> PathBuf {
        self.at.path().join("data")
    }

    /// What starts a program with this disk.
    pub(crate) fn launcher(&self) -> Vec<String> {
        ["nsenter", "--mount", "--target", &self.holder.id().to_string(), "--"].map(str::to_owned).to_vec()
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut filler = fs::File::create(self.filler()).context("a file that takes the room")?;
        let block = [0; 4_096];
        while filler.write_all(&block).is_ok() {}
        Ok(())
    }

    /// Gives it back.
    pub(crate) fn make_room(&self) -> Result<()> {
        fs::remove_file(self.filler()).context("the file that takes the room")
    }

    fn filler(&self) -> PathBuf {
        self.seen_from_here().join("filler")
    }

    fn seen_from_here(&self) -> PathBuf {
        let inside = self.at.path().strip_prefix("/").unwrap_or(self.at.path());
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(inside)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Where it has ended already there is nothing left to end.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
