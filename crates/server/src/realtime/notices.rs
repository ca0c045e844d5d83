//! What happened to users, sessions, teams and memberships, as events on the channels `account`, `teams` and
//! `memberships`.
//!
//! Must not decide whether anything happens. What a notice carries is what its receivers could read over HTTP, without
//! any secret. Source: realtime, sections 4.3 and 5.2.

mod names;

use std::time::Duration;

use herenow_broker::{Broker, Refusal};
use herenow_core::{
    ProjectId, Role,
    account::{MemberView, Membership, Project, Session, Team, User},
    order::{Ask, Notice},
};
use herenow_wire::model::{SessionView, UserView, membership_json, project_json, session_json, team_json, user_json};
use serde_json::{Map, Value};

use self::names::Subject;
use crate::App;

/// How long the end of a socket waits for the notice of what ends it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It was made.
    Create,
    /// It changed: as a whole, or this of it.
    Update(Option<&'static str>),
    /// It is gone.
    Delete,
}

impl Deed {
    const fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update(_) => "update",
            Self::Delete => "delete",
        }
    }

    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Update(attribute) => attribute,
            Self::Create | Self::Delete => None,
        }
    }
}

/// Something happened to a user: they hear it themselves.
#[must_use]
pub fn of_user(user: &User, deed: Deed) -> Notice {
    let subject = Subject::One("users", user.id.as_str());
    Notice {
        events: subject.events(deed),
        channels: names::account_channels(&user.id, Some(deed)),
        roles: vec![Role::user(&user.id)],
        payload: object(user_json(user, UserView::Account)),
    }
}

/// Something happened to a session: its user hears it.
#[must_use]
pub fn of_session(session: &Session, deed: Deed) -> Notice {
    let subject = Subject::Two(("users", session.user.as_str()), ("sessions", session.id.as_str()));
    Notice {
        events: subject.events(deed),
        channels: names::account_channels(&session.user, None),
        roles: vec![Role::user(&session.user)],
        payload: object(session_json(session, &SessionView::default())),
    }
}

/// Something happened to a team: its members hear it. A change of the free-form object carries that object.
#[must_use]
pub fn of_team(team: &Team, deed: Deed) -> Notice {
    let payload = if deed == Deed::Update(Some("prefs")) { team.prefs.clone() } else { object(team_json(team)) };
    Notice {
        events: Subject::One("teams", team.id.as_str()).events(deed),
        channels: names::channels("teams", team.id.as_str(), deed),
        roles: vec![Role::team(&team.id)],
        payload,
    }
}

/// Something happened to a membership: the team's members hear it, and who it is as far as they may know.
#[must_use]
pub fn of_membership(app: &App, project: &ProjectId, member: (&Membership, &Team, &User), deed: Deed) -> Notice {
    let (membership, team, user) = member;
    let known = app.projects.get(project.as_str());
    let view = match known {
        _ if project.is_console() => MemberView::ALL,
        Some(known) => known.project.member_view,
        None => MemberView::default(),
    };
    let subject = Subject::Two(("teams", team.id.as_str()), ("memberships", membership.id.as_str()));
    Notice {
        events: subject.events(deed),
        channels: names::channels("memberships", membership.id.as_str(), deed),
        roles: vec![Role::team(&team.id)],
        payload: object(membership_json(membership, team, Some(user), view)),
    }
}

/// A project was pinged for the first time: those who manage it hear it at the console.
#[must_use]
pub fn of_first_ping(project: &Project) -> Notice {
    let id = &project.id;
    Notice {
        events: ["", ".ping"]
            .iter()
            .rev()
            .flat_map(|suffix| [format!("projects.{id}{suffix}"), format!("projects.*{suffix}")])
            .collect(),
        channels: vec!["console".to_owned(), "projects".to_owned(), format!("projects.{id}")],
        roles: vec![project.team.as_ref().map_or_else(Role::users, Role::team)],
        payload: object(project_json(project, None)),
    }
}

/// Puts a notice into the project's order. What happened stands: where there is no place for the notice the log says
/// so, and nobody else.
pub async fn send(app: &App, project: &ProjectId, notice: Notice) {
    match app.broker.announce(project, notice).await {
        Ok(()) | Err(Refusal::UnknownProject) => {}
        Err(refusal) => tracing::warn!(%project, "a notice could not be put into the order: {refusal}"),
    }
}

/// The same, and waits until it has reached the outboxes: what follows closes sockets that shall hear it.
pub async fn send_first(app: &App, project: &ProjectId, notices: impl IntoIterator<Item = Notice> + Send) {
    let sending = async {
        for notice in notices {
            send(app, project, notice).await;
        }
        let (ticket, came_by) = app.sockets.ticket();
        match app.broker.ask(project, ticket, Ask::Place).await {
            // The other end is dropped only when the server stops.
            Ok(()) => drop(came_by.await),
            Err(_) => app.sockets.came_by(ticket),
        }
    };
    if tokio::time::timeout(PATIENCE, sending).await.is_err() {
        tracing::warn!(%project, "sockets end before they have heard why");
    }
}

fn object(model: Value) -> Map<String, Value> {
    match model {
        Value::Object(model) => model,
        // Every model is an object.
        _ => Map::new(),
    }
}
