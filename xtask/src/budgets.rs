//! Holds the instruction counts of `budgets/` to `budgets/budgets.json`. Knows the cases by their names alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::cargo::cargo;
use crate::paths::{Places, in_ci};
use crate::{process, tools};

/// By how much of its budget, in hundredths, a case may go over it: what hash maps and linkers do is far less.
const TOLERANCE: u64 = 3;
const UPDATE: &str = "`cargo xtask budgets --update` takes the new counts over";

/// What is committed.
#[derive(Deserialize, Serialize)]
struct Budgets {
    /// The compiler that they were counted with; another one's code is not compared.
    compiler: String,
    /// Instructions of each case.
    instructions: BTreeMap<String, u64>,
}

/// Counts every case and compares it; skipped, but in CI, where there is no valgrind.
pub(crate) fn run(places: &Places) -> Result<()> {
    if let Err(error) = tools::valgrind() {
        ensure!(!in_ci(), "CI may not skip the budgets: {error:#}");
        println!("the budgets are skipped: {error:#}");
        return Ok(());
    }
    let path = places.root.join("budgets/budgets.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}: {UPDATE}", path.display()))?;
    let budgets: Budgets = serde_json::from_str(&text).context("budgets.json is not what it should be")?;
    let counted = count(places)?;
    let comparable = budgets.compiler == counted.compiler;
    let mut faults = Vec::new();
    println!("{:<16} {:>12} {:>12} {:>8}", "case", "budget", "now", "of it");
    for (name, now) in &counted.instructions {
        let Some(budget) = budgets.instructions.get(name) else {
            faults.push(format!("{name} has no budget"));
            continue;
        };
        println!("{name:<16} {budget:>12} {now:>12} {:>7.1}%", *now as f64 / *budget as f64 * 100.0);
        if is_over(*budget, *now) {
            faults.push(format!("{name} takes {now} instructions, over its budget of {budget}"));
        } else if is_over(*now, *budget) {
            println!("{name} takes less than its budget: {UPDATE}");
        }
    }
    if !comparable {
        println!("counted with {}, the budgets with {}: nothing is held. {UPDATE}", counted.compiler, budgets.compiler);
        return Ok(());
    }
    let fix = "make it cheaper, or say in the commit why it costs more";
    ensure!(faults.is_empty(), "{}: {fix}; {UPDATE}", faults.join("; "));
    Ok(())
}

/// Counts every case and writes it down.
pub(crate) fn update(places: &Places) -> Result<()> {
    tools::valgrind()?;
    let text = serde_json::to_string_pretty(&count(places)?).context("numbers and names are JSON")?;
    std::fs::write(places.root.join("budgets/budgets.json"), text + "\n").context("cannot write budgets.json")
}

fn is_over(budget: u64, now: u64) -> bool {
    now * 100 > budget * (100 + TOLERANCE)
}

fn count(places: &Places) -> Result<Budgets> {
    let mut build = cargo(places, "build");
    build.args(["--quiet", "--profile", "budgets", "--package", "herenow-budgets"]);
    process::run(&mut build, "mend what the compiler names")?;
    let program = places.target.join("budgets/herenow-budgets");
    let names = output(&mut Command::new(&program))?;
    let mut instructions = BTreeMap::new();
    for name in names.lines() {
        instructions.insert(name.to_owned(), count_case(&program, name)?);
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiler = output(Command::new(rustc).arg("--version"))?.trim().to_owned();
    Ok(Budgets { compiler, instructions })
}

fn count_case(program: &PathBuf, name: &str) -> Result<u64> {
    let mut callgrind = Command::new("valgrind");
    callgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"]);
    callgrind.arg("--toggle-collect=*herenow_budgets*measured*").arg(program).arg(name);
    let ran = callgrind.output().context("cannot start valgrind")?;
    let text = String::from_utf8_lossy(&ran.stderr);
    if !ran.status.success() {
        bail!("{name} failed under valgrind:\n{text}");
    }
    counted(&text).with_context(|| format!("valgrind does not say how many instructions {name} took:\n{text}"))
}

/// The number behind `Collected :`; none where nothing was counted, as when the function has another name.
fn counted(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok().filter(|count| *count > 0)
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(output.status.success(), "{:?} failed", command.get_program());
    String::from_utf8(output.stdout).context("a program printed what is no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_may_go_over_its_budget_by_three_hundredths() {
        assert!(!is_over(1_000, 1_030));
        assert!(is_over(1_000, 1_031));
    }

    #[test]
    fn the_count_is_read_from_what_callgrind_prints() {
        assert_eq!(counted("==7== Events    : Ir\n==7== Collected : 4214381\n==7==\n"), Some(4_214_381));
        assert_eq!(counted("==7== Collected : 0\n"), None);
        assert_eq!(counted("no such tool"), None);
    }
}
