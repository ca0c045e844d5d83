//! A line on standard error that says what is going on, when a person is there to read it.

use std::io::{IsTerminal, Write, stderr};

/// The line; it vanishes when dropped.
pub(crate) struct Progress {
    shown: bool,
    label: String,
}

impl Progress {
    /// Silent unless standard error is a terminal.
    pub(crate) fn new() -> Self {
        Self::within("")
    }

    /// The same, each line behind a label.
    pub(crate) fn within(label: &str) -> Self {
        Self { shown: stderr().is_terminal(), label: label.to_owned() }
    }

    /// Replaces the line.
    pub(crate) fn say(&self, line: &str) {
        self.show(&format!("{}{line}", self.label));
    }

    fn show(&self, line: &str) {
        if self.shown {
            // The line is a courtesy: a terminal that went away must not end a measurement.
            let _ = write!(stderr(), "\r\x1b[2K{line}").and_then(|()| stderr().flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}
