//! JSON models, key by key in the order of the wire.
//!
//! Source: models. A value that is unset travels as its type's default, never as a missing key.

mod account;
mod operator;
mod presence;
mod project;

pub use account::*;
pub use operator::*;
pub use presence::{presence_json, presence_list_json, write_presence, write_text};
pub use project::*;
