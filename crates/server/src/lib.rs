//! The server: HTTP and sockets over the broker, the hub and the store.
//!
//! `boot` is the only place that knows all backends; `ops` holds the use cases; `http` and `realtime` turn
//! requests and frames into them.

pub mod admin;
pub mod app;
pub mod auth;
pub mod boot;
pub mod clock;
pub mod config;
pub mod failure;
pub mod gone_users;
pub mod http;
pub mod locale;
pub mod metrics;
pub mod ops;
pub mod pings;
pub mod projects;
pub mod rates;
pub mod realtime;
pub mod stats;
pub mod tasks;
pub mod traces;

pub use app::App;
pub use config::Config;
