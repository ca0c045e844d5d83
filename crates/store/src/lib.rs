//! What lasts: accounts (projects, keys, users, sessions, teams) and saved presences.
//!
//! Knows nothing of HTTP, of sockets or of who may do what: it keeps rows and their uniqueness.

mod accounts;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
mod null;
mod presences;
mod search;
pub mod sqlite;

pub use accounts::{Accounts, Edit, ListedUser, TeamRule, UserEdit};
pub use error::StoreError;
pub use null::NullPresences;
pub use presences::{Journal, Noted, PresenceStore, Run, Saved};
pub use search::{Found, KnownUsers, Search};
