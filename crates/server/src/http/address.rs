//! Which project a request addresses, and whether an operator asks for it in admin mode.
//!
//! Source: auth-and-permissions, sections 2 and 4.7.

use herenow_core::ProjectId;
use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::params::Params;
use crate::auth::credentials::{MODE, PROJECT, header};

/// Below it the path names the project.
const PROJECTS: &str = "/v1/projects/";
/// The project of who names none.
const CONSOLE: &str = "console";

/// Where who calls is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Among the users and keys of the project.
    Default,
    /// Among the operators, who sign in to the console.
    Admin,
}

/// What a request says of the project that it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    sent: String,
    bound: Option<String>,
    /// In which mode it comes.
    pub(super) mode: Mode,
}

impl Address {
    /// Reads the address of a request with this path; `body` holds what was sent in it, if anything.
    pub(super) fn of(path: &str, headers: &HeaderMap, query: &Params, body: Option<&Params>) -> Self {
        let named = |name: &str| body.and_then(|body| body.peek(name)).filter(|value| !value.is_empty());
        let sent = named("project")
            .or_else(|| header(headers, PROJECT).map(str::to_owned))
            .or_else(|| query.peek("project"))
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| CONSOLE.to_owned());
        let mode = named("mode").or_else(|| query.peek("mode")).or_else(|| header(headers, MODE).map(str::to_owned));
        let bound = path.strip_prefix(PROJECTS).and_then(|rest| rest.split('/').next()).filter(|id| !id.is_empty());
        let bound = bound.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
        // Whoever names the project in the path alone comes from the console.
        let implied = bound.as_ref().is_some_and(|bound| *bound != sent);
        let mode = if implied || mode.as_deref() == Some("admin") { Mode::Admin } else { Mode::Default };
        Self { sent, bound, mode }
    }

    /// The id of the project that is meant.
    pub(super) fn project(&self) -> &str {
        self.bound.as_deref().unwrap_or(&self.sent)
    }

    /// Whether path and header name two projects.
    pub(super) fn contradicts_itself(&self) -> bool {
        self.bound.as_ref().is_some_and(|bound| *bound != self.sent && self.sent != CONSOLE)
    }

    /// Where who calls has signed in, which is `project` unless in admin mode.
    pub(super) fn authority(&self, project: &ProjectId) -> ProjectId {
        match self.mode {
            Mode::Default => project.clone(),
            Mode::Admin => ProjectId::console(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(path: &str, headers: &[(&'static str, &'static str)], query: &str, body: Option<&str>) -> Address {
        let headers = headers
            .iter()
            .map(|&(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
        let body = body.map(|body| Params::from_body("application/json", body.as_bytes()).expect("an object"));
        Address::of(path, &headers.collect(), &Params::from_query(query), body.as_ref())
    }

    #[test]
    fn the_body_beats_the_header_beats_the_query_beats_the_console() {
        let header = [("x-appwrite-project", "header")];
        assert_eq!(address("/v1/users", &header, "project=query", Some("{\"project\":\"body\"}")).project(), "body");
        assert_eq!(address("/v1/users", &header, "project=query", Some("{}")).project(), "header");
        assert_eq!(address("/v1/users", &[], "project=query", None).project(), "query");
        assert_eq!(address("/v1/users", &[], "", None).project(), "console");
    }

    #[test]
    fn the_path_beats_them_all_and_implies_admin_mode_where_it_alone_names_the_project() {
        for (sent, mode, contradicts) in
            [("console", Mode::Admin, false), ("chat", Mode::Default, false), ("other", Mode::Admin, true)]
        {
            let found = address("/v1/projects/chat/keys", &[("x-appwrite-project", sent)], "", None);
            assert_eq!(
                (found.project(), found.mode, found.contradicts_itself()),
                ("chat", mode, contradicts),
                "{sent}"
            );
        }
        assert_eq!(address("/v1/projects", &[], "", None).mode, Mode::Default);
    }

    #[test]
    fn admin_mode_is_asked_for_by_header_query_or_body() {
        let header = [("x-appwrite-project", "chat"), ("x-appwrite-mode", "admin")];
        let asked = [
            address("/v1/users", &header, "", None),
            address("/v1/users", &header[..1], "mode=admin", None),
            address("/v1/users", &header[..1], "", Some("{\"mode\":\"admin\"}")),
        ];
        assert!(asked.iter().all(|found| found.mode == Mode::Admin && found.project() == "chat"));
        assert_eq!(address("/v1/users", &header[..1], "mode=default", None).mode, Mode::Default);
    }
}
