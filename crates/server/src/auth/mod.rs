//! Who is calling, with which roles and scopes: credentials in, a [`Caller`] out.
//!
//! Knows the store and the signing keys; holds no rule about presences.

pub mod caller;
pub mod cookies;
pub mod credentials;
pub mod jwt;
pub mod key;
pub mod operator;
pub mod origin;
pub mod password;
pub mod scope;
pub mod secret;
pub mod sign_ins;
pub mod sign_up_code;

pub use caller::{Caller, Identity};
pub use scope::Scope;
