//! The rules of presence: ids, times, roles, permissions, queries, the presence record, its holders
//! and the tracker that decides what a command changes.
//!
//! Pure: no runtime, no I/O, no clock and no randomness. Whoever calls passes the time and the random
//! bytes in, so that a test drives a million steps in a second and a simulation replays any failure.

pub mod account;
pub mod id;
pub mod invariants;
pub mod metadata;
pub mod order;
pub mod permission;
pub mod presence;
pub mod query;
pub mod role;
pub mod time;
pub mod tracker;
pub mod viewer;

pub use id::{
    ConnectionId, KeyId, MembershipId, PlatformId, PresenceId, ProjectId, SessionId, TeamId, TokenId, UserId, WebhookId,
};
pub use metadata::Metadata;
pub use permission::{Action, Permission, Permissions};
pub use presence::{Presence, Source, State, Status};
pub use role::{Role, Roles};
pub use time::Timestamp;
pub use tracker::{Change, Command, Rejection, Tracker};
pub use viewer::Viewer;
