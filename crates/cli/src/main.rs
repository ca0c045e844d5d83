//! The binary `herenow`: reads the command line, and hands over.

mod arguments;
mod keys;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Key(key) => keys::run(&key),
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
