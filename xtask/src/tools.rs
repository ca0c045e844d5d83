//! Installs what the SDK lanes need: npm packages, Python environments, a browser, headers. Keeps all but Debian's
//! packages in the cache, keyed by the lock file, so that a second run finds them.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths::Places;
use crate::process::run_quietly;

const CHROMIUM: &str = "/usr/bin/chromium";
const PYTHONS_WITH_LIB2TO3: [&str; 4] = ["python3.12", "python3.11", "python3.10", "python3"];
/// Written last, so that an interrupted installation is made anew.
const STAMP: &str = ".complete";

/// Installs the packages of a lane's `package-lock.json` and lets node find them from the lane's folder.
pub(crate) fn npm_packages(places: &Places, lane: &Path) -> Result<()> {
    let lock = lane.join("package-lock.json");
    let installed = installed_once(places, "npm", std::slice::from_ref(&lock), |folder| {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(lane.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        let mut npm = Command::new("npm");
        run_quietly(npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
    })?;
    link(&installed.join("node_modules"), &lane.join("node_modules"))
}

/// Makes a Python environment with a lane's `requirements.txt`; gives its interpreter.
pub(crate) fn python(places: &Places, lane: &Path) -> Result<PathBuf> {
    let requirements = lane.join("requirements.txt");
    let installed = installed_once(places, "python", std::slice::from_ref(&requirements), |folder| {
        run_quietly(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let mut pip = Command::new(folder.join("bin/python"));
        run_quietly(pip.args(["-m", "pip", "install", "--disable-pip-version-check", "-r"]).arg(&requirements))
    })?;
    Ok(installed.join("bin/python"))
}

/// A Python that can still read Python 2 and make environments.
pub(crate) fn python_with_lib2to3() -> Result<&'static str> {
    let able = |python: &&str| {
        let asked = Command::new(python).args(["-W", "ignore", "-c", "import lib2to3, venv, ensurepip"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    let found = PYTHONS_WITH_LIB2TO3.into_iter().find(able);
    found.context("no Python from 3.10 to 3.12 with lib2to3 and venv: `apt-get install python3-venv python3-lib2to3`")
}

/// Sees to it that Debian's Chromium is there.
pub(crate) fn chromium() -> Result<()> {
    if Path::new(CHROMIUM).is_file() {
        return Ok(());
    }
    debian_packages(&["chromium"])
}

/// Sees to it that OpenSSL's headers are there, which the Rust SDK's HTTP client builds against.
pub(crate) fn openssl_headers() -> Result<()> {
    let found = Command::new("pkg-config").args(["--exists", "openssl"]).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    debian_packages(&["pkg-config", "libssl-dev"])
}

/// Sees to it that valgrind is there, with which instructions are counted.
pub(crate) fn valgrind() -> Result<()> {
    let asked = Command::new("valgrind").arg("--version").output();
    if asked.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    debian_packages(&["valgrind"])
}

/// Sees to it that libfaketime is there, with which a test moves the wall clock of its server.
pub(crate) fn faketime() -> Result<()> {
    let mut libraries = fs::read_dir("/usr/lib").context("/usr/lib cannot be read")?.flatten();
    if libraries.any(|entry| entry.path().join("faketime/libfaketimeMT.so.1").is_file()) {
        return Ok(());
    }
    debian_packages(&["libfaketime"])
}

fn debian_packages(names: &[&str]) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        bail!("not installed, and only root may install it: `apt-get install {}`", names.join(" "));
    }
    println!("installing {} with apt-get", names.join(", "));
    run_quietly(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "--no-install-recommends"]).args(names);
    run_quietly(&mut install)
}

/// A folder in the cache that `install` has filled, once for what these files say.
pub(crate) fn installed_once(
    places: &Places,
    kind: &str,
    locks: &[PathBuf],
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    for lock in locks {
        hasher.write(&fs::read(lock).with_context(|| format!("cannot read {}", lock.display()))?);
    }
    let folder = places.cache.join(format!("{kind}-{:016x}", hasher.finish()));
    if folder.join(STAMP).is_file() {
        return Ok(folder);
    }
    let named = locks.first().map_or(Path::new(kind), PathBuf::as_path);
    println!("installing {kind} packages of {}", named.strip_prefix(&places.root).unwrap_or(named).display());
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot clear an unfinished installation")?;
    }
    fs::create_dir_all(&folder).context("cannot make a folder in the cache")?;
    install(&folder)?;
    fs::write(folder.join(STAMP), "").context("cannot write to the cache")?;
    Ok(folder)
}

fn link(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|present| present == target) {
        return Ok(());
    }
    match fs::symlink_metadata(link) {
        Ok(present) if present.is_symlink() => fs::remove_file(link).context("cannot replace a link")?,
        Ok(_) => bail!("{} is a folder of its own: remove it, packages are kept in the cache", link.display()),
        Err(_) => {}
    }
    std::os::unix::fs::symlink(target, link).with_context(|| format!("cannot link {}", link.display()))
}
