//! Operators: people of the console who manage other projects, each with a role from the team that owns the project.
//!
//! Source: auth-and-permissions, sections 4.7 and 5; decisions, Operation (declared projects belong to all operators).

use herenow_core::{
    SessionId,
    account::{Membership, Origin, Project},
};
use herenow_wire::ErrorType;

use super::{Caller, Identity, Scope, scope, sign_ins::SignedIn};
use crate::failure::Failure;

/// What an operator is in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorRole {
    /// May do everything.
    Owner,
    /// May do everything but what only users do.
    Developer,
    /// The same.
    Admin,
}

impl OperatorRole {
    const ALL: [Self; 3] = [Self::Owner, Self::Developer, Self::Admin];

    /// The name that a membership gives it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Developer => "developer",
            Self::Admin => "admin",
        }
    }

    /// Whether it has this scope.
    #[must_use]
    pub fn has(self, scope: Scope) -> bool {
        scope::OF_OPERATORS.contains(&scope) || (self == Self::Owner && scope == scope::PUBLIC)
    }
}

/// An operator in admin mode.
#[derive(Debug)]
pub struct Operator {
    /// What the operator is in the project.
    pub role: OperatorRole,
    /// How the operator signed in to the console: by a session or by a JWT.
    console: Identity,
}

impl Operator {
    /// The operator's account in the console.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.console.signed_in()
    }

    /// The session of the console whose end ends the operator's sockets.
    #[must_use]
    pub fn bound_session(&self) -> Option<SessionId> {
        self.console.bound_session()
    }

    /// How the operator signed in to the console.
    #[must_use]
    pub fn console(&self) -> &Identity {
        &self.console
    }
}

/// Makes whoever signed in to the console an operator of `project`; guests stay guests.
///
/// # Errors
/// 401 `user_unauthorized` to who is not in the project's team, 404 `project_not_found` to who is in it without a role
/// that counts.
pub fn elevate(project: &Project, console: Identity) -> Result<Caller, Failure> {
    let caller = |identity| Caller { project: project.id.clone(), identity };
    let Some(signed_in) = console.signed_in() else { return Ok(caller(console)) };
    let role = role_in(project, &signed_in.memberships)?;
    Ok(caller(Identity::Admin(Operator { role, console }.into())))
}

/// The role that these memberships of the console give in a project.
///
/// # Errors
/// As [`elevate`].
pub fn role_in(project: &Project, memberships: &[Membership]) -> Result<OperatorRole, Failure> {
    let team = match &project.team {
        Some(team) if project.origin == Origin::Api => team,
        // Nobody's team owns what the file declares or the command line made.
        _ => return Ok(OperatorRole::Owner),
    };
    let own = memberships.iter().find(|membership| membership.team == *team && membership.confirm);
    let own = own.ok_or(ErrorType::UserUnauthorized)?;
    let given = |role: &OperatorRole| {
        let alone = format!("project-{}-{}", project.id, role.as_str());
        own.roles.iter().any(|given| given == role.as_str() || *given == alone)
    };
    OperatorRole::ALL.into_iter().find(given).ok_or_else(|| ErrorType::ProjectNotFound.into())
}

#[cfg(test)]
mod tests {
    use herenow_core::{MembershipId, ProjectId, TeamId, Timestamp, UserId};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1);

    fn project(team: Option<&str>) -> Project {
        let id = ProjectId::parse("chat").expect("an id");
        Project { team: team.map(|team| TeamId::parse(team).expect("an id")), ..Project::new(id, "Chat", NOW) }
    }

    fn membership(team: &str, roles: &[&str]) -> Membership {
        Membership {
            id: MembershipId::parse("m").expect("an id"),
            created_at: NOW,
            updated_at: NOW,
            user: UserId::parse("u").expect("an id"),
            team: TeamId::parse(team).expect("an id"),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            invited: NOW,
            joined: Some(NOW),
            confirm: true,
            secret_hash: String::new(),
        }
    }

    fn role(project: &Project, membership: Membership) -> Result<OperatorRole, ErrorType> {
        role_in(project, &[membership]).map_err(|failure| failure.kind)
    }

    #[test]
    fn the_team_of_a_project_says_who_manages_it() {
        let owned = project(Some("crew"));
        for expected in OperatorRole::ALL {
            assert_eq!(role(&owned, membership("crew", &["x", expected.as_str()])), Ok(expected));
            let alone = format!("project-chat-{}", expected.as_str());
            assert_eq!(role(&owned, membership("crew", &[&alone])), Ok(expected));
        }
        for roles in [&[][..], &["member"], &["project-other-owner"], &["Owner"]] {
            assert_eq!(role(&owned, membership("crew", roles)), Err(ErrorType::ProjectNotFound), "{roles:?}");
        }
        assert_eq!(role(&owned, membership("other", &["owner"])), Err(ErrorType::UserUnauthorized));
        let invited = Membership { confirm: false, ..membership("crew", &["owner"]) };
        assert_eq!(role(&owned, invited), Err(ErrorType::UserUnauthorized));
    }

    #[test]
    fn what_no_team_owns_belongs_to_all_operators() {
        assert_eq!(role(&project(None), membership("other", &[])), Ok(OperatorRole::Owner));
        let declared = Project { origin: Origin::File, ..project(Some("crew")) };
        assert_eq!(role(&declared, membership("other", &[])), Ok(OperatorRole::Owner));
    }

    #[test]
    fn an_operator_is_no_user_of_the_project() {
        for role in OperatorRole::ALL {
            assert!(role.has(scope::KEYS_WRITE) && role.has(scope::PRESENCES_WRITE) && !role.has(scope::ACCOUNT));
        }
    }
}
