//! Session cookies: read tolerantly, written for browsers and cookie jars.
//!
//! Source: auth-and-permissions, section 4.2; sdk-wire, section 2.2 (Apple replays whole `Set-Cookie` lines).

use std::{fmt::Write, net::IpAddr, time::Duration};

use herenow_core::Timestamp;
use herenow_wire::secret::SessionToken;
use percent_encoding::percent_decode_str;

/// Where a cookie is set from, which decides its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Whether the request came over https.
    pub scheme: Scheme,
    /// The request's host name, without a port.
    pub host: String,
}

/// How the request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Encrypted, as far as the client knows.
    Https,
}

/// The name of a project's session cookie.
#[must_use]
pub fn name(project: &str) -> String {
    format!("a_session_{}", project.to_ascii_lowercase())
}

/// The value of the cookie `name` in the `Cookie` headers, %-escapes decoded; the first that is not empty.
#[must_use]
pub fn find<'a>(headers: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, value)| key.trim() == name && !value.trim().is_empty())
        .map(|(_, value)| match value.trim() {
            // Nearly every request: decoding looks at each byte by itself.
            plain if !plain.contains('%') => plain.to_owned(),
            escaped => percent_decode_str(escaped).decode_utf8_lossy().into_owned(),
        })
}

/// The `Set-Cookie` lines that give a client its session.
#[must_use]
pub fn set(project: &str, encoded: &str, expire: Timestamp, now: Timestamp, site: &Site) -> [String; 2] {
    lines(project, &SessionToken::cookie_value(encoded), expire, now.until(expire), site)
}

/// The `Set-Cookie` lines that take it away.
#[must_use]
pub fn clear(project: &str, site: &Site) -> [String; 2] {
    lines(project, "", Timestamp::from_millis(0), Duration::ZERO, site)
}

fn lines(project: &str, value: &str, expire: Timestamp, max_age: Duration, site: &Site) -> [String; 2] {
    let mut shared = format!("expires={}; Max-Age={}; path=/", http_date(expire), max_age.as_secs());
    if let Some(domain) = domain(&site.host) {
        write!(shared, "; domain={domain}").expect("writing to a string succeeds");
    }
    if site.scheme == Scheme::Https {
        shared.push_str("; secure");
    }
    // The console's cookie opens whole projects: it stays at home. Source: decisions, Security.
    let same_site = if project == "console" { "Lax" } else { "None" };
    let name = name(project);
    [
        format!("{name}_legacy={value}; {shared}; HttpOnly"),
        format!("{name}={value}; {shared}; HttpOnly; SameSite={same_site}"),
    ]
}

/// None for `localhost`, addresses and names of one label.
fn domain(host: &str) -> Option<String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let plain = bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok() || !bare.contains('.');
    (!plain).then(|| format!(".{}", bare.to_ascii_lowercase()))
}

/// A date as RFC 9110 writes it.
fn http_date(time: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(time.millis().clamp(0, 253_402_300_799_000));
    instant.expect("within the years of four digits").strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(scheme: Scheme, host: &str) -> Site {
        Site { scheme, host: host.to_owned() }
    }

    #[test]
    fn a_cookie_is_found_among_others_and_among_the_attributes_that_apple_replays() {
        let find_in = |headers: &[&str]| find(headers.iter().copied(), "a_session_p");
        assert_eq!(find_in(&["x=1; a_session_p=abc%3D%3D; y=2"]), Some("abc==".to_owned()));
        assert_eq!(
            find_in(&["x=1", "a_session_p=a+b/c=; expires=Thu, 01 Jan 2030; path=/; httponly"]),
            Some("a+b/c=".to_owned())
        );
        assert_eq!(find_in(&["a_session_p_legacy=abc"]), None);
        assert_eq!(find_in(&["a_session_p="]), None);
    }

    #[test]
    fn local_hosts_get_neither_secure_nor_domain() {
        let [legacy, modern] =
            set("P", "a=", Timestamp::from_millis(10_000), Timestamp::from_millis(0), &site(Scheme::Http, "localhost"));
        assert_eq!(
            legacy,
            "a_session_p_legacy=a%3D; expires=Thu, 01 Jan 1970 00:00:10 GMT; Max-Age=10; path=/; HttpOnly"
        );
        assert!(modern.ends_with("; HttpOnly; SameSite=None"), "{modern}");
        for host in ["127.0.0.1", "[::1]", "appwrite"] {
            assert!(!clear("p", &site(Scheme::Http, host))[0].contains("domain"), "{host}");
        }
    }

    #[test]
    fn a_public_host_over_https_gets_both_and_the_console_stays_at_home() {
        let [_, modern] = clear("console", &site(Scheme::Https, "here.example.com"));
        assert!(modern.contains("; domain=.here.example.com; secure; HttpOnly; SameSite=Lax"), "{modern}");
    }
}
