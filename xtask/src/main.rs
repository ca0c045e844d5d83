//! The project's own chores: `cargo xtask check` and `cargo xtask test`. Knows the repository, not the server's insides.

mod autobahn;
mod budgets;
mod cargo;
mod check;
mod lanes;
mod openapi;
mod packages;
mod pages;
mod paths;
mod process;
mod report;
mod server;
mod suite;
mod tools;

use std::process::ExitCode;

use crate::paths::Places;

const USAGE: &str = "\
cargo xtask check              formatting, lints, layout rules, licences
cargo xtask test               check, pages, build, all tests, Autobahn, the official SDKs against the real binary
cargo xtask lanes [NAME...]    only the official SDKs (all of them, or those named)
cargo xtask openapi            only the validator of the API's description
cargo xtask deb                a Debian package of the release binary
cargo xtask package-test       install, use, upgrade and purge the package, take the Dockerfile's steps (root on Debian;
                               --release: with the release binary)
cargo xtask pages              build the demo and admin pages into web/dist (--check: only compare)
cargo xtask budgets [--update] only the instruction counts of hot paths (--update: takes them over)
cargo xtask autobahn [CASE...] only the WebSocket fuzzing client (--all: its long cases too)

HERENOW_STAGE=keys|accounts chooses which lanes run; CI=true turns what cannot be installed into an error.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = Places::find().and_then(|places| match words.as_slice() {
        [_, "check"] => check::run(&places),
        [_, "test"] => suite::run(&places),
        [_, "pages"] => pages::build(&places),
        [_, "pages", "--check"] => pages::check(&places),
        [_, "budgets"] => budgets::run(&places),
        [_, "budgets", "--update"] => budgets::update(&places),
        [_, "autobahn", words @ ..] => autobahn::run_named(&places, words),
        [_, "openapi"] => openapi::validate(&places),
        [_, "deb"] => packages::release(&places),
        [_, "package-test"] => packages::test(&places, packages::Profile::Debug),
        [_, "package-test", "--release"] => packages::test(&places, packages::Profile::Release),
        [_, "lanes", names @ ..] => lanes::run_named(&places, names),
        _ => Err(anyhow::anyhow!("this is not a command; there are:\n{USAGE}")),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
