//! Runs a benchmark without the `herenow` binary around it: `bench fan --server-bin PATH`.

use clap::{Parser, Subcommand};
use herenow_loadgen::BenchArgs;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The word `bench` comes first, as in `herenow bench`, since references are started that way.
#[derive(Subcommand)]
enum Command {
    /// Measure
    Bench {
        #[command(subcommand)]
        scenario: BenchArgs,
    },
}

fn main() -> anyhow::Result<()> {
    let Command::Bench { scenario } = Arguments::parse().command;
    herenow_loadgen::run(scenario)
}
