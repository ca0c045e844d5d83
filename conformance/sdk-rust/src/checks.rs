//! Named checks: one line each, one closing line, an exit code. Knows nothing of presences.

use std::fmt::Debug;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use appwrite::{AppwriteError, Client};

/// Longer than any check takes, shorter than what xtask waits for a line.
const CHECK_DEADLINE: Duration = Duration::from_secs(60);

/// Where the lane's server is; xtask sets it.
pub(crate) struct Target {
    endpoint: String,
    project: String,
    key: String,
}

impl Target {
    /// Reads the three variables that every lane gets.
    pub(crate) fn from_environment() -> Result<Self> {
        let read =
            |name: &str| std::env::var(name).with_context(|| format!("{name} is not set: use `cargo xtask lanes`"));
        Ok(Self { endpoint: read("HERENOW_ENDPOINT")?, project: read("HERENOW_PROJECT")?, key: read("HERENOW_KEY")? })
    }

    /// A client that nobody has signed in.
    pub(crate) fn client(&self) -> Client {
        Client::new().set_endpoint(self.endpoint.as_str()).set_project(self.project.as_str())
    }

    /// A client with the project's key.
    pub(crate) fn backend(&self) -> Client {
        self.client().set_key(self.key.as_str())
    }
}

/// Counts the checks of a lane.
#[derive(Default)]
pub(crate) struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    /// Runs one check and prints its line.
    pub(crate) async fn check(&mut self, name: &str, body: impl Future<Output = Result<()>>) {
        let outcome = tokio::time::timeout(CHECK_DEADLINE, body).await;
        match outcome.unwrap_or_else(|_| Err(anyhow!("it took over {} s", CHECK_DEADLINE.as_secs()))) {
            Ok(()) => {
                self.passed += 1;
                println!("ok {name}");
            }
            Err(error) => {
                self.failed += 1;
                println!("FAIL {name}: {}", format!("{error:#}").replace('\n', " "));
            }
        }
    }

    /// Prints the closing line.
    pub(crate) fn close(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Holds that a call was refused with this status and error type.
pub(crate) fn refused<T: Debug>(code: u16, kind: &str, answer: Result<T, AppwriteError>) -> Result<()> {
    match answer {
        Err(error) => equal((error.code, error.get_type()), (code, Some(kind)), "the refusal"),
        Ok(answer) => bail!("expected {code} {kind}, but it was answered: {answer:?}"),
    }
}

/// Holds that two values are the same.
pub(crate) fn equal<T: PartialEq + Debug>(actual: T, expected: T, what: &str) -> Result<()> {
    ensure!(actual == expected, "{what} is {actual:?}, not {expected:?}");
    Ok(())
}

/// A name that no other check of this run has used.
pub(crate) fn fresh(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
