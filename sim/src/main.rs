//! Runs stories by their seeds, or breaks rules on purpose and expects to be caught.

use clap::Parser;
use herenow_sim::{DEFAULT_STEPS, Tally, Trace, run};

#[derive(Parser)]
#[command(about = "A seeded simulation of Herenow")]
struct Arguments {
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

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
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
