//! Platforms of a project: the pages and apps that may call it.

pub(in crate::http) mod create;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;

use axum::response::Response;
use herenow_core::{PlatformId, account::Platform};
use herenow_wire::model::platform_json;
use http::StatusCode;

use super::manager;
use crate::{
    failure::Failure,
    http::{
        call::Call,
        params::{Params, Raw, parsed, text},
        respond,
    },
};

/// The platform that the path names.
fn platform_id(params: &Params) -> Result<PlatformId, Failure> {
    params.required("platformId", parsed(PlatformId::parse))
}

/// A host name without scheme, port and path; `*`, or `*.` in front, for many.
fn hostname(raw: Raw<'_>) -> Result<String, String> {
    let host = text(1, 256)(raw)?;
    let plain = host.strip_prefix("*.").unwrap_or(&host);
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let named = plain.split('.').all(label) || plain.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    if host == "*" || named { Ok(host.to_ascii_lowercase()) } else { Err("Value must be a valid hostname".to_owned()) }
}

/// A platform, as an answer.
fn answer(call: &Call, status: StatusCode, platform: &Platform) -> Response {
    respond::json(status, &platform_json(platform, call.format()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_has_neither_scheme_nor_port_nor_path() {
        let check = |host: &str| hostname((&*serde_json::value::to_raw_value(host).expect("a text")).into());
        for host in ["localhost", "app.example.com", "*.example.com", "*", "127.0.0.1", "my_host"] {
            assert_eq!(check(host), Ok(host.to_owned()));
        }
        for host in ["", "http://example.com", "example.com:80", "example.com/x", "a..b", "*.", "a.*.b", "a b"] {
            assert!(check(host).is_err(), "{host}");
        }
    }
}
