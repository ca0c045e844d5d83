//! One function per use case, shared by HTTP, sockets and GraphQL. Knows neither axum nor frames.

pub mod list_cache;
pub mod presences;
pub mod touch;
pub mod users;
