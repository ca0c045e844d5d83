//! Every scenario in turn, and one table of what was measured and what must be reached.
//!
//! The arguments of an entry are those of its own command: what the table shows can be repeated alone.

mod entries;
pub(crate) mod part;
mod summary;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;

use crate::affinity::Cores;
use crate::clock::Clock;
use crate::machine;
use crate::report::finding::Finding;
use entries::{ENTRIES, Entry, Pass};
use part::Part;
use summary::{Summary, Took, label, replaced};

/// `herenow bench limits`
#[derive(Debug, Args)]
pub struct LimitsArgs {
    /// A short pass: small numbers, one round; says whether everything works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// Only these scenarios
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Print the table as Markdown
    #[arg(long)]
    markdown: bool,
    /// Also put the table as Markdown into this file, between its lines `limits: begin` and `limits: end`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "only"])]
    update: Option<PathBuf>,
    /// The herenow binary to measure [default: this program]
    #[arg(long, value_name = "PATH")]
    server_bin: Option<PathBuf>,
    /// Also write the findings to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs them all; a scenario that fails is told in the table, and the others go on.
pub(crate) fn run(args: &LimitsArgs) -> anyhow::Result<()> {
    for name in &args.only {
        ensure!(ENTRIES.iter().any(|entry| entry.name == name), "there is no scenario {name:?}");
    }
    if let Some(path) = &args.update {
        // Known before half an hour is spent.
        replaced(&std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?, "")?;
    }
    let summary = args.summary()?;
    let text = if args.markdown { summary.markdown() } else { summary.text() };
    writeln!(std::io::stdout(), "{text}")?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&summary)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.update {
        let page = std::fs::read_to_string(path)?;
        std::fs::write(path, replaced(&page, &summary.markdown())?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let failed = summary.findings.iter().filter(|finding| finding.is_failed()).count();
    ensure!(failed == 0, "{failed} figures could not be measured");
    Ok(())
}

impl LimitsArgs {
    fn pass(&self) -> Pass {
        if self.quick { Pass::Quick } else { Pass::Whole }
    }

    fn summary(&self) -> anyhow::Result<Summary> {
        let pass = self.pass();
        let wanted: Vec<&Entry> = ENTRIES
            .iter()
            .filter(|entry| self.only.is_empty() || self.only.iter().any(|name| name == entry.name))
            .collect();
        let (clock, mut findings, mut took) = (Clock::start(), Vec::new(), Vec::new());
        for (index, entry) in wanted.iter().enumerate() {
            let left = wanted[index..].iter().map(|entry| entry.planned(pass)).sum();
            let begun = clock.now_us();
            let part = Part {
                name: entry.name,
                arguments: self.arguments(entry),
                label: label(index, wanted.len(), left),
                limit: entry.limit(pass),
            };
            let folder = tempfile::Builder::new().prefix("herenow-bench-").tempdir()?;
            match part.findings(folder.path()) {
                Ok(found) if self.quick => findings.extend(found.into_iter().map(Finding::unjudged)),
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(Finding::failed(entry.name, format!("{error:#}"))),
            }
            took.push(Took {
                command: [entry.name].into_iter().chain(entry.arguments(pass)).collect::<Vec<_>>().join(" "),
                seconds: Duration::from_micros(clock.now_us() - begun).as_secs(),
                planned_seconds: entry.planned(pass).as_secs(),
            });
        }
        let cores = Cores::choose()?.to_string();
        let (version, machine) = (env!("CARGO_PKG_VERSION"), machine::describe());
        Ok(Summary { scenario: "limits", version, machine, cores, findings, took })
    }

    fn arguments(&self, entry: &Entry) -> Vec<String> {
        let mut all: Vec<String> = entry.arguments(self.pass()).map(str::to_owned).collect();
        if let Some(path) = &self.server_bin {
            all.extend(["--server-bin".to_owned(), path.to_string_lossy().into_owned()]);
        }
        all
    }
}
