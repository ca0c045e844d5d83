//! The pages that are made from the code say what the code says. `UPDATE_DOCS=1` writes them anew.

use std::{fmt::Write, path::Path};

use herenow_server::{config::reference, http::openapi, metrics::catalogue};
use herenow_wire::ErrorType;

fn check(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{name} is out of date: UPDATE_DOCS=1 cargo test -p herenow-server --test docs writes it anew"
    );
}

#[test]
fn the_page_of_settings_is_up_to_date() {
    check("configuration.md", &reference::markdown());
}

#[test]
fn the_page_of_metrics_is_up_to_date() {
    check("metrics.md", &catalogue::markdown());
}

#[test]
fn the_description_of_the_api_is_up_to_date() {
    check("openapi.json", openapi::text());
}

#[test]
fn the_page_of_errors_is_up_to_date() {
    let mut text = String::from(
        "<!-- Made from crates/wire/src/error.rs: UPDATE_DOCS=1 cargo test -p herenow-server --test docs -->\n\n\
         # Errors\n\nEvery error is `{\"message\", \"code\", \"type\", \"version\"}`. The type is stable; the message is \
         for people and may say more than is listed here.\n\n| type | status | message |\n| --- | --- | --- |\n",
    );
    for kind in ErrorType::ALL {
        writeln!(text, "| `{}` | {} | {} |", kind.as_str(), kind.status(), kind.message()).expect("a string");
    }
    check("errors.md", &text);
}
