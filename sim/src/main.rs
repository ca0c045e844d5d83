//! Runs stories by their seeds, or breaks rules on purpose and expects to be caught.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use herenow_sim::{DEFAULT_STEPS, Tally, Trace, mutations, run};

#[derive(Parser)]
#[command(about = "A seeded simulation of Herenow")]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    /// Run this one seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Run so many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Steps of each story.
    #[arg(long, default_value_t = DEFAULT_STEPS)]
    steps: u64,
    /// Tell every step on standard error.
    #[arg(long)]
    trace: bool,
    /// Go on after a broken rule, and tell how many were broken.
    #[arg(long)]
    all: bool,
}

#[derive(Subcommand)]
enum Task {
    /// Break every rule of `sim/mutations` in a copy of the sources, and expect some seed to notice. Slow.
    Mutations {
        /// Only those whose names contain this.
        #[arg(default_value = "")]
        wanted: String,
        /// How many seeds have to notice.
        #[arg(long, default_value_t = 5_000)]
        seeds: u64,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match &arguments.task {
        Some(Task::Mutations { wanted, seeds }) => mutations::run(&root()?, wanted, *seeds),
        None => stories(&arguments),
    }
}

fn stories(arguments: &Arguments) -> Result<()> {
    let trace = if arguments.trace { Trace::On } else { Trace::Off };
    let seeds = match arguments.seed {
        Some(seed) => seed..seed + 1,
        None => arguments.first..arguments.first + arguments.seeds,
    };
    let (mut tally, mut broken, count) = (Tally::default(), 0, seeds.clone().count());
    for seed in seeds {
        match run(seed, arguments.steps, trace) {
            Ok(story) => tally.add(&story),
            Err(failure) if arguments.all => {
                broken += 1;
                eprintln!("{failure}");
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    println!("{count} seeds, {broken} broken: {tally:?}");
    Ok(())
}

/// The folder of the workspace: cargo names this package's when it runs it.
fn root() -> Result<PathBuf> {
    let package = std::env::var("CARGO_MANIFEST_DIR").context("start it with `cargo run -p herenow-sim`")?;
    Path::new(&package).parent().map(Path::to_owned).context("the package lies in the workspace")
}
