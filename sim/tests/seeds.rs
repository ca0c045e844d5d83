//! A corpus of stories that every change is tested with, and the mutations' fit to the sources.

use std::path::Path;

use herenow_sim::{DEFAULT_STEPS, Tally, Trace, mutations::Mutation, run};

/// Stories of the usual length.
const SEEDS: u64 = 300;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

#[test]
fn no_rule_is_broken_in_any_story() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        match run(seed, DEFAULT_STEPS, Trace::Off) {
            Ok(story) => tally.add(&story),
            Err(broken) => panic!("{broken}"),
        }
    }
    // A simulation in which nothing happens proves nothing.
    let Tally { changes, frames, conflated, resumed, snapshots, shifts, crashes, behind, mirrors } = tally;
    let least = [changes, frames, conflated, resumed, snapshots, shifts, crashes, behind, mirrors];
    assert!(least.iter().all(|count| *count >= SEEDS / 20), "{tally:?}");
    assert!(changes.min(frames).min(mirrors) > 10 * SEEDS, "{tally:?}");
}

#[test]
fn a_seed_is_a_whole_story() {
    let story = |seed| run(seed, DEFAULT_STEPS, Trace::Off).expect("no rule is broken");
    assert_eq!(story(7), story(7));
    assert_ne!(story(7), story(8));
}

#[test]
fn every_mutation_fits_the_sources() {
    let mutations = Mutation::all(root()).expect("they can be read");
    assert!(mutations.len() >= 40, "{} mutations", mutations.len());
    for mutation in mutations {
        mutation.check(root()).expect("what it changes is there, once");
    }
}

#[test]
fn the_readme_names_every_mutation() {
    let readme = std::fs::read_to_string(root().join("sim/README.md")).expect("it is there");
    for mutation in Mutation::all(root()).expect("they can be read") {
        let row = format!("| `{}` | {} |", mutation.name, mutation.sentence);
        assert!(readme.contains(&row), "{row}");
    }
}
