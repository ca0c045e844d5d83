//! The pages under `web/`: builds them, and holds that what is committed is what their source makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths::{Places, in_ci};
use crate::process::run_quietly;
use crate::tools;

const PAGES: [&str; 2] = ["demo", "admin"];
const FIX: &str = "run `cargo xtask pages` and commit web/dist";

/// Builds the pages into `web/dist`.
pub(crate) fn build(places: &Places) -> Result<()> {
    build_into(places, &places.root.join("web/dist"))
}

/// Builds the pages elsewhere and compares; without npm it says so and is skipped, but in CI.
pub(crate) fn check(places: &Places) -> Result<()> {
    if let Err(error) = run_quietly(Command::new("npm").arg("--version")) {
        if in_ci() {
            return Err(error.context("CI may not skip the pages: install Node 20.19 or later with npm"));
        }
        println!("the pages are not built and compared: npm is missing");
        return Ok(());
    }
    let built = tempfile::tempdir().context("cannot make a temporary folder")?;
    build_into(places, built.path())?;
    let differences = differences(&files(&places.root.join("web/dist"))?, &files(built.path())?);
    if !differences.is_empty() {
        bail!("web/dist is not what web/ makes:\n  {}\n{FIX}", differences.join("\n  "));
    }
    println!("web/dist is what web/ makes");
    Ok(())
}

fn build_into(places: &Places, folder: &Path) -> Result<()> {
    let web = places.root.join("web");
    tools::npm_packages(places, &web).context("npm packages of the pages")?;
    let node = |program: &str, arguments: &[&str]| {
        let mut node = Command::new("node");
        node.current_dir(&web).env("HERENOW_DIST", folder).env_remove("NODE_ENV");
        run_quietly(node.arg(web.join("node_modules").join(program)).args(arguments))
    };
    node("typescript/bin/tsc", &["--noEmit"])?;
    PAGES.iter().try_for_each(|page| node("vite/bin/vite.js", &["build", "--logLevel", "warn", "--mode", page]))
}

/// What is in every file below a folder, by its path there.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {}: {FIX}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                found.insert(path.strip_prefix(folder)?.to_path_buf(), content);
            }
        }
    }
    Ok(found)
}

fn differences(committed: &BTreeMap<PathBuf, Vec<u8>>, built: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let lost = committed.keys().filter(|path| !built.contains_key(*path));
    let lost = lost.map(|path| format!("{} is committed and not made", path.display()));
    let other = built.iter().filter_map(|(path, content)| match committed.get(path) {
        None => Some(format!("{} is made and not committed", path.display())),
        Some(committed) if committed != content => Some(format!("{} is another one", path.display())),
        Some(_) => None,
    });
    lost.chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        files.iter().map(|(path, content)| (PathBuf::from(path), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn every_kind_of_difference_is_named() {
        let committed = tree(&[("same", "1"), ("old", "1"), ("edited", "1")]);
        let built = tree(&[("same", "1"), ("edited", "2"), ("new", "1")]);
        let expected = ["old is committed and not made", "edited is another one", "new is made and not committed"];
        assert_eq!(differences(&committed, &built), expected);
        assert!(differences(&built, &built).is_empty());
    }

    #[test]
    fn files_are_found_at_every_depth() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("made");
        fs::write(folder.path().join("a/b"), "x").expect("written");
        assert_eq!(files(folder.path()).expect("readable"), tree(&[("a/b", "x")]));
    }
}
