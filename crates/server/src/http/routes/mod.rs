//! One file per endpoint: its parameters in their order, the operation, the answer.

pub(super) mod account;
pub(super) mod console;
pub(super) mod graphql;
pub(super) mod health;
pub(super) mod herenow;
pub(super) mod locale;
pub(super) mod openapi;
pub(super) mod ops;
pub(super) mod ping;
pub(super) mod presences;
pub(super) mod project;
pub(super) mod projects;
pub(super) mod realtime;
pub(super) mod teams;
pub(super) mod users;
