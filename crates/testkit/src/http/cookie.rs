//! `Set-Cookie` lines, taken apart without judging them.

use percent_encoding::percent_decode_str;

/// One `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The name, as sent.
    pub name: String,
    /// The value, as sent: still percent-encoded.
    pub value: String,
    /// The attributes in their order, names as sent, `None` for one without `=`.
    pub attributes: Vec<(String, Option<String>)>,
}

impl Cookie {
    /// Takes a `Set-Cookie` value apart; `None` where it has no name.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        if name.is_empty() {
            return None;
        }
        let attributes = parts.filter(|part| !part.is_empty()).map(parse_attribute).collect();
        Some(Self { name: name.to_owned(), value: value.to_owned(), attributes })
    }

    /// The value with its percent escapes resolved.
    #[must_use]
    pub fn decoded(&self) -> String {
        percent_decode_str(&self.value).decode_utf8_lossy().into_owned()
    }

    /// An attribute by its name in any case: `None` where it is missing, `Some("")` for a flag.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(found.1.as_deref().unwrap_or_default())
    }

    /// `name=value` as a client sends it back in its `Cookie` header.
    #[must_use]
    pub fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

fn parse_attribute(part: &str) -> (String, Option<String>) {
    match part.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (part.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_cookie_is_taken_apart() {
        let line = "a_session_test=eyJp%2B%3D; expires=Tue, 01 Dec 2026 10:00:00 GMT; path=/; HttpOnly; SameSite=None";
        let cookie = Cookie::parse(line).expect("a cookie");
        assert_eq!(cookie.name, "a_session_test");
        assert_eq!(cookie.decoded(), "eyJp+=");
        assert_eq!(cookie.pair(), "a_session_test=eyJp%2B%3D");
        assert_eq!(cookie.attribute("Path"), Some("/"));
        assert_eq!(cookie.attribute("httponly"), Some(""));
        assert_eq!(cookie.attribute("samesite"), Some("None"));
        assert_eq!(cookie.attribute("secure"), None);
    }

    #[test]
    fn a_line_without_a_name_is_no_cookie() {
        assert_eq!(Cookie::parse("HttpOnly"), None);
        assert_eq!(Cookie::parse("=value; path=/"), None);
    }
}
