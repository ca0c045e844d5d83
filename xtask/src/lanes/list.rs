//! Which lanes there are. To switch a stage on for everybody, change `REACHED`.

use anyhow::{Result, bail};

/// What the server must offer for a lane to run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// API keys alone.
    Keys,
    /// Accounts, sessions and teams too.
    Accounts,
}

/// The stage that the server has reached; `HERENOW_STAGE` overrides it for one run.
const REACHED: Stage = Stage::Accounts;

/// How a lane's program is run, and with that what it needs.
pub(super) enum Runner {
    /// A script for Node that drives Chromium.
    Browser(&'static str),
    /// A script for Node that runs the documentation with what the lanes of Node and Python have installed, and its own
    /// compilers and grammars.
    Documentation(&'static str),
    /// A script for Node.
    Node(&'static str),
    /// A script for Python.
    Python(&'static str),
    /// A module of the Rust lane, which is named to it as an argument.
    Rust(&'static str),
}

/// One SDK at one stage.
pub(super) struct Lane {
    pub(super) name: &'static str,
    pub(super) stage: Stage,
    /// Under `conformance/`.
    pub(super) folder: &'static str,
    pub(super) runner: Runner,
}

pub(super) static LANES: [Lane; 16] = [
    lane("web", Stage::Keys, "sdk-web", Runner::Browser("keys.mjs")),
    lane("node", Stage::Keys, "sdk-node", Runner::Node("keys.mjs")),
    lane("python", Stage::Keys, "sdk-python", Runner::Python("keys.py")),
    lane("rust", Stage::Keys, "sdk-rust", Runner::Rust("keys")),
    lane("web-accounts", Stage::Accounts, "sdk-web", Runner::Browser("accounts.mjs")),
    lane("web-lifetimes", Stage::Accounts, "sdk-web", Runner::Browser("lifetimes.mjs")),
    lane("node-accounts", Stage::Accounts, "sdk-node", Runner::Node("accounts.mjs")),
    lane("node-legacy", Stage::Accounts, "sdk-node", Runner::Node("legacy.mjs")),
    lane("node-sweep", Stage::Accounts, "sdk-node", Runner::Node("sweep.mjs")),
    lane("python-accounts", Stage::Accounts, "sdk-python", Runner::Python("accounts.py")),
    lane("python-sweep", Stage::Accounts, "sdk-python", Runner::Python("sweep.py")),
    lane("rust-accounts", Stage::Accounts, "sdk-rust", Runner::Rust("accounts")),
    lane("demo", Stage::Accounts, "pages", Runner::Browser("demo.mjs")),
    lane("admin", Stage::Accounts, "pages", Runner::Browser("admin.mjs")),
    lane("console", Stage::Accounts, "sdk-console", Runner::Node("operator.mjs")),
    lane("docs", Stage::Accounts, "docs", Runner::Documentation("docs.mjs")),
];

const fn lane(name: &'static str, stage: Stage, folder: &'static str, runner: Runner) -> Lane {
    Lane { name, stage, folder, runner }
}

/// The named lanes, or all up to the stage reached; an unknown name is an error.
pub(super) fn chosen(names: &[&str]) -> Result<Vec<&'static Lane>> {
    if let Some(name) = names.iter().find(|name| !LANES.iter().any(|lane| lane.name == **name)) {
        let known: Vec<&str> = LANES.iter().map(|lane| lane.name).collect();
        bail!("there is no lane {name}; there are {}", known.join(", "));
    }
    let reached = reached()?;
    let wanted = |lane: &&Lane| if names.is_empty() { lane.stage <= reached } else { names.contains(&lane.name) };
    Ok(LANES.iter().filter(wanted).collect())
}

fn reached() -> Result<Stage> {
    match std::env::var("HERENOW_STAGE").as_deref() {
        Err(_) | Ok("") => Ok(REACHED),
        Ok("keys") => Ok(Stage::Keys),
        Ok("accounts") => Ok(Stage::Accounts),
        Ok(other) => bail!("HERENOW_STAGE is keys or accounts, not {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Places;

    #[test]
    fn every_lane_has_its_program() {
        let places = Places::find().expect("the environment names a cache");
        for lane in &LANES {
            let folder = places.root.join("conformance").join(lane.folder);
            let program = match lane.runner {
                Runner::Browser(script)
                | Runner::Documentation(script)
                | Runner::Node(script)
                | Runner::Python(script) => folder.join(script),
                Runner::Rust(module) => folder.join("src").join(module).with_extension("rs"),
            };
            assert!(program.is_file(), "{}", program.display());
        }
    }

    #[test]
    fn named_lanes_are_chosen_whatever_the_stage() {
        let lanes = chosen(&["web-accounts", "rust"]).expect("both are there");
        assert_eq!(lanes.iter().map(|lane| lane.name).collect::<Vec<_>>(), ["rust", "web-accounts"]);
    }

    #[test]
    fn an_unknown_lane_is_refused() {
        assert!(chosen(&["webb"]).is_err());
    }
}
