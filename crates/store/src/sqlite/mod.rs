//! The SQLite backend: two files, one for accounts and one for saved presences, so that neither waits
//! for the other. Owns its SQL, its threads and its migrations; knows nothing of who calls.

mod accounts;
mod connection;
mod failure;
mod functions;
mod inspect;
mod journal;
mod keys;
mod memberships;
mod migrations;
mod platforms;
mod pool;
mod presences;
mod projects;
mod rows;
mod search;
mod sessions;
mod teams;
mod tokens;
mod users;
mod webhooks;
mod writer;

pub use accounts::SqliteAccounts;
pub use inspect::{Inspected, inspect_accounts, inspect_presences};
pub use presences::{Durability, SqlitePresences};

#[cfg(test)]
mod tests;
