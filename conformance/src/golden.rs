//! The golden files beside this crate: cases by group, and recorded requests and frames by name.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// All golden cases, with how many each group must have.
#[derive(Debug)]
pub struct Vectors {
    groups: Vec<(String, usize)>,
    cases: Vec<Value>,
}

impl Vectors {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is missing or of another shape.
    pub fn load() -> Result<Self> {
        let mut file = read("vectors.json")?;
        let groups = file["groups"].as_object().context("no groups")?;
        let count = |count: &Value| count.as_u64().and_then(|count| usize::try_from(count).ok());
        let groups = groups.iter().map(|(name, value)| Some((name.clone(), count(value)?)));
        let groups = groups.collect::<Option<_>>().context("a group without a count")?;
        let Value::Array(cases) = file["cases"].take() else { anyhow::bail!("no cases") };
        Ok(Self { groups, cases })
    }

    /// The groups in the file's order, each with the number of cases that it says it has.
    pub fn groups(&self) -> impl Iterator<Item = (&str, usize)> {
        self.groups.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// The cases of one group, as many as the file says.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub fn cases(&self, group: &str) -> Result<Vec<&Value>> {
        let cases: Vec<_> = self.cases.iter().filter(|case| case["group"] == group).collect();
        let expected = self.groups().find(|(name, _)| *name == group).context("no such group")?.1;
        ensure!(cases.len() == expected, "{group} has {} cases, and says {expected}", cases.len());
        Ok(cases)
    }

    /// How many cases there are, whatever their group.
    #[must_use]
    pub fn total(&self) -> usize {
        self.cases.len()
    }
}

/// Reads one JSON file of the folder `golden`.
///
/// # Errors
/// When it is missing or no JSON.
pub fn read(name: &str) -> Result<Value> {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}
