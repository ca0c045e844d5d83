//! Which origins may call a project from a browser.
//!
//! Source: auth-and-permissions, section 9; realtime, section 1.4; decisions, Security.

/// How an origin stands to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the server's own, or named.
    Named,
    /// It is allowed only through `*`: it may call, but gets no authentication by cookie.
    ByWildcard,
    /// It is not allowed.
    Unknown,
}

/// Schemes of pages, whose host has to be allowed.
const PAGE_SCHEMES: &[&str] =
    &["http", "https", "chrome-extension", "moz-extension", "safari-web-extension", "ms-browser-extension", "tauri"];
/// Schemes of native apps, whose host is a bundle or package id, and what people call them.
const APP_SCHEMES: &[(&str, &str)] = &[
    ("appwrite-ios", "iOS"),
    ("appwrite-macos", "macOS"),
    ("appwrite-watchos", "watchOS"),
    ("appwrite-tvos", "tvOS"),
    ("appwrite-android", "Android"),
    ("appwrite-windows", "Windows"),
    ("appwrite-linux", "Linux"),
];

/// An `Origin` header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// As sent, in lower case.
    pub text: String,
    scheme: String,
    host: String,
}

/// What a project allows, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Allowed<'a> {
    /// Its id, for callback schemes.
    pub project: &'a str,
    /// Host names; `*.example.com` for subdomains alone, `*` for all.
    pub hosts: &'a [String],
    /// The server's own host names.
    pub own: &'a [String],
}

impl Origin {
    /// Takes an `Origin` header apart.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").unwrap_or(("", &text));
        let host = if let Some(v6) = rest.strip_prefix('[') {
            v6.split(']').next().unwrap_or(v6)
        } else {
            rest.split([':', '/']).next().unwrap_or(rest)
        };
        Self { scheme: scheme.to_owned(), host: host.to_owned(), text: text.clone() }
    }

    /// How this origin stands to what is allowed.
    #[must_use]
    pub fn standing(&self, allowed: Allowed<'_>) -> Standing {
        let callback = self.scheme.strip_prefix("appwrite-callback-") == Some(allowed.project);
        let known_scheme = PAGE_SCHEMES.contains(&self.scheme.as_str()) || self.platform().is_some();
        if self.scheme == "exp" || callback {
            return Standing::Named;
        }
        if !known_scheme {
            return Standing::Unknown;
        }
        let named = allowed.own.iter().chain(allowed.hosts.iter().filter(|host| *host != "*"));
        if named.into_iter().any(|pattern| host_matches(pattern, &self.host)) {
            Standing::Named
        } else if allowed.hosts.iter().any(|host| host == "*") {
            Standing::ByWildcard
        } else {
            Standing::Unknown
        }
    }

    /// How this origin stands to what only the server's own pages may do.
    #[must_use]
    pub fn own(&self, own: &[String]) -> Standing {
        let is_page = PAGE_SCHEMES.contains(&self.scheme.as_str());
        let named = is_page && own.iter().any(|host| host_matches(host, &self.host));
        if named { Standing::Named } else { Standing::Unknown }
    }

    fn platform(&self) -> Option<&'static str> {
        APP_SCHEMES.iter().find(|(scheme, _)| *scheme == self.scheme).map(|(_, name)| *name)
    }

    /// Why this origin was refused; SDKs and their docs quote the text.
    #[must_use]
    pub fn refusal(&self) -> String {
        let page = PAGE_SCHEMES.contains(&self.scheme.as_str());
        let Some(platform) = self.platform().or(page.then_some("Web")) else {
            return format!(
                "Invalid Scheme. The scheme used ({}) in the Origin is not supported. Allowed schemes: {}",
                self.scheme,
                PAGE_SCHEMES.join(", ")
            );
        };
        format!(
            "Invalid Origin. Register your new client ({}) as a new {platform} platform on your project console dashboard",
            self.host
        )
    }
}

/// Whether `pattern` names `host`: the same, a subdomain of `*.…`, or another name of this machine.
fn host_matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    if let Some(parent) = pattern.strip_prefix("*.") {
        return host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
    }
    host == pattern || (pattern == "localhost" && matches!(host, "127.0.0.1" | "::1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(origin: &str, hosts: &[&str]) -> Standing {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let own = ["here.example".to_owned()];
        Origin::parse(origin).standing(Allowed { project: "chat", hosts: &hosts, own: &own })
    }

    #[test]
    fn hosts_match_whole_or_as_subdomains() {
        let hosts = ["localhost", "*.example.com", "app.test"];
        for origin in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "https://[::1]:80",
            "https://a.example.com",
            "https://a.b.example.com",
            "http://HERE.example",
            "exp://x",
            "appwrite-callback-chat://x",
            "appwrite-android://app.test",
        ] {
            assert_eq!(standing(origin, &hosts), Standing::Named, "{origin}");
        }
        for origin in [
            "https://example.com",
            "https://badexample.com",
            "https://app.test.evil",
            "http://localhost.evil",
            "ftp://localhost",
            "null",
            "appwrite-callback-other://x",
            "appwrite-android://other",
        ] {
            assert_eq!(standing(origin, &hosts), Standing::Unknown, "{origin}");
        }
    }

    #[test]
    fn only_pages_of_the_server_itself_are_its_own() {
        let own = ["here.example".to_owned()];
        assert_eq!(Origin::parse("https://here.example:8080").own(&own), Standing::Named);
        for origin in ["exp://here.example", "appwrite-callback-console://x", "https://sub.here.example", "null"] {
            assert_eq!(Origin::parse(origin).own(&own), Standing::Unknown, "{origin}");
        }
    }

    #[test]
    fn the_wildcard_lets_in_without_naming() {
        assert_eq!(standing("https://anything.test", &["*"]), Standing::ByWildcard);
        assert_eq!(standing("https://app.test", &["*", "app.test"]), Standing::Named);
    }

    #[test]
    fn the_refusal_names_the_host_and_the_platform() {
        let refusal = |origin| Origin::parse(origin).refusal();
        assert!(refusal("http://appwrite.unknown").starts_with(
            "Invalid Origin. Register your new client (appwrite.unknown) as a new Web platform on your project console"
        ));
        assert!(refusal("appwrite-ios://com.app").contains("(com.app) as a new iOS platform"));
        assert!(refusal("ftp://x").starts_with("Invalid Scheme. The scheme used ("));
    }
}
