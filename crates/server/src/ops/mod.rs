//! One function per use case, shared by HTTP, sockets and GraphQL. Knows neither axum nor frames.

pub mod account;
pub mod holders;
pub mod invitations;
pub mod jwts;
pub mod keys;
pub mod list_cache;
pub mod lists;
pub mod memberships;
pub mod permission_lists;
pub mod pings;
pub mod platforms;
pub mod policies;
pub mod presences;
pub mod projects;
pub mod scans;
pub mod sessions;
pub mod sign_in;
pub mod stats;
pub mod teams;
pub mod tokens;
pub mod touch;
pub mod user_list;
pub mod users;
pub mod webhooks;
