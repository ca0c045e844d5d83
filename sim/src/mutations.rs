//! Rules broken on purpose, to see that the simulation notices: each file of `sim/mutations` is one.
//!
//! A mutation says in a sentence what is wrong, then which text of which file becomes which other. It is put into a
//! copy of the sources, which is built, and some seed of a number of them must fail there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// What a copy needs.
const COPIED: [&str; 6] = ["crates/core", "crates/wire", "crates/store", "crates/broker", "crates/hub", "sim"];
const MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// One text that becomes another.
#[derive(Debug, PartialEq, Eq)]
struct Edit {
    file: String,
    old: String,
    new: String,
}

/// One rule broken on purpose.
#[derive(Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The name of its file.
    pub name: String,
    /// What is wrong.
    pub sentence: String,
    edits: Vec<Edit>,
}

impl Mutation {
    /// All mutations of the sources under `root`, by name.
    ///
    /// # Errors
    /// Where a file cannot be read or understood.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let folder = root.join("sim/mutations");
        let mut names: Vec<PathBuf> =
            fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
        names.sort_unstable();
        names.iter().map(|path| Self::read(path).with_context(|| path.display().to_string())).collect()
    }

    fn read(path: &Path) -> Result<Self> {
        let name = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
        Self::parse(name, &fs::read_to_string(path)?)
    }

    fn parse(name: String, text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let sentence = lines.next().context("the first line says what is wrong")?.to_owned();
        let (mut edits, mut file) = (Vec::new(), None);
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("file: ") {
                file = Some(name.to_owned());
            } else if line == MARKS[0] {
                let until = |mark: &str, lines: &mut std::str::Lines<'_>| -> String {
                    lines.take_while(|line| *line != mark).map(|line| format!("{line}\n")).collect()
                };
                let (old, new) = (until(MARKS[1], &mut lines), until(MARKS[2], &mut lines));
                edits.push(Edit { file: file.clone().context("an edit names its file")?, old, new });
            }
        }
        ensure!(!edits.is_empty(), "nothing is changed");
        Ok(Self { name, sentence, edits })
    }

    /// Puts it into the sources under `root`.
    ///
    /// # Errors
    /// Where the text that it replaces is not there exactly once.
    pub fn apply(&self, root: &Path) -> Result<()> {
        for edit in &self.edits {
            let path = root.join(&edit.file);
            let text = fs::read_to_string(&path).with_context(|| edit.file.clone())?;
            let count = text.matches(&edit.old).count();
            ensure!(count == 1, "{}: {} has {count} times\n{}", self.name, edit.file, edit.old);
            fs::write(&path, text.replace(&edit.old, &edit.new))?;
        }
        Ok(())
    }

    /// Checks that it fits the sources under `root`.
    ///
    /// # Errors
    /// Where it does not.
    pub fn check(&self, root: &Path) -> Result<()> {
        for edit in &self.edits {
            let count = fs::read_to_string(root.join(&edit.file))?.matches(&edit.old).count();
            ensure!(count == 1, "{}: {} has {count} times\n{}", self.name, edit.file, edit.old);
        }
        Ok(())
    }
}

/// Breaks every rule of `sim/mutations`, or those whose names contain `wanted`, and tells which seed of `seeds` notices.
///
/// # Errors
/// Where one is not noticed, or nothing can be built.
pub fn run(root: &Path, wanted: &str, seeds: u64) -> Result<()> {
    let copy = std::env::temp_dir().join(format!("herenow-mutations-{}", std::process::id()));
    let outcome = run_in(root, &copy, wanted, seeds);
    // Left-overs in the temporary folder are no reason to fail.
    drop(fs::remove_dir_all(&copy));
    outcome
}

fn run_in(root: &Path, copy: &Path, wanted: &str, seeds: u64) -> Result<()> {
    let mut unnoticed = Vec::new();
    for mutation in Mutation::all(root)?.iter().filter(|mutation| mutation.name.contains(wanted)) {
        copy_sources(root, copy)?;
        mutation.apply(copy)?;
        build(copy).with_context(|| format!("{} does not build", mutation.name))?;
        let noticed = first_failure(copy, seeds)?;
        match &noticed {
            Some(seed) => println!("{:32} noticed by seed {seed}", mutation.name),
            None => {
                println!("{:32} NOT NOTICED by {seeds} seeds: {}", mutation.name, mutation.sentence);
                unnoticed.push(mutation.name.clone());
            }
        }
    }
    if unnoticed.is_empty() { Ok(()) } else { bail!("not noticed: {}", unnoticed.join(", ")) }
}

/// Copies what has changed, so that what is the same is not built again.
fn copy_sources(root: &Path, copy: &Path) -> Result<()> {
    for folder in COPIED {
        copy_folder(&root.join(folder), &copy.join(folder))?;
    }
    copy_file(&root.join("Cargo.lock"), &copy.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let (before, rest) = manifest.split_once("members = [").context("the manifest lists its members")?;
    let (_, after) = rest.split_once(']').context("the list of members ends")?;
    let members = COPIED.map(|folder| format!("\"{folder}\"")).join(", ");
    let after: String =
        after.lines().filter(|line| !line.starts_with("default-members")).map(|l| format!("{l}\n")).collect();
    write_if_new(&copy.join("Cargo.toml"), &format!("{before}members = [{members}]{after}"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?
        } else {
            copy_file(&entry.path(), &target)?
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    match fs::read_to_string(from) {
        Ok(text) => write_if_new(to, &text),
        Err(_) => fs::copy(from, to).map(drop).with_context(|| from.display().to_string()),
    }
}

fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}

fn cargo(copy: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(copy).args(arguments).env("CARGO_TARGET_DIR", copy.join("target"));
    // Built often and run for seconds.
    cargo.envs([
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ]);
    cargo
}

fn build(copy: &Path) -> Result<()> {
    let output = cargo(copy, &["build", "--quiet", "--release", "--offline", "-p", "herenow-sim"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The first of `seeds` that fails; none where all hold.
fn first_failure(copy: &Path, seeds: u64) -> Result<Option<String>> {
    let mut sim = Command::new(copy.join("target/release/herenow-sim"));
    let output = sim.args(["--seeds", &seeds.to_string()]).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let broken = text.lines().find_map(|line| line.strip_prefix("Error: seed ")).context(text.clone())?;
    Ok(Some(broken.chars().take(100).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutation_is_a_sentence_and_edits() {
        let text = "It is wrong.\nfile: a.rs\n<<<<<<<\nold\n=======\nnew\n>>>>>>>\n<<<<<<<\nx\n=======\n>>>>>>>\n";
        let mutation = Mutation::parse("m".to_owned(), text).expect("valid");
        let edit = |old: &str, new: &str| Edit { file: "a.rs".to_owned(), old: old.to_owned(), new: new.to_owned() };
        assert_eq!(mutation.sentence, "It is wrong.");
        assert_eq!(mutation.edits, [edit("old\n", "new\n"), edit("x\n", "")]);
        assert!(Mutation::parse("m".to_owned(), "It is wrong.\n").is_err());
    }
}
