//! Rules about the text of the repository's files. Decides line by line and file by file, without parsing a language.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::paths::Places;

/// A Rust file over this many lines is two files.
const MOST_LINES: usize = 500;

// Written in two halves, so that this file does not break its own rules.
const UNFINISHED: [&str; 3] = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];
const MACHINE_PATHS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/fa", "rm/")];
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("files.python", "hosted.org"),
    concat!("pypi", ".org"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("deb.", "debian.org"),
];
const SKIPS: [&str; 4] =
    [concat!("test.", "skip("), concat!("it.", "skip("), concat!("test.", "todo"), concat!("mark.", "skip")];

/// Every broken rule in the files that git knows or would take in.
pub(super) fn faults(places: &Places) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for name in listed(places)? {
        // A file deleted but not yet committed is still listed; a binary one has no lines.
        if let Ok(text) = std::fs::read_to_string(places.root.join(&name)) {
            faults.extend(file_faults(&name, &text));
        }
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "deny.toml", "Cargo.lock", ".ci/run"] {
        if !places.root.join(name).is_file() {
            faults.push(format!("{name} is missing: put it back"));
        }
    }
    Ok(faults)
}

fn listed(places: &Places) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(&places.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().context("cannot start git, which lists the files to check")?;
    ensure!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr).trim());
    let text = String::from_utf8(output.stdout).context("a file name is not UTF-8: rename it")?;
    Ok(text.split_terminator('\0').map(str::to_owned).collect())
}

fn file_faults(name: &str, text: &str) -> Vec<String> {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if extension == "rs" && lines > MOST_LINES {
        faults.push(format!("{name} has {lines} lines, over {MOST_LINES}: split it by what its parts own"));
    }
    if name.ends_with("package-lock.json") && text.contains("\"resolved\"") {
        faults.push(format!("{name} names download addresses: `npm install --omit-lockfile-registry-resolved`"));
    }
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        if let Some(fault) = line_fault(extension, before, line) {
            faults.push(format!("{name}:{}: {fault}", index + 1));
        }
        before = line;
    }
    faults
}

fn line_fault(extension: &str, before: &str, line: &str) -> Option<String> {
    let found = |words: &[&'static str]| words.iter().copied().find(|word| line.contains(word));
    if extension == "rs" {
        if let Some(word) = found(&UNFINISHED) {
            return Some(format!("`{word}` is unfinished work: finish it or take it out"));
        }
        let ignored = concat!("#[", "ignore");
        if line.contains(&format!("{ignored}]")) {
            return Some(format!("an ignored test needs its reason: `{ignored} = \"…\"]`"));
        }
    }
    if ["js", "mjs", "ts", "tsx", "py"].contains(&extension)
        && let Some(word) = found(&SKIPS)
        && ![before, line].iter().any(|line| line.contains("//") || line.contains('#'))
    {
        return Some(format!("`{word}` needs its reason in a comment beside it"));
    }
    // Lock files name the registry that they were made from, in cargo's own words.
    if extension == "lock" {
        return None;
    }
    if let Some(word) = found(&MACHINE_PATHS) {
        return Some(format!("`{word}` is a path of one machine: derive it from the repository or the environment"));
    }
    found(&REGISTRY_HOSTS).map(|host| format!("`{host}` is a registry's host: leave it to the client's own settings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_is_found_in_rust_only() {
        for word in UNFINISHED {
            assert!(line_fault("rs", "", &format!("    {word})")).is_some());
            assert!(line_fault("md", "", word).is_none());
        }
    }

    #[test]
    fn an_ignored_test_needs_a_reason() {
        let bare = concat!("#[", "ignore]");
        let with_reason = concat!("#[", "ignore = \"needs a second machine\"]");
        assert!(line_fault("rs", "", bare).is_some());
        assert!(line_fault("rs", "", with_reason).is_none());
    }

    #[test]
    fn a_skipped_test_needs_a_comment_on_its_line_or_above() {
        let skip = format!("{}\"x\", () => {{}});", SKIPS[0]);
        assert!(line_fault("mjs", "", &skip).is_some());
        assert!(line_fault("mjs", "// the browser has no such call", &skip).is_none());
    }

    #[test]
    fn machine_paths_and_registry_hosts_are_found_everywhere_but_in_lock_files() {
        for word in MACHINE_PATHS.iter().chain(&REGISTRY_HOSTS) {
            assert!(line_fault("md", "", &format!("see {word}x")).is_some(), "{word}");
            assert!(line_fault("lock", "", word).is_none(), "{word}");
        }
    }

    #[test]
    fn a_long_rust_file_is_too_long() {
        let long = "//\n".repeat(MOST_LINES + 1);
        assert_eq!(file_faults("a.rs", &long).len(), 1);
        assert_eq!(file_faults("a.rs", &long[3..]).len(), 0);
        assert_eq!(file_faults("a.md", &long).len(), 0);
    }

    #[test]
    fn a_package_lock_names_no_download_address() {
        let text = "{\"resolved\": \"somewhere\"}";
        assert_eq!(file_faults("conformance/x/package-lock.json", text).len(), 1);
    }
}
