//! What travels: request and response bodies, realtime frames, error types and close codes.
//!
//! Only shapes and texts. Knows nothing of connections, of storage or of who may do what.

pub mod close;
pub mod error;
pub mod model;
pub mod realtime;
pub mod secret;

pub use error::ErrorType;

/// The version of the Appwrite API that answers claim to speak.
pub const API_VERSION: &str = "1.9.6";
