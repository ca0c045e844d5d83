//! Where the caller is, and what is known of the world. Source: http-api, section E.

pub(in crate::http) mod get;
pub(in crate::http) mod list;
