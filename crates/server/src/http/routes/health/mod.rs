//! The server's health, as SDKs ask for it. Source: http-api, section E.

pub(in crate::http) mod get;
pub(in crate::http) mod version;
