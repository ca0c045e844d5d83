//! `cargo xtask test`: everything that must hold before a change lands, in the order of what fails fastest.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{cargo, has_subcommand};
use crate::paths::Places;
use crate::report::Stages;
use crate::{autobahn, budgets, check, lanes, openapi, packages, pages, process, tools};

/// Runs every stage until one fails; prints the seconds of each either way.
pub(crate) fn run(places: &Places) -> Result<()> {
    let mut stages = Stages::default();
    let outcome = run_stages(places, &mut stages);
    stages.print();
    outcome
}

fn run_stages(places: &Places, stages: &mut Stages) -> Result<()> {
    stages.run("check", || check::run(places))?;
    stages.run("pages", || pages::check(places))?;
    stages.run("build", || lanes::build_server(places))?;
    stages.run("tests", || rust_tests(places))?;
    if has_doc_tests(places)? {
        stages.run("doc tests", || {
            process::run(cargo(places, "test").args(["--workspace", "--doc"]), "mend the examples named above")
        })?;
    }
    stages.run("budgets", || budgets::run(places))?;
    stages.run("OpenAPI", || openapi::validate(places))?;
    stages.run("package", || packages::test(places, packages::Profile::Debug))?;
    let fuzzed = stages.run("Autobahn", || autobahn::run_some(places))?;
    stages.run("SDK lanes", || lanes::run(places, vec![fuzzed]))
}

fn rust_tests(places: &Places) -> Result<()> {
    if let Err(error) = tools::faketime() {
        println!("the test of jumping clocks will be skipped: {error:#}");
    }
    let fix = "mend what the tests named above say";
    if has_subcommand("nextest") {
        return process::run(cargo(places, "nextest run").arg("--workspace"), fix);
    }
    process::run(cargo(places, "test").args(["--workspace", "--bins", "--lib", "--tests"]), fix)
}

/// Building doc tests costs a link each, so they run only where there are any.
fn has_doc_tests(places: &Places) -> Result<bool> {
    let mut git = Command::new("git");
    git.current_dir(&places.root).args(["grep", "--quiet", "--untracked", "-E", "^ *//[/!] ```(rust)?$", "--", "*.rs"]);
    Ok(git.status()?.success())
}
