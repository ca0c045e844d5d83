//! The values of records and of queries, and how a list compares them.

use std::{cmp::Ordering, sync::Arc};

use crate::{Presence, Timestamp};

/// The value of one attribute of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// Text.
    Text(&'a str),
    /// A point in time.
    Time(Timestamp),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A list of texts.
    Texts(&'a [String]),
}

/// A record that a list may be asked about.
pub trait Attributes {
    /// The value of the attribute of this name; [`Value::Null`] where there is none.
    fn attribute(&self, name: &str) -> Value<'_>;
}

/// The value in a filter, of the type of its attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// Text.
    Text(Box<str>),
    /// A point in time.
    Time(Timestamp),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl Value<'_> {
    /// How this value stands to one in a filter: none where it is null or of another type.
    pub(super) fn to_operand(self, operand: &Operand) -> Option<Ordering> {
        match (self, operand) {
            (Self::Text(own), Operand::Text(other)) => Some(own.cmp(other)),
            (Self::Time(own), Operand::Time(other)) => Some(own.cmp(other)),
            (Self::Integer(own), Operand::Integer(other)) => Some(own.cmp(other)),
            (Self::Boolean(own), Operand::Boolean(other)) => Some(own.cmp(other)),
            _ => None,
        }
    }

    /// The place of this value beside that of another record: null comes last, as in PostgreSQL.
    pub(super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Text(own), Self::Text(other)) => own.cmp(other),
            (Self::Time(own), Self::Time(other)) => own.cmp(&other),
            (Self::Integer(own), Self::Integer(other)) => own.cmp(&other),
            (Self::Boolean(own), Self::Boolean(other)) => own.cmp(&other),
            (Self::Texts(own), Self::Texts(other)) => own.cmp(other),
            _ => (self == Self::Null).cmp(&(other == Self::Null)),
        }
    }
}

impl<T: Attributes + ?Sized> Attributes for &T {
    fn attribute(&self, name: &str) -> Value<'_> {
        (**self).attribute(name)
    }
}

impl<T: Attributes + ?Sized> Attributes for Arc<T> {
    fn attribute(&self, name: &str) -> Value<'_> {
        (**self).attribute(name)
    }
}

impl Attributes for Presence {
    /// Herenow keeps no second number of a user: their id stands for `userInternalId`, so that it is
    /// never null and sorts the records of one user together.
    fn attribute(&self, name: &str) -> Value<'_> {
        match name {
            "$id" => Value::Text(self.id.as_str()),
            "$createdAt" => Value::Time(self.created_at),
            "$updatedAt" => Value::Time(self.updated_at),
            "$sequence" => Value::Integer(i64::try_from(self.creation).unwrap_or(i64::MAX)),
            "userId" | "userInternalId" => Value::Text(self.user.as_str()),
            "expiresAt" => Value::Time(self.state.expires_at),
            "status" => Value::Text(&self.state.status),
            "source" => Value::Text(self.state.source.as_str()),
            _ => Value::Null,
        }
    }
}
