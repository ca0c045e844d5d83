//! HTTP: from a request to an operation and back. Handlers hold no rule, no SQL and no lock.

mod address;
pub mod call;
pub mod cors;
pub mod error;
pub mod openapi;
mod pages;
pub mod params;
pub mod pipeline;
mod rate_limits;
pub mod respond;
pub mod router;
mod routes;
pub mod serve;
mod session;
mod site;
