//! Accounts and users through the public API alone, against the real binary.

mod support;

mod cookies;
mod effects;
mod jwts;
mod own_account;
mod precedence;
mod secrets;
mod sessions;
mod sign_in;
mod sign_up;
mod sign_up_code;
mod user_list;
mod user_sessions;
mod users;
