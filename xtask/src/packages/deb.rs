//! Lays out the files of the Debian package and has dpkg-deb pack them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::output;
use crate::paths::Places;
use crate::process::run_quietly;

/// For which shell, and where its completions live.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/herenow"),
    ("zsh", "usr/share/zsh/vendor-completions/_herenow"),
    ("fish", "usr/share/fish/vendor_completions.d/herenow.fish"),
];
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
const MANUAL: &str = "usr/share/man/man1";
const DOCUMENTS: &str = "usr/share/doc/herenow";

/// Makes `herenow_VERSION_ARCHITECTURE.deb` of a binary in `folder`.
pub(super) fn build(places: &Places, binary: &Path, version: &str, folder: &Path) -> Result<PathBuf> {
    let tree = tempfile::tempdir().context("cannot make a temporary folder")?;
    let root = tree.path();
    lay_out(places, binary, root)?;
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
    control(places, root, version, &architecture)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let package = folder.join(format!("herenow_{version}_{architecture}.deb"));
    let mut pack = Command::new("dpkg-deb");
    run_quietly(pack.args(["--root-owner-group", "-Zxz", "-z1", "--build"]).arg(root).arg(&package))?;
    Ok(package)
}

fn lay_out(places: &Places, binary: &Path, root: &Path) -> Result<()> {
    let deploy = places.root.join("deploy");
    put(binary, &root.join("usr/bin/herenow"), 0o755)?;
    // Smaller by what only a debugger reads; a missing strip is no failure.
    drop(run_quietly(Command::new("strip").arg(root.join("usr/bin/herenow"))));
    put(&deploy.join("systemd/herenow.service"), &root.join("lib/systemd/system/herenow.service"), 0o644)?;
    put(&deploy.join("debian/herenow.toml"), &root.join("etc/herenow/herenow.toml"), 0o644)?;
    let manual = root.join(MANUAL);
    fs::create_dir_all(&manual)?;
    run_quietly(Command::new(binary).arg("man").arg(&manual))?;
    let pages: Vec<PathBuf> = fs::read_dir(&manual)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    run_quietly(Command::new("gzip").args(["-9n"]).args(&pages))?;
    for (shell, place) in COMPLETIONS {
        write(&root.join(place), &output(Command::new(binary).args(["completions", shell]))?, 0o644)?;
    }
    let documents = root.join(DOCUMENTS);
    // All pages: they refer to each other.
    for entry in fs::read_dir(places.root.join("docs")).context("cannot read docs")? {
        let page = entry?.path();
        if page.extension().is_some_and(|extension| extension == "md") {
            put(&page, &documents.join(page.file_name().context("a page has a name")?), 0o644)?;
        }
    }
    put(&places.root.join("deploy/grafana/herenow.json"), &documents.join("grafana.json"), 0o644)?;
    let licence =
        |name: &str| fs::read_to_string(places.root.join(name)).with_context(|| format!("cannot read {name}"));
    let licences = format!(
        "Licensed under MIT or Apache-2.0, as you like.\n\n{}\n{}",
        licence("LICENSE-MIT")?,
        licence("LICENSE-APACHE")?
    );
    write(&documents.join("copyright"), &licences, 0o644)
}

fn control(places: &Places, root: &Path, version: &str, architecture: &str) -> Result<()> {
    let (source, target) = (places.root.join("deploy/debian"), root.join("DEBIAN"));
    let listed = output(Command::new("du").args(["--summarize", "--apparent-size", "--block-size=1024"]).arg(root))?;
    let size = listed.split_whitespace().next().unwrap_or("0");
    let libc = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))?;
    let template = fs::read_to_string(source.join("control.in")).context("cannot read control.in")?;
    let control = template
        .replace("@VERSION@", version)
        .replace("@ARCHITECTURE@", architecture)
        .replace("@SIZE@", size)
        .replace("@LIBC@", libc.trim_start_matches("glibc "));
    write(&target.join("control"), &control, 0o644)?;
    put(&source.join("conffiles"), &target.join("conffiles"), 0o644)?;
    for script in SCRIPTS {
        put(&source.join(script), &target.join(script), 0o755)?;
    }
    let mut sums = Command::new("sh");
    sums.current_dir(root).args(["-c", "find etc lib usr -type f -print0 | sort -z | xargs -0 md5sum"]);
    write(&target.join("md5sums"), &format!("{}\n", output(&mut sums)?), 0o644)
}

fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    write_bytes(to, &bytes, mode)
}

fn write(to: &Path, text: &str, mode: u32) -> Result<()> {
    write_bytes(to, text.as_bytes(), mode)
}

/// Folders are open to all and files as `mode` says, whatever the caller's umask is.
fn write_bytes(to: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let folder = to.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}
