//! Users, for servers. Source: http-api, section C.

pub(in crate::http) mod create;
