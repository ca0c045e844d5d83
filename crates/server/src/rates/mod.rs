//! How often clients may do what can be used to guess, to flood or to pester: one table, and the counters.
//!
//! Knows nothing of HTTP. Source: auth-and-permissions, section 10.

mod counters;

use std::time::Duration;

pub use self::counters::{Bucket, Counters, MAX_BUCKETS, Standing, Verdict};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// Signing up.
    SignUp,
    /// Signing in with email and password.
    EmailSession,
    /// Signing in as a new user of whom nothing is known.
    AnonymousSession,
    /// Signing in with a token.
    TokenSession,
    /// Making a session last longer.
    SessionUpdate,
    /// Signing out of one session.
    SessionDelete,
    /// Signing out everywhere.
    SessionsDelete,
    /// Making a JWT.
    Jwt,
    /// Changing one's password.
    PasswordChange,
    /// Inviting into a team.
    Invitation,
}

/// Who shares a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// All calls from one address.
    Address,
    /// All calls that name one email of a project.
    Email,
    /// All calls from one address that name one user of a project.
    AddressAndUser,
    /// All calls of one user of a project.
    Caller,
}

/// When a bucket is emptied before its window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emptied {
    /// Never.
    Never,
    /// When the call succeeded: who knows the secret does not guess.
    OnSuccess,
}

/// How one rate is limited.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name under `[limits]`.
    pub setting: &'static str,
    /// How long a window is.
    pub window: Duration,
    /// Who shares a bucket.
    pub by: By,
    /// When a bucket is emptied early.
    pub emptied: Emptied,
}

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

const fn rule(setting: &'static str, window: Duration, by: By, emptied: Emptied) -> Rule {
    Rule { setting, window, by, emptied }
}

impl Rate {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::SignUp,
        Self::EmailSession,
        Self::AnonymousSession,
        Self::TokenSession,
        Self::SessionUpdate,
        Self::SessionDelete,
        Self::SessionsDelete,
        Self::Jwt,
        Self::PasswordChange,
        Self::Invitation,
    ];

    /// How it is limited; how many calls a window takes is a setting.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::SignUp => rule("sign_ups_per_hour", HOUR, By::Address, Emptied::Never),
            Self::EmailSession => rule("email_sessions_per_hour", HOUR, By::Email, Emptied::OnSuccess),
            Self::AnonymousSession => rule("anonymous_sessions_per_hour", HOUR, By::Address, Emptied::Never),
            Self::TokenSession => rule("token_sessions_per_hour", HOUR, By::AddressAndUser, Emptied::OnSuccess),
            Self::SessionUpdate => rule("session_updates_per_hour", HOUR, By::Address, Emptied::Never),
            Self::SessionDelete | Self::SessionsDelete => {
                rule("session_deletes_per_hour", HOUR, By::Address, Emptied::Never)
            }
            Self::Jwt => rule("jwts_per_minute", MINUTE, By::Caller, Emptied::Never),
            Self::PasswordChange => rule("password_changes_per_hour", HOUR, By::Address, Emptied::Never),
            Self::Invitation => rule("invitations_per_hour", HOUR, By::Address, Emptied::Never),
        }
    }
}

/// How many calls a window of each rate takes; 0: as many as come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates([u32; Rate::ALL.len()]);

impl Rates {
    /// Looks each up by the name of its setting.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn read<E>(mut setting: impl FnMut(&str) -> Result<u32, E>) -> Result<Self, E> {
        let mut limits = [0; Rate::ALL.len()];
        for (limit, rate) in limits.iter_mut().zip(Rate::ALL) {
            *limit = setting(rate.rule().setting)?;
        }
        Ok(Self(limits))
    }

    /// How many calls a window of `rate` takes.
    #[must_use]
    pub fn limit(&self, rate: Rate) -> u32 {
        self.0[rate as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_has_the_limit_of_its_own_setting() {
        let names: Vec<_> = Rate::ALL.iter().map(|rate| rate.rule().setting).collect();
        let number = |name: &str| names.iter().position(|other| *other == name).ok_or(());
        let number = |name: &str| number(name).map(|place| u32::try_from(place).expect("small"));
        let rates = Rates::read(number).expect("each is known");
        for rate in Rate::ALL {
            assert_eq!(Ok(rates.limit(rate)), number(rate.rule().setting), "{rate:?}");
        }
    }

    #[test]
    fn the_table_is_the_sources() {
        let known: Vec<_> = crate::config::reference::LIMITS.iter().map(|limit| (limit.key, limit.default)).collect();
        for (rate, default, seconds) in [
            (Rate::SignUp, "10", 3600),
            (Rate::EmailSession, "10", 3600),
            (Rate::AnonymousSession, "50", 3600),
            (Rate::TokenSession, "10", 3600),
            (Rate::SessionUpdate, "10", 3600),
            (Rate::SessionDelete, "100", 3600),
            (Rate::SessionsDelete, "100", 3600),
            (Rate::Jwt, "120", 60),
            (Rate::PasswordChange, "10", 3600),
            (Rate::Invitation, "10", 3600),
        ] {
            assert_eq!(rate.rule().window.as_secs(), seconds, "{rate:?}");
            assert!(known.contains(&(rate.rule().setting, default)), "{rate:?}");
        }
    }
}
