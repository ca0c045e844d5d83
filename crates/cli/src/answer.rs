//! How answers are shown: what a script wants on standard output, and nothing else there.

use std::io::{self, Write};

use anyhow::{Context, Result};
use herenow_server::admin::{Answer, Declared, KeyRow, ProjectRow, Status, UserRow};
use serde_json::{Value, json};

/// How an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people and for `$(…)`.
    Text,
    /// One JSON value.
    Json,
}

/// Prints an answer.
///
/// # Errors
/// Where standard output takes nothing, though somebody reads it.
pub(crate) fn print(answer: Answer, form: Form) -> Result<()> {
    let shown = match form {
        Form::Text => text(answer),
        Form::Json => json(answer).map(|value| format!("{value}\n")),
    };
    write(shown.unwrap_or_default().as_bytes())
}

/// Writes to standard output. A reader that wants no more is no failure of ours.
pub(crate) fn write(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write the answer"),
        _ => Ok(()),
    }
}

fn json(answer: Answer) -> Option<Value> {
    Some(match answer {
        Answer::Project(project) => json!(project),
        Answer::Projects(projects) => json!(projects),
        Answer::Key { key, secret } => {
            let mut value = json!(key);
            value["secret"] = json!(secret);
            value
        }
        Answer::Keys(keys) => json!(keys),
        Answer::User(user) => json!(user),
        Answer::Users(users) => json!(users),
        Answer::Done => return None,
    })
}

fn text(answer: Answer) -> Option<String> {
    Some(match answer {
        Answer::Project(project) => format!("{}\n", project.id),
        Answer::User(user) => format!("{}\n", user.id),
        Answer::Key { key, secret } => {
            eprintln!("key {} ({}); this is its secret, shown once:", key.id, key.name);
            format!("{secret}\n")
        }
        Answer::Projects(projects) => {
            table(["ID", "NAME", "MADE", "ORIGINS", "DECLARED"], projects.iter().map(project))
        }
        Answer::Keys(keys) => table(["ID", "NAME", "MADE", "USED", "DECLARED", "SCOPES"], keys.iter().map(key)),
        Answer::Users(users) => table(["ID", "NAME", "EMAIL", "PHONE", "MADE", "STATUS"], users.iter().map(user)),
        Answer::Done => return None,
    })
}

fn project(row: &ProjectRow) -> [String; 5] {
    [row.id.clone(), row.name.clone(), day(&row.created), row.origins.join(","), declared(row.declared)]
}

fn key(row: &KeyRow) -> [String; 6] {
    let used = row.used.as_deref().map(day).unwrap_or_default();
    [row.id.clone(), row.name.clone(), day(&row.created), used, declared(row.declared), row.scopes.join(",")]
}

fn user(row: &UserRow) -> [String; 6] {
    let status = match row.status {
        Status::Active => "active",
        Status::Blocked => "blocked",
    };
    let texts = [&row.id, &row.name, &row.email, &row.phone].map(String::clone);
    let [id, name, email, phone] = texts;
    [id, name, email, phone, day(&row.created), status.to_owned()]
}

fn day(timestamp: &str) -> String {
    timestamp.chars().take_while(|c| *c != 'T').collect()
}

fn declared(declared: Declared) -> String {
    match declared {
        Declared::InTheFile => "file".to_owned(),
        Declared::Nowhere => String::new(),
    }
}

/// Columns as wide as their widest cell; an empty cell is a dash, so that a script can count them.
fn table<const N: usize>(heads: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows.map(|row| row.map(|cell| if cell.is_empty() { "-".to_owned() } else { printable(&cell) })));
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |line: &[String; N]| {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

/// A name is its user's: nothing in it may steer the operator's terminal.
fn printable(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_an_empty_cell_is_a_dash() {
        let row = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
        let shown = table(["ID", "NAME"], [row("a", "Ada"), row("longer", ""), row("b", "\u{1b}[2J")].into_iter());
        assert_eq!(shown, "ID      NAME\na       Ada\nlonger  -\nb       \u{fffd}[2J\n");
    }
}
