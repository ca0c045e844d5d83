//! Whether a page and the server are one site, so that browsers send the server's cookies along.

use std::net::IpAddr;

/// Whether both hosts belong to one registrable domain: never for `localhost`, addresses and names of one label.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    registrable(one).is_some_and(|domain| registrable(other).is_some_and(|other| domain == other))
}

fn registrable(host: &str) -> Option<String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return None;
    }
    psl::domain_str(&bare.to_ascii_lowercase()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_registrable_domain_are_one_site() {
        for (one, other) in
            [("example.com", "example.com"), ("app.example.com", "API.example.com"), ("a.b.co.uk", "b.co.uk")]
        {
            assert!(is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn hosts_that_only_share_a_public_suffix_or_are_local_are_not() {
        for (one, other) in [
            ("a.co.uk", "b.co.uk"),
            ("example.com", "example.org"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("appwrite", "appwrite"),
            ("", ""),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
