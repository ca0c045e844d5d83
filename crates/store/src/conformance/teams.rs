//! Checks of teams and memberships.

use herenow_core::{
    ProjectId, TeamId,
    account::{Membership, Team, User},
    query::Schema,
};

use super::{
    fixtures::{assert_taken, invited, member, membership_id, new_project, new_team, new_user, team, team_id, user_id},
    model::search,
};
use crate::{Accounts, StoreError, TeamRule};

async fn total(store: &dyn Accounts, project: &ProjectId, team: &TeamId) -> u64 {
    let found = store.team(project, team).await.expect("an answer").expect("the team is there").total;
    let listed = store.teams(project).await.expect("a list");
    let listed = listed.iter().find(|(_, listed)| listed.id == *team).expect("the team is listed");
    assert_eq!(listed.1.total, found);
    found
}

pub(super) async fn id_of_team_and_membership_and_user_within_a_team_are_unique(store: &dyn Accounts) {
    let project = new_project(store, "teams-unique").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let (crew, band) = (new_team(store, &project, "crew").await, new_team(store, &project, "band").await);
    assert_taken(store.create_team(&project, &team("crew"), None).await, "id");
    store.create_membership(&project, &member("one", &crew, &ada)).await.expect("kept");
    assert_taken(store.create_membership(&project, &member("one", &band, &bob)).await, "id");
    assert_taken(store.create_membership(&project, &invited("two", &crew, &ada)).await, "user");
    store.create_membership(&project, &member("two", &band, &ada)).await.expect("another team's");
    let listed = store.teams(&project).await.expect("a list");
    assert_eq!(listed.iter().map(|(_, team)| team.id.as_str()).collect::<Vec<_>>(), ["crew", "band"]);
    assert!(listed[0].0 < listed[1].0);
}

pub(super) async fn a_team_whose_first_membership_fails_is_not_kept(store: &dyn Accounts) {
    let project = new_project(store, "teams-whole").await;
    let ada = new_user(store, &project, "ada").await;
    let first = member("one", &team_id("crew"), &ada);
    store.create_team(&project, &team("crew"), Some(&first)).await.expect("kept");
    let second = member("one", &team_id("band"), &ada);
    assert_taken(store.create_team(&project, &team("band"), Some(&second)).await, "id");
    assert_eq!(store.team(&project, &team_id("band")).await.expect("an answer"), None);
}

pub(super) async fn totals_count_the_confirmed(store: &dyn Accounts) {
    let project = new_project(store, "teams-total").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let crew = Team { total: 77, ..team("crew") };
    store.create_team(&project, &crew, Some(&member("one", &crew.id, &ada))).await.expect("kept");
    assert_eq!(total(store, &project, &crew.id).await, 1);
    store.create_membership(&project, &invited("two", &crew.id, &bob)).await.expect("kept");
    assert_eq!(total(store, &project, &crew.id).await, 1);
    store.update_membership(&project, &member("two", &crew.id, &bob)).await.expect("it is there");
    assert_eq!(total(store, &project, &crew.id).await, 2);
    store.update_team(&project, &Team { name: "Another".to_owned(), ..crew.clone() }).await.expect("it is there");
    assert_eq!(total(store, &project, &crew.id).await, 2);
    store.delete_membership(&project, &membership_id("one"), None).await.expect("it is there");
    assert_eq!(total(store, &project, &crew.id).await, 1);
}

pub(super) async fn totals_follow_users_that_go(store: &dyn Accounts) {
    let project = new_project(store, "teams-users").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let crew = new_team(store, &project, "crew").await;
    store.create_membership(&project, &member("one", &crew, &ada)).await.expect("kept");
    store.create_membership(&project, &member("two", &crew, &bob)).await.expect("kept");
    store.delete_user(&project, &ada, None).await.expect("it is there");
    assert_eq!(total(store, &project, &crew).await, 1);
}

pub(super) async fn a_team_goes_with_its_memberships_and_names_them(store: &dyn Accounts) {
    let project = new_project(store, "teams-end").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let (crew, band) = (new_team(store, &project, "crew").await, new_team(store, &project, "band").await);
    let (two, one) = (member("two", &crew, &ada), invited("one", &crew, &bob));
    for membership in [&two, &one, &member("three", &band, &ada)] {
        store.create_membership(&project, membership).await.expect("kept");
    }
    assert_eq!(store.delete_team(&project, &crew).await.expect("it is there"), [two, one]);
    assert_eq!(store.team(&project, &crew).await.expect("an answer"), None);
    assert_eq!(store.membership(&project, &membership_id("two")).await.expect("an answer"), None);
    assert_eq!(store.memberships_of_user(&project, &ada).await.expect("a list").len(), 1);
}

pub(super) async fn memberships_are_found_from_both_sides(store: &dyn Accounts) {
    let project = new_project(store, "teams-sides").await;
    for id in ["ada", "bob"] {
        new_user(store, &project, id).await;
    }
    for id in ["crew", "band"] {
        new_team(store, &project, id).await;
    }
    let members = [("d", "crew", "bob"), ("c", "band", "ada"), ("b", "crew", "ada")]
        .map(|(id, team, user)| member(id, &team_id(team), &user_id(user)));
    for membership in &members {
        store.create_membership(&project, membership).await.expect("kept");
    }
    let of_team = store.memberships_of_team(&project, &team_id("crew")).await.expect("a list");
    assert!(of_team.is_sorted_by(|(one, _), (next, _)| one < next));
    let of_team: Vec<Membership> = of_team.into_iter().map(|(_, membership)| membership).collect();
    assert_eq!(of_team, [members[0].clone(), members[2].clone()]);
    let of_user = store.memberships_of_user(&project, &user_id("ada")).await.expect("a list");
    assert_eq!(of_user, [members[1].clone(), members[2].clone()]);
    assert_eq!(store.membership(&project, &members[1].id).await.expect("an answer").as_ref(), Some(&members[1]));
}

/// A team with an owner keeps one.
fn an_owner_stays() -> Option<TeamRule> {
    let owned = |team: &[Membership]| team.iter().any(|one| one.confirm && one.roles == ["owner"]);
    Some(Box::new(move |before, after| !owned(before) || owned(after)))
}

pub(super) async fn of_changes_at_once_the_one_that_breaks_a_rule_is_refused(store: &dyn Accounts) {
    let project = new_project(store, "teams-rule").await;
    let (ada, bob) = (new_user(store, &project, "ada").await, new_user(store, &project, "bob").await);
    let (one, two) = (membership_id("one"), membership_id("two"));
    for round in 0..20 {
        let crew = new_team(store, &project, &format!("crew{round}")).await;
        store.create_membership(&project, &member("one", &crew, &ada)).await.expect("kept");
        store.create_membership(&project, &member("two", &crew, &bob)).await.expect("kept");
        let goes = store.delete_membership(&project, &one, an_owner_stays());
        let steps_down = Box::new(|membership: &mut Membership| membership.roles.clear());
        let steps_down = store.change_membership(&project, &two, steps_down, an_owner_stays());
        let (goes, steps_down) = tokio::join!(goes, steps_down);
        let steps_down = steps_down.map(drop);
        assert!(goes.is_ok() != steps_down.is_ok(), "{goes:?} {steps_down:?}");
        assert!(matches!(goes.and(steps_down), Err(StoreError::Refused)));
        let left = store.memberships_of_team(&project, &crew).await.expect("a list");
        assert!(left.iter().any(|(_, membership)| membership.roles == ["owner"]), "{left:?}");
        store.delete_team(&project, &crew).await.expect("it is there");
    }
}

pub(super) async fn of_owners_who_go_or_are_blocked_at_once_one_stays(store: &dyn Accounts) {
    let project = new_project(store, "teams-last-owner").await;
    let rule = || -> TeamRule { Box::new(|before, after| before.is_empty() || !after.is_empty()) };
    let block = |user: &mut User| user.status = false;
    for round in 0..3 {
        let team = new_team(store, &project, &format!("crew{round}")).await;
        let ids = [format!("ada{round}"), format!("bob{round}")];
        for id in &ids {
            let user = new_user(store, &project, id).await;
            store.create_membership(&project, &member(id, &team, &user)).await.expect("kept");
        }
        let (ada, bob, own) = (user_id(&ids[0]), user_id(&ids[1]), membership_id(&ids[1]));
        let answers = match round {
            0 => {
                let (one, other) = tokio::join!(
                    store.delete_user(&project, &ada, Some(rule())),
                    store.delete_user(&project, &bob, Some(rule())),
                );
                [one, other]
            }
            1 => {
                let (one, other) = tokio::join!(
                    store.change_member(&project, &ada, Box::new(block), rule()),
                    store.delete_user(&project, &bob, Some(rule())),
                );
                [one.map(drop), other]
            }
            _ => {
                let (one, other) = tokio::join!(
                    store.change_member(&project, &ada, Box::new(block), rule()),
                    store.delete_membership(&project, &own, Some(rule())),
                );
                [one.map(drop), other]
            }
        };
        let refused = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Refused))).count();
        assert_eq!((refused, answers.iter().filter(|answer| answer.is_ok()).count()), (1, 1), "{round}: {answers:?}");
        let users = [store.user(&project, &ada).await, store.user(&project, &bob).await];
        let there = users.into_iter().filter_map(|user| user.expect("an answer")).filter(|user| user.status).count();
        assert!(there >= 1, "{round}: somebody stays");
    }
    // Who is blocked already, or in no team, may go; and nobody else's team is asked about.
    let lone = new_user(store, &project, "lone").await;
    store.change_member(&project, &lone, Box::new(block), rule()).await.expect("in no team");
    store.delete_user(&project, &lone, Some(rule())).await.expect("in no team");
}

pub(super) async fn the_teams_of_a_user_are_those_that_they_have_joined(store: &dyn Accounts) {
    let (project, other) = (new_project(store, "teams-own").await, new_project(store, "teams-own-other").await);
    let ada = new_user(store, &project, "ada").await;
    for id in ["open", "joined", "foreign"] {
        new_team(store, &other, id).await;
        new_team(store, &project, id).await;
    }
    store.create_membership(&project, &invited("1", &team_id("open"), &ada)).await.expect("kept");
    store.create_membership(&project, &member("2", &team_id("joined"), &ada)).await.expect("kept");
    let search = search(&[], &Schema::TEAMS);
    let own = store.search_teams(&project, Some(&ada), &search).await.expect("an answer").expect("a list");
    assert_eq!(own.items.iter().map(|(_, team)| (team.id.as_str(), team.total)).collect::<Vec<_>>(), [("joined", 1)]);
    assert_eq!(own.total, 1);
}
