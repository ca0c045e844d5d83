//! Reads `table.txt`, which says in its first lines how it is written.

use std::{collections::HashMap, fmt};

use anyhow::{Context, Result, ensure};
use herenow_wire::model::platform_kinds;
use http::Method;

const TEXT: &str = include_str!("table.txt");

/// The kinds of callers, in the order of the columns.
pub(crate) const CALLERS: [&str; 10] = [
    "guest",
    "user",
    "other",
    "member",
    "key-without",
    "key-with",
    "operator",
    "foreign-operator",
    "operator-without-mode",
    "operator-at-console",
];

/// What an answer must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// The type of the error; empty where there is none.
    pub(crate) kind: String,
}

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.status, self.kind)
    }
}

/// One route.
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Scopes of keys, each of which opens it by itself; none: no scope does.
    pub(crate) scopes: Vec<String>,
    /// One for each caller.
    pub(crate) cells: Vec<Expected>,
}

impl Row {
    /// Whether who may call it is left without a project.
    pub(crate) fn ends_the_project(&self) -> bool {
        self.method == Method::DELETE && ["/v1/project", "/v1/projects/{projectId}"].contains(&self.path.as_str())
    }

    /// Whether who called it is signed out or gone.
    pub(crate) fn ends_the_caller(&self) -> bool {
        let ends = self.method == Method::DELETE || self.path == "/v1/account/status";
        ends && self.path.starts_with("/v1/account") || self.path == "/v1/account/password"
    }

    /// Whether it belongs to the console, not to a project.
    pub(crate) fn is_of_console(&self) -> bool {
        ["/v1/projects", "/v1/console/variables"].contains(&self.path.as_str())
    }
}

/// All rows.
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// Reads it.
    ///
    /// # Errors
    /// Where a line is not as the first lines say: a cell missing, a word unknown.
    pub(crate) fn read() -> Result<Self> {
        let (mut words, mut rows) = (HashMap::new(), Vec::new());
        let lines = TEXT.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        for line in lines {
            if let Some((word, meaning)) = line.split_once(" = ") {
                words.insert(word.trim(), expected(meaning).with_context(|| line.to_owned())?);
            } else {
                rows.extend(row(line, &words).with_context(|| line.to_owned())?);
            }
        }
        Ok(Self { rows })
    }
}

fn expected(text: &str) -> Result<Expected> {
    let (status, kind) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    Ok(Expected { status: status.parse()?, kind: kind.to_owned() })
}

/// The rows that a line stands for: one for each path of a family.
fn row(line: &str, words: &HashMap<&str, Expected>) -> Result<Vec<Row>> {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    ensure!(parts.len() == 3, "a row has three parts: the route, the scopes, the cells");
    let (method, template) = parts[0].split_once(' ').context("a method and a path")?;
    let method = Method::from_bytes(method.as_bytes())?;
    let scopes: Vec<String> = parts[1].split(',').filter(|scope| *scope != "-").map(str::to_owned).collect();
    let texts: Vec<&str> = parts[2].split_whitespace().collect();
    ensure!(texts.len() == CALLERS.len(), "{} cells, not {}", texts.len(), CALLERS.len());
    let mut rows = Vec::new();
    for path in paths(template.trim()) {
        let cells = texts.iter().map(|text| {
            let (by_header, by_path) = text.split_once('/').unwrap_or((text, text));
            let word = if path.starts_with("/v1/projects/") { by_path } else { by_header };
            words.get(word).cloned().map_or_else(|| expected(word).with_context(|| format!("what is {word}?")), Ok)
        });
        let cells = cells.collect::<Result<_>>()?;
        rows.push(Row { method: method.clone(), path, scopes: scopes.clone(), cells });
    }
    Ok(rows)
}

fn paths(template: &str) -> Vec<String> {
    let each = |paths: Vec<String>, name: &str, values: &[&str]| -> Vec<String> {
        let all = |path: &String| -> Vec<String> {
            if path.contains(name) {
                values.iter().map(|value| path.replace(name, value)).collect()
            } else {
                vec![path.clone()]
            }
        };
        paths.iter().flat_map(all).collect()
    };
    let kinds: Vec<&str> = platform_kinds().map(|(kind, _)| kind).collect();
    let paths = each(vec![template.to_owned()], "{prefix}", &["/v1/project", "/v1/projects/{projectId}"]);
    let paths = each(paths, "{webhooks}", &["/v1/webhooks", "/v1/projects/{projectId}/webhooks"]);
    each(paths, "{kind}", &kinds)
}
