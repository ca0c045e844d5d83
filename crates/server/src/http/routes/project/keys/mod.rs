//! API keys of a project.

pub(in crate::http) mod create;
pub(in crate::http) mod create_ephemeral;
pub(in crate::http) mod delete;
pub(in crate::http) mod get;
pub(in crate::http) mod list;
pub(in crate::http) mod update;

use herenow_core::{KeyId, Timestamp};

use super::manager;
use crate::{
    failure::Failure,
    http::params::{Params, parsed, scopes, text},
    ops::keys::KeyInput,
};

/// The key that the path names.
fn key_id(params: &Params) -> Result<KeyId, Failure> {
    params.required("keyId", parsed(KeyId::parse))
}

/// What a key shall be.
fn input(params: &Params) -> Result<KeyInput, Failure> {
    Ok(KeyInput {
        name: params.required("name", text(1, 128))?,
        scopes: params.required("scopes", scopes)?,
        expire: params.optional("expire", parsed(Timestamp::parse))?,
    })
}
