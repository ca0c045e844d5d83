//! `POST /v1/teams/:teamId/memberships`: put somebody into a team.

use axum::response::Response;
use herenow_core::{UserId, id::MAX_TEAM_ROLE_CHARS};
use http::StatusCode;
use serde_json::value::RawValue;

use super::model;
use crate::{
    auth::{
        origin::{Allowed, Origin, Standing},
        scope,
    },
    failure::Failure,
    http::{
        call::Call,
        params::{email, parsed, phone, text},
        respond,
        routes::teams::{roles, team_id},
    },
    ops::invitations::{Invitation, invite},
};

pub(in crate::http) async fn handle(mut call: Call) -> Result<Response, Failure> {
    let caller = call.authorize(&[scope::TEAMS_WRITE]).await?;
    let app = call.app.clone();
    let (project, own) = (call.project()?.clone(), app.own_hosts(&call.peer.site.host));
    let allowed = Allowed { project: project.project.id.as_str(), hosts: &project.hosts, own: &own };
    let params = call.params()?;
    let input = Invitation {
        team: team_id(params)?,
        email: params.optional("email", email)?,
        user: params.optional("userId", parsed(UserId::parse))?,
        phone: params.optional("phone", phone)?,
        roles: params.required("roles", roles(MAX_TEAM_ROLE_CHARS))?,
        url: params.optional("url", redirect(allowed))?.filter(|url| !url.is_empty()),
        name: params.optional("name", text(1, 128))?,
    };
    let member = invite(&app, &caller, input).await?;
    Ok(respond::json(StatusCode::CREATED, &model(&member)))
}

/// An address of the project's own pages or apps: nobody may be led elsewhere by a mail of ours. Empty: none.
fn redirect(allowed: Allowed<'_>) -> impl Fn(&RawValue) -> Result<String, String> {
    move |raw| {
        let url = text(0, 2048)(raw)?;
        let authority = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '#', '\\']).next();
        // A name before an @ looks like the host and is none.
        let plain = authority.is_some_and(|authority| !authority.contains('@'));
        if url.is_empty() || (plain && Origin::parse(&url).standing(allowed) != Standing::Unknown) {
            Ok(url)
        } else {
            Err("URL host must be one of the project's platforms".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_leads_to_the_projects_own_hosts_alone() {
        let (hosts, own) = (["*.example.com".to_owned()], ["localhost".to_owned()]);
        let allowed = Allowed { project: "chat", hosts: &hosts, own: &own };
        let check = |url: &str| redirect(allowed)(&serde_json::value::to_raw_value(url).expect("a text"));
        for url in ["", "http://localhost:3000/join?a=b", "https://app.example.com", "appwrite-callback-chat://x"] {
            assert_eq!(check(url), Ok(url.to_owned()));
        }
        for url in [
            "https://example.org",
            "http://localhost:pw@example.org/",
            "http://localhost@example.org",
            "http://example.org?http://localhost",
            "http://localhost\\.example.org",
            "javascript:alert(1)",
            "localhost",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}
