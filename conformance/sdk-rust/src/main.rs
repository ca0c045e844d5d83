//! The official Rust SDK, unmodified, against the real binary. Knows the checks, not how the server is started.

mod accounts;
mod checks;
mod keys;

use std::process::ExitCode;

use checks::{Checks, Target};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let target = match Target::from_environment() {
        Ok(target) => target,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let mut checks = Checks::default();
    match std::env::args().nth(1).as_deref() {
        Some("keys") => keys::run(&target, &mut checks).await,
        Some("accounts") => accounts::run(&target, &mut checks).await,
        _ => {
            eprintln!("say which stage: keys or accounts");
            return ExitCode::from(2);
        }
    }
    checks.close()
}
