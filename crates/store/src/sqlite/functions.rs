//! What SQLite cannot do by itself and lists need: patterns without regard to case beyond ASCII, tests of lists of
//! texts, and a bound on the work of one list.
//!
//! All functions answer null on null. Lists come and go as JSON, so that one parameter carries any number of texts.

use std::{cell::Cell, sync::Arc};

use herenow_core::query::fold;
use rusqlite::{
    Connection, Error,
    functions::{Context, FunctionFlags},
    types::Value,
};

/// So many steps of SQLite's machine pass between two looks at the budget.
const STEPS: i32 = 100_000;
/// So many times that a list may go on: some seconds, millions of rows.
const LOOKS: u32 = 3_000;

thread_local! {
    /// How often the list that this thread makes may still go on; none: nothing is bounded. Every connection
    /// belongs to one thread.
    static BUDGET: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Runs `work` with the budget of one list; SQLite gives up beyond it.
pub(super) fn bounded<T>(work: impl FnOnce() -> T) -> T {
    BUDGET.set(Some(LOOKS));
    let done = work();
    BUDGET.set(None);
    done
}

/// A test of a text, or of a list as JSON, by the texts behind it.
type Question = fn(&str, &[String]) -> bool;

/// Whether the list has to end.
fn is_spent() -> bool {
    match BUDGET.get() {
        None => false,
        Some(0) => true,
        Some(left) => {
            BUDGET.set(Some(left - 1));
            false
        }
    }
}

/// Gives a connection the functions and the bound.
pub(super) fn add(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.progress_handler(STEPS, Some(is_spent))?;
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let tests: [(&str, Question); 6] = [
        ("starts_with", |text, needles| needles.iter().any(|needle| fold(text).starts_with(needle))),
        ("ends_with", |text, needles| needles.iter().any(|needle| fold(text).ends_with(needle))),
        ("contains_any", |text, needles| {
            let text = fold(text);
            needles.iter().any(|needle| text.contains(needle))
        }),
        ("contains_all", |text, needles| {
            let text = fold(text);
            needles.iter().all(|needle| text.contains(needle))
        }),
        ("has_any", |list, needles| parsed(list).iter().any(|text| needles.contains(text))),
        ("has_all", |list, needles| {
            let list = parsed(list);
            needles.iter().all(|needle| list.contains(needle))
        }),
    ];
    for (name, test) in tests {
        connection.create_scalar_function(name, 2, pure, move |context| asked(context, test))?;
    }
    connection.create_scalar_function("found_in", -1, pure, |context| found_in(context))?;
    connection.create_scalar_function("list_key", 1, pure, |context| {
        Ok(context.get_raw(0).as_str().ok().map(|list| Value::Blob(key(&parsed(list)))))
    })
}

/// The test of a text by the list that stands behind it, which is read once for all rows.
fn asked(context: &Context<'_>, test: Question) -> rusqlite::Result<Option<bool>> {
    let needles = list(context, 1)?;
    Ok(context.get_raw(0).as_str().ok().map(|text| test(text, &needles)))
}

/// Whether each word of the list at the front occurs in one of the texts behind it, in any case.
fn found_in(context: &Context<'_>) -> rusqlite::Result<bool> {
    let words = list(context, 0)?;
    let texts: Vec<String> =
        (1..context.len()).filter_map(|place| Some(context.get_raw(place).as_str().ok()?.to_lowercase())).collect();
    Ok(words.iter().all(|word| texts.iter().any(|text| text.contains(word))))
}

fn list(context: &Context<'_>, place: i32) -> rusqlite::Result<Arc<Vec<String>>> {
    context.get_or_create_aux(place, |value| -> Result<Vec<String>, Error> { Ok(parsed(value.as_str()?)) })
}

/// The texts of a list; what is none has no texts.
fn parsed(list: &str) -> Vec<String> {
    serde_json::from_str(list).unwrap_or_default()
}

/// Bytes that order as the lists do: text by text, a shorter list first.
fn key(list: &[String]) -> Vec<u8> {
    let mut key = Vec::new();
    for text in list {
        for byte in text.bytes() {
            key.push(byte);
            // Keeps a zero within a text apart from the end of it.
            key.extend((byte == 0).then_some(1));
        }
        key.extend([0, 0]);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_lists_do() {
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<String>>();
        let lists = [
            list(&[]),
            list(&["a"]),
            list(&["", "a"]),
            list(&["a", ""]),
            list(&["a", "a"]),
            list(&["a\0"]),
            list(&["a\0", "b"]),
            list(&["a!"]),
            list(&["ab"]),
            list(&["é"]),
        ];
        for one in &lists {
            for other in &lists {
                assert_eq!(key(one).cmp(&key(other)), one.cmp(other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_list_that_would_never_end_is_given_up() {
        let mut connection = Connection::open_in_memory().expect("opened");
        add(&mut connection).expect("added");
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        BUDGET.set(Some(3));
        let given_up = count(endless);
        BUDGET.set(None);
        assert!(
            given_up.is_err_and(|error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
        );
        let long = endless.replace("FROM n)", "FROM n LIMIT 1000000)");
        assert_eq!(bounded(|| count(&long)).expect("within the budget"), 1_000_000);
    }
}
