//! Which attributes each list may be asked about, and their types.

use serde_json::Value as Json;

use super::{InvalidQuery, Operand};
use crate::Timestamp;

/// The type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// A point in time.
    Datetime,
    /// A whole number; queries may name those of 32 bits.
    Integer,
    /// True or false.
    Boolean,
    /// A list of texts.
    StringArray,
    /// The original's internal number of another record, as text or number.
    InternalId,
}

impl Kind {
    /// What values of this type are, in words.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::String | Self::StringArray => "strings",
            Self::Datetime => "dates, such as 2026-08-01T10:00:00.000+00:00",
            Self::Integer => "32-bit integers",
            Self::Boolean => "booleans",
            Self::InternalId => "strings or integers",
        }
    }

    fn operand(self, value: &Json) -> Option<Operand> {
        match self {
            Self::String | Self::StringArray => value.as_str().map(|text| Operand::Text(text.into())),
            Self::Datetime => Timestamp::parse(value.as_str()?).ok().map(Operand::Time),
            Self::Integer => i32::try_from(value.as_i64()?).ok().map(|number| Operand::Integer(number.into())),
            Self::Boolean => value.as_bool().map(Operand::Boolean),
            Self::InternalId => match value {
                Json::String(text) => Some(Operand::Text(text.as_str().into())),
                Json::Number(number) if !number.is_f64() => Some(Operand::Text(number.to_string().into())),
                _ => None,
            },
        }
    }
}

/// One attribute that may be queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

impl Attribute {
    /// Parses one value for this attribute.
    pub(super) fn operand(&self, value: &Json) -> Result<Operand, InvalidQuery> {
        let refused = InvalidQuery::ValueType { attribute: self.name, kind: self.kind };
        self.kind.operand(value).ok_or(refused)
    }
}

/// The attributes of one kind of record that may be queried, beside those that every record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Names and types.
    pub attributes: &'static [(&'static str, Kind)],
}

/// What every record has.
const COMMON: [(&str, Kind); 4] = [
    ("$id", Kind::String),
    ("$createdAt", Kind::Datetime),
    ("$updatedAt", Kind::Datetime),
    ("$sequence", Kind::Integer),
];

impl Schema {
    /// `GET /v1/presences`.
    pub const PRESENCES: Self = Self {
        attributes: &[
            ("userInternalId", Kind::InternalId),
            ("userId", Kind::String),
            ("expiresAt", Kind::Datetime),
            ("status", Kind::String),
            ("source", Kind::String),
        ],
    };

    /// `GET /v1/users`.
    pub const USERS: Self = Self {
        attributes: &[
            ("name", Kind::String),
            ("email", Kind::String),
            ("phone", Kind::String),
            ("status", Kind::Boolean),
            ("passwordUpdate", Kind::Datetime),
            ("registration", Kind::Datetime),
            ("accessedAt", Kind::Datetime),
            ("emailVerification", Kind::Boolean),
            ("phoneVerification", Kind::Boolean),
            ("impersonator", Kind::Boolean),
            ("labels", Kind::StringArray),
        ],
    };

    /// `GET /v1/teams`.
    pub const TEAMS: Self = Self { attributes: &[("name", Kind::String), ("total", Kind::Integer)] };

    /// `GET /v1/teams/:teamId/memberships`.
    pub const MEMBERSHIPS: Self = Self {
        attributes: &[
            ("userId", Kind::String),
            ("teamId", Kind::String),
            ("invited", Kind::Datetime),
            ("joined", Kind::Datetime),
            ("confirm", Kind::Boolean),
            ("roles", Kind::StringArray),
        ],
    };

    /// `GET /v1/projects`.
    pub const PROJECTS: Self = Self { attributes: &[("name", Kind::String), ("teamId", Kind::String)] };

    /// `GET /v1/project/keys`.
    pub const KEYS: Self = Self {
        attributes: &[
            ("name", Kind::String),
            ("expire", Kind::Datetime),
            ("accessedAt", Kind::Datetime),
            ("scopes", Kind::StringArray),
        ],
    };

    /// `GET /v1/project/platforms`.
    pub const PLATFORMS: Self = Self {
        attributes: &[
            ("name", Kind::String),
            ("type", Kind::String),
            ("hostname", Kind::String),
            ("key", Kind::String),
        ],
    };

    /// `GET /v1/webhooks`.
    pub const WEBHOOKS: Self = Self {
        attributes: &[
            ("name", Kind::String),
            ("url", Kind::String),
            ("events", Kind::StringArray),
            ("enabled", Kind::Boolean),
            ("tls", Kind::Boolean),
            ("authUsername", Kind::String),
        ],
    };

    /// Finds an attribute by its name.
    pub(super) fn attribute(&self, name: &str) -> Result<Attribute, InvalidQuery> {
        let mut all = COMMON.iter().chain(self.attributes);
        let found = all.find(|(known, _)| *known == name);
        found.map(|&(name, kind)| Attribute { name, kind }).ok_or_else(|| InvalidQuery::attribute_not_allowed(name))
    }
}
