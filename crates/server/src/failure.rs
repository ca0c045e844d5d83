//! Why an operation failed: a stable type and a safe text for the client, the whole chain for the log.
//!
//! Free of HTTP: `http::error` makes responses of it, `realtime` error frames.

use std::borrow::Cow;

use herenow_broker::Refusal;
use herenow_core::{Rejection, tracker::ListError};
use herenow_store::StoreError;
use herenow_wire::ErrorType;

use crate::auth::password::Busy;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", kind.as_str(), message.as_deref().unwrap_or(kind.message()))]
pub struct Failure {
    /// What the client sees as the type.
    pub kind: ErrorType,
    /// What it sees as the text; none: the type's own.
    pub message: Option<Cow<'static, str>>,
    /// What the log gets.
    #[source]
    pub cause: Option<anyhow::Error>,
}

impl Failure {
    /// A failure with a text of its own.
    #[must_use]
    pub fn new(kind: ErrorType, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: Some(message.into()), cause: None }
    }

    /// A parameter that breaks its rule.
    #[must_use]
    pub fn invalid_param(name: &str, rule: impl std::fmt::Display) -> Self {
        Self::new(ErrorType::GeneralArgumentInvalid, format!("Invalid `{name}` param: {rule}"))
    }

    /// A parameter that is missing.
    #[must_use]
    pub fn missing_param(name: &str) -> Self {
        Self::new(ErrorType::GeneralArgumentInvalid, format!("Param \"{name}\" is not optional."))
    }

    /// The text that a client sees.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message.as_deref().unwrap_or(self.kind.message())
    }

    /// A failure of ours, with its cause.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self { kind: ErrorType::GeneralUnknown, message: None, cause: Some(cause.into()) }
    }
}

impl From<ErrorType> for Failure {
    fn from(kind: ErrorType) -> Self {
        Self { kind, message: None, cause: None }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => ErrorType::GeneralStorageFull.into(),
            StoreError::TooMuch => ErrorType::DatabaseTimeout.into(),
            error => Self::internal(error),
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound => ErrorType::PresenceNotFound.into(),
            Rejection::Unauthorized => ErrorType::UserUnauthorized.into(),
            Rejection::Exists => ErrorType::PresenceAlreadyExists.into(),
            Rejection::NotGrantable(entry) => Self::not_grantable(&entry),
        }
    }
}

impl Failure {
    /// A permission to a role that the caller does not hold.
    #[must_use]
    pub fn not_grantable(entry: &str) -> Self {
        Self::new(
            ErrorType::UserUnauthorized,
            format!("Permissions must be one of: (roles that you hold); not {entry}"),
        )
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => rejection.into(),
            Refusal::Overloaded => ErrorType::GeneralOverloaded.into(),
            Refusal::StorageFull => ErrorType::GeneralStorageFull.into(),
            Refusal::StorageFailed => ErrorType::GeneralStorageFailed.into(),
            Refusal::UnknownProject => ErrorType::ProjectNotFound.into(),
        }
    }
}

impl From<ListError> for Failure {
    fn from(error: ListError) -> Self {
        use herenow_core::query::PageError;
        let kind = match &error {
            ListError::CursorNotFound(_) | ListError::Page(PageError::CursorNotFound) => {
                ErrorType::GeneralCursorNotFound
            }
            ListError::Abandoned(_) => ErrorType::DatabaseTimeout,
            ListError::Page(PageError::OrderNull(_)) => ErrorType::DatabaseQueryOrderNull,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<Busy> for Failure {
    fn from(_: Busy) -> Self {
        ErrorType::GeneralOverloaded.into()
    }
}
