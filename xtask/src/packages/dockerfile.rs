//! Reads the Dockerfile. Knows its words and nothing of what they are for.

use anyhow::{Context, Result};

use crate::paths::Places;

/// One instruction, its continued lines joined.
#[derive(Debug)]
pub(super) struct Instruction {
    pub(super) word: String,
    pub(super) rest: String,
}

/// Where it stands.
pub(super) const PLACE: &str = "deploy/docker/Dockerfile";

/// All instructions, in order.
pub(super) fn instructions(places: &Places) -> Result<Vec<Instruction>> {
    let text = std::fs::read_to_string(places.root.join(PLACE)).with_context(|| format!("cannot read {PLACE}"))?;
    let text = text.replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let (word, rest) = line.split_once(' ').with_context(|| format!("{PLACE}: no instruction: {line}"))?;
        Ok(Instruction { word: word.to_owned(), rest: rest.trim().to_owned() })
    };
    lines.map(split).collect()
}

/// Those of the last stage, without its `FROM`.
pub(super) fn last_stage(all: &[Instruction]) -> &[Instruction] {
    let from = all.iter().rposition(|instruction| instruction.word == "FROM");
    from.map_or(&[], |from| &all[from + 1..])
}

/// The words of a command in the form without a shell, which is JSON.
pub(super) fn words(rest: &str) -> Result<Vec<String>> {
    let from = rest.find('[').with_context(|| format!("{PLACE}: no list of words: {rest}"))?;
    serde_json::from_str(&rest[from..]).with_context(|| format!("{PLACE}: not JSON: {rest}"))
}
