//! Presences over HTTP: every parameter and check of the routes, and what surrounds them.

mod cors;
mod delete;
mod input;
mod list;
mod list_cache;
mod metadata;
mod update;
mod upsert;
mod upsert_checks;
