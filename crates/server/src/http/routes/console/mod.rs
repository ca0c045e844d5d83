//! What the original's console asks its server. Source: http-api, section F.

pub(in crate::http) mod variables;
