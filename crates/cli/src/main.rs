//! The binary `herenow`: reads the command line, and hands over.

mod answer;
mod arguments;
mod check;
mod health;
mod manage;
mod serve;
mod watch;

use std::{io, process::ExitCode};

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use herenow_server::admin;

use crate::{
    answer::Form,
    arguments::{Arguments, Command},
    manage::Addressed,
};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Project(command) => manage(command.request()),
        Command::Key(command) => manage(command.request()),
        Command::User(command) => command.request(password).and_then(manage),
        Command::Watch(args) => watch::run(&args),
        Command::Check(settings) => check::run(&settings),
        Command::Health(settings) => health::run(&settings),
        Command::Man { folder } => {
            clap_mangen::generate_to(Arguments::command(), &folder).context("cannot write the manual pages")
        }
        Command::Completions { shell } => complete(shell),
        Command::Bench(bench) => herenow_loadgen::run(bench),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("herenow: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Has a request performed, by the running server or on the data of a stopped one.
fn manage((request, place): Addressed) -> Result<()> {
    let form = if place.json { Form::Json } else { Form::Text };
    let config = serve::config(&place.flags())?;
    let made = config.data.clone().filter(|data| !data.exists());
    let answer = serve::runtime()?.block_on(admin::ask(&config, &request))?;
    if let Some(data) = made {
        // In another folder than the server's this is not what was meant, and nothing else would tell.
        eprintln!("herenow: made the data folder {}; to reach a server's, name it with --data", data.display());
    }
    answer::print(answer, form)
}

/// The first line of standard input.
fn password() -> Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn complete(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "herenow", &mut script);
    answer::write(&script)
}
