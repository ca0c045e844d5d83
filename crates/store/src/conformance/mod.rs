//! What every backend has to do, as checks that any of them can run. Each check works in projects of its
//! own, so that they can share one store; a failure names the check by its file and line.

pub(crate) mod fixtures;
mod journal;
mod keys;
mod lists;
mod model;
mod presences;
mod projects;
mod sessions;
mod survival;
mod teams;
mod tokens;
mod users;

pub use journal::journal;
pub use presences::presences;
pub use survival::{accounts_after_reopening, accounts_before_reopening};

use crate::Accounts;

/// Runs every check of [`Accounts`] on a store that has nothing in it.
pub async fn accounts(store: &dyn Accounts) {
    projects::ids_are_unique_and_lists_are_in_the_order_of_creation(store).await;
    projects::what_is_not_there_cannot_be_changed(store).await;
    projects::nothing_is_seen_from_another_project(store).await;
    projects::ids_and_unique_values_may_repeat_in_another_project(store).await;
    projects::nothing_begins_in_a_project_that_is_not_there(store).await;
    projects::a_change_of_a_project_starts_from_what_is_kept(store).await;
    projects::a_project_goes_with_everything_in_it(store).await;
    keys::ids_and_hashes_are_unique(store).await;
    keys::a_key_is_found_by_its_present_hash(store).await;
    keys::a_change_of_a_key_starts_from_what_is_kept(store).await;
    keys::platforms_are_kept_in_the_order_of_creation(store).await;
    keys::webhooks_are_kept_in_the_order_of_creation(store).await;
    users::a_user_comes_back_as_it_was_kept(store).await;
    users::id_email_and_phone_are_unique(store).await;
    users::any_number_may_have_neither_email_nor_phone(store).await;
    users::email_is_taken_in_the_case_given(store).await;
    users::a_changed_email_frees_the_former(store).await;
    users::one_of_many_at_once_gets_the_email(store).await;
    users::changes_of_different_fields_at_once_are_all_kept(store).await;
    users::a_change_answers_as_an_update_does(store).await;
    users::sequences_grow_and_are_not_given_again(store).await;
    users::who_is_unknown_or_blocked_is_unwelcome(store).await;
    users::a_user_goes_with_sessions_tokens_and_memberships(store).await;
    sessions::id_and_secret_are_unique(store).await;
    sessions::the_limit_removes_the_oldest_and_never_the_new_one(store).await;
    sessions::the_limit_counts_one_user_alone(store).await;
    sessions::an_update_is_found_by_its_new_hash(store).await;
    sessions::all_but_one_can_be_removed(store).await;
    sessions::another_users_session_cannot_be_removed(store).await;
    sessions::a_sweep_removes_what_has_ended_and_says_whose_it_was(store).await;
    tokens::a_token_is_taken_once(store).await;
    tokens::one_of_many_at_once_takes_the_token(store).await;
    tokens::an_expired_token_is_not_taken(store).await;
    tokens::a_token_is_taken_by_its_own_user_alone(store).await;
    teams::id_of_team_and_membership_and_user_within_a_team_are_unique(store).await;
    teams::a_team_whose_first_membership_fails_is_not_kept(store).await;
    teams::totals_count_the_confirmed(store).await;
    teams::totals_follow_users_that_go(store).await;
    teams::a_team_goes_with_its_memberships_and_names_them(store).await;
    teams::of_changes_at_once_the_one_that_breaks_a_rule_is_refused(store).await;
    teams::of_owners_who_go_or_are_blocked_at_once_one_stays(store).await;
    teams::the_teams_of_a_user_are_those_that_they_have_joined(store).await;
    teams::memberships_are_found_from_both_sides(store).await;
    lists::every_filter_order_and_search_is_what_the_model_says(store).await;
    lists::a_random_order_has_everything_once(store).await;
}
