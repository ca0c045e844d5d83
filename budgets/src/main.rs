//! Work whose instructions are counted: `herenow-budgets CASE` does one case once, under callgrind, which counts only
//! what happens inside [`measured`]. `cargo xtask budgets` runs all of them and holds them to `budgets.json`.
//!
//! Everything is made of fixed numbers, so that a run differs from the next by little more than where hash maps
//! put things.

mod cases;
mod crowd;

use std::process::ExitCode;

/// Does `work`; the only function whose instructions are counted.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    std::hint::black_box(work())
}

fn main() -> ExitCode {
    let asked = std::env::args().nth(1);
    match asked.as_deref() {
        None => {
            cases::ALL.iter().for_each(|(name, _)| println!("{name}"));
            ExitCode::SUCCESS
        }
        Some(asked) => match cases::ALL.iter().find(|(name, _)| *name == asked) {
            Some((_, case)) => {
                case();
                ExitCode::SUCCESS
            }
            None => {
                eprintln!("there is no case {asked}");
                ExitCode::FAILURE
            }
        },
    }
}
