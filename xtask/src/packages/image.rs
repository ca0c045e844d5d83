//! The image without Docker: a linter reads the Dockerfile, and its steps are taken by hand. The binary is one that was
//! built before; what the base image has of the C library comes from this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::dockerfile::{Instruction, PLACE, instructions, last_stage, words};
use super::output;
use crate::paths::{Places, in_ci};
use crate::process::{Next, Running, run, run_quietly};
use crate::tools;

const BUILD: &str = "cargo build --release --locked --package herenow-cli";
const READY: &str = "herenow: listening on http://";
const PATIENCE: Duration = Duration::from_secs(30);

/// Has hadolint read the Dockerfile, where it can be installed.
pub(super) fn lint(places: &Places) -> Result<()> {
    let python = match tools::python(places, &places.root.join("deploy/docker")) {
        Ok(python) => python,
        Err(error) if in_ci() => return Err(error.context("CI may not skip the linter of the Dockerfile")),
        Err(error) => {
            println!("the Dockerfile is not linted: {error:#}");
            return Ok(());
        }
    };
    let mut lint = Command::new(python.with_file_name("hadolint"));
    run(lint.arg(places.root.join(PLACE)), "mend what hadolint names")
}

/// Why the steps cannot be taken here, if they cannot.
pub(super) fn hindered() -> Option<&'static str> {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !rustix::process::geteuid().is_root() {
        return Some("only root may change the root folder of a process");
    }
    (!["unshare", "install", "ldd"].into_iter().all(there)).then_some("there is no unshare, install or ldd here")
}

/// Takes the steps, starts what the image starts, asks for its health and stops it.
pub(super) fn live(places: &Places, binary: &Path) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let all = instructions(places)?;
    let built = folder.path().join("build");
    build(&all, binary, &folder.path().join("source"), &built)?;
    let image = Image::assemble(last_stage(&all), &built, folder.path().join("root"))?;
    let (host, _) = image.variable("HERENOW_LISTEN")?.rsplit_once(':').context("HERENOW_LISTEN has a port")?;
    let listen = |address: &str| ("HERENOW_LISTEN", address.to_owned());
    let start = [words(image.one("ENTRYPOINT")?)?, words(image.one("CMD")?)?].concat();
    // Some free port: the usual one may be somebody else's.
    let running = Running::start(&mut image.command(&start, &listen(&format!("{host}:0")))?)?;
    let Next::Line(line) = running.next_line(PATIENCE)? else { anyhow::bail!("the server ended at once") };
    let address = line.strip_prefix(READY).with_context(|| format!("not a ready line: {line}"))?.trim().to_owned();
    let health = words(image.one("HEALTHCHECK")?)?;
    run_quietly(&mut image.command(&health, &listen(&address))?)?;
    running.terminate()?;
    let status = running.wait(PATIENCE)?;
    ensure!(status.success(), "the server was told to stop and ended with {status}");
    let asked = run_quietly(&mut image.command(&health, &listen(&address))?);
    ensure!(asked.is_err(), "the health check finds a server that has stopped healthy");
    ensure!(image.root.join("var/lib/herenow/accounts.db").is_file(), "the data is not in the volume");
    println!("the steps of the Dockerfile make an image that starts, is healthy and stops");
    Ok(())
}

/// The stage `build`: all that its `RUN` does but the build itself, with what it makes in `built`.
fn build(all: &[Instruction], binary: &Path, source: &Path, built: &Path) -> Result<()> {
    let run = all.iter().find(|instruction| instruction.word == "RUN").context("nothing is built")?;
    let after = run.rest.strip_prefix(BUILD).and_then(|rest| rest.trim_start().strip_prefix("&&"));
    let after = after.with_context(|| format!("{PLACE}: the build is `{BUILD} && …`"))?;
    fs::create_dir_all(source.join("target/release"))?;
    fs::copy(binary, source.join("target/release/herenow")).context("cannot copy the binary")?;
    let text = after.replace("/image/", &format!("{}/", built.display()));
    run_quietly(Command::new("sh").current_dir(source).args(["-e", "-c", &text]))
}

/// What the last stage makes.
struct Image<'a> {
    stage: &'a [Instruction],
    root: PathBuf,
}

impl<'a> Image<'a> {
    fn assemble(stage: &'a [Instruction], built: &Path, root: PathBuf) -> Result<Self> {
        for copy in stage.iter().filter(|instruction| instruction.word == "COPY") {
            let (options, places): (Vec<_>, Vec<_>) = copy.rest.split(' ').partition(|word| word.starts_with("--"));
            let [from, to] = places[..] else { anyhow::bail!("{PLACE}: COPY has two places: {}", copy.rest) };
            let from = built.join(from.strip_prefix("/image/").context("only what was built is copied")?);
            let to = root.join(to.trim_start_matches('/'));
            fs::create_dir_all(to.parent().context("a place is in a folder")?)?;
            run_quietly(Command::new("cp").args(["--archive", "--no-target-directory"]).arg(from).arg(&to))?;
            let owner = options.iter().find_map(|option| option.strip_prefix("--chown=")).unwrap_or("0:0");
            run_quietly(Command::new("chown").args(["--recursive", owner]).arg(&to))?;
        }
        let image = Self { stage, root };
        image.add_libraries()?;
        Ok(image)
    }

    /// The base image's part: the libraries that the binary is linked to. A test holds which those are.
    fn add_libraries(&self) -> Result<()> {
        let listed = output(Command::new("ldd").arg(self.root.join("usr/bin/herenow")))?;
        for library in listed.split_whitespace().filter(|word| word.starts_with('/')) {
            let to = self.root.join(library.trim_start_matches('/'));
            fs::create_dir_all(to.parent().context("a library is in a folder")?)?;
            fs::copy(library, &to).with_context(|| format!("cannot copy {library}"))?;
        }
        Ok(())
    }

    /// What stands after a word that comes once.
    fn one(&self, word: &str) -> Result<&str> {
        let found = self.stage.iter().find(|instruction| instruction.word == word);
        Ok(&found.with_context(|| format!("{PLACE}: no {word}"))?.rest)
    }

    fn variables(&self) -> Result<impl Iterator<Item = (&str, &str)>> {
        Ok(self.one("ENV")?.split_whitespace().filter_map(|pair| pair.split_once('=')))
    }

    fn variable(&self, name: &str) -> Result<&str> {
        let found = self.variables()?.find(|(other, _)| *other == name);
        Ok(found.with_context(|| format!("{PLACE}: no ENV {name}"))?.1)
    }

    /// A command as the image runs it: in its root, as its user, with its environment but for one variable.
    fn command(&self, words: &[String], (name, value): &(&str, String)) -> Result<Command> {
        let (user, group) = self.one("USER")?.split_once(':').context("USER names a user and a group")?;
        let mut command = Command::new("unshare");
        command.arg("--root").arg(&self.root).args(["--wd", self.one("WORKDIR")?]);
        command.args(["--setgid", group, "--setuid", user]).args(words).env_clear();
        command.envs(self.variables()?);
        command.env(name, value).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Ok(command)
    }
}
