//! From a query to a filter: which methods fit which attributes, how many values, of which type.

use super::{
    Filter, InvalidQuery, MAX_VALUES, Method, Needle, Operand, Query, Schema, Test,
    schema::{Attribute, Kind},
};

impl Filter {
    /// Types a query; its depth is bounded by the grammar.
    pub(super) fn parse(query: &Query, schema: &Schema) -> Result<Self, InvalidQuery> {
        let several = || {
            if query.nested.len() < 2 {
                return Err(InvalidQuery::ValueCount {
                    method: query.method.as_str(),
                    expected: "at least two queries",
                });
            }
            query.nested.iter().map(|nested| Self::parse(nested, schema)).collect()
        };
        match query.method {
            Method::And => Ok(Self::All(several()?)),
            Method::Or => Ok(Self::Any(several()?)),
            Method::Unusable(name) => Err(InvalidQuery::MethodNotAllowed(name)),
            Method::OrderAsc
            | Method::OrderDesc
            | Method::OrderRandom
            | Method::Limit
            | Method::Offset
            | Method::CursorAfter
            | Method::CursorBefore
            | Method::Select => Err(InvalidQuery::NotAFilter(query.method.as_str())),
            _ => {
                let attribute = schema.attribute(&query.attribute)?;
                Ok(Self::Attribute { name: attribute.name, test: Test::parse(query, attribute)? })
            }
        }
    }
}

impl Test {
    fn parse(query: &Query, attribute: Attribute) -> Result<Self, InvalidQuery> {
        let typed = Typed { query, attribute };
        typed.check_kind()?;
        Ok(match query.method {
            Method::IsNull => Self::IsNull,
            Method::IsNotNull => Self::IsNotNull,
            Method::Equal => Self::Equal(typed.set()?),
            Method::NotEqual => Self::NotEqual(typed.one()?),
            Method::LessThan => Self::Less(typed.one()?),
            Method::LessThanEqual => Self::LessOrEqual(typed.one()?),
            Method::GreaterThan => Self::Greater(typed.one()?),
            Method::GreaterThanEqual => Self::GreaterOrEqual(typed.one()?),
            Method::Between => typed.two().map(|(low, high)| Self::Between(low, high))?,
            Method::NotBetween => typed.two().map(|(low, high)| Self::NotBetween(low, high))?,
            Method::StartsWith => Self::StartsWith(typed.needle()?),
            Method::NotStartsWith => Self::NotStartsWith(typed.needle()?),
            Method::EndsWith => Self::EndsWith(typed.needle()?),
            Method::NotEndsWith => Self::NotEndsWith(typed.needle()?),
            Method::Contains | Method::ContainsAny => Self::ContainsAny(typed.needles()?),
            Method::ContainsAll => Self::ContainsAll(typed.needles()?),
            Method::NotContains => Self::ContainsNone(typed.needles()?),
            Method::Search | Method::NotSearch => {
                typed.needle()?;
                return Err(InvalidQuery::NoFullTextIndex(attribute.name));
            }
            other => return Err(InvalidQuery::NotAFilter(other.as_str())),
        })
    }
}

/// A query beside the attribute that its values must fit.
struct Typed<'a> {
    query: &'a Query,
    attribute: Attribute,
}

impl Typed<'_> {
    fn check_kind(&self) -> Result<(), InvalidQuery> {
        let fits = match self.query.method {
            Method::IsNull | Method::IsNotNull => true,
            Method::StartsWith | Method::NotStartsWith | Method::EndsWith | Method::NotEndsWith => {
                self.attribute.kind == Kind::String
            }
            Method::Contains | Method::ContainsAny | Method::ContainsAll | Method::NotContains => {
                matches!(self.attribute.kind, Kind::String | Kind::StringArray)
            }
            _ => self.attribute.kind != Kind::StringArray,
        };
        let refused =
            InvalidQuery::MethodOnAttribute { method: self.query.method.as_str(), attribute: self.attribute.name };
        if fits { Ok(()) } else { Err(refused) }
    }

    fn count(&self, expected: &'static str) -> InvalidQuery {
        InvalidQuery::ValueCount { method: self.query.method.as_str(), expected }
    }

    fn one(&self) -> Result<Operand, InvalidQuery> {
        let [value] = self.query.values.as_slice() else { return Err(self.count("exactly one value")) };
        self.attribute.operand(value)
    }

    fn two(&self) -> Result<(Operand, Operand), InvalidQuery> {
        let [low, high] = self.query.values.as_slice() else { return Err(self.count("exactly two values")) };
        Ok((self.attribute.operand(low)?, self.attribute.operand(high)?))
    }

    fn some(&self) -> Result<Vec<Operand>, InvalidQuery> {
        match self.query.values.len() {
            0 => return Err(self.count("at least one value")),
            1..=MAX_VALUES => {}
            _ => return Err(InvalidQuery::TooManyValues(self.attribute.name)),
        }
        self.query.values.iter().map(|value| self.attribute.operand(value)).collect()
    }

    fn set(&self) -> Result<Vec<Operand>, InvalidQuery> {
        let mut operands = self.some()?;
        operands.sort_unstable();
        operands.dedup();
        Ok(operands)
    }

    fn needle(&self) -> Result<Needle, InvalidQuery> {
        self.text(&self.one()?)
    }

    fn needles(&self) -> Result<Vec<Needle>, InvalidQuery> {
        self.some()?.iter().map(|operand| self.text(operand)).collect()
    }

    fn text(&self, operand: &Operand) -> Result<Needle, InvalidQuery> {
        let Operand::Text(text) = operand else {
            let (method, attribute) = (self.query.method.as_str(), self.attribute.name);
            return Err(InvalidQuery::MethodOnAttribute { method, attribute });
        };
        Ok(Needle::new(text))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(
        schema: &Schema,
        method: &str,
        attribute: &str,
        values: serde_json::Value,
    ) -> Result<Filter, InvalidQuery> {
        let text = json!({"method": method, "attribute": attribute, "values": values}).to_string();
        Filter::parse(&Query::parse(&text)?, schema)
    }

    #[test]
    fn values_have_the_type_of_their_attribute() {
        let type_of = |attribute, kind| Err(InvalidQuery::ValueType { attribute, kind });
        let (users, teams) = (&Schema::USERS, &Schema::TEAMS);
        for value in [json!(2_147_483_648_i64), json!(-2_147_483_649_i64), json!(5.0), json!("5"), json!(null)] {
            assert_eq!(filter(teams, "equal", "total", json!([value])), type_of("total", Kind::Integer));
        }
        assert!(filter(teams, "between", "total", json!([i32::MIN, i32::MAX])).is_ok());
        assert_eq!(filter(users, "equal", "status", json!([1])), type_of("status", Kind::Boolean));
        assert_eq!(filter(users, "equal", "registration", json!(["soon"])), type_of("registration", Kind::Datetime));
        assert!(filter(&Schema::PRESENCES, "equal", "userInternalId", json!([1, "2"])).is_ok());
        assert!(filter(&Schema::PRESENCES, "equal", "userInternalId", json!([1.5])).is_err());
    }

    #[test]
    fn methods_fit_the_attribute() {
        for (method, attribute) in
            [("equal", "labels"), ("startsWith", "status"), ("contains", "registration"), ("search", "labels")]
        {
            let refused = filter(&Schema::USERS, method, attribute, json!(["2026-08-01"]));
            assert!(matches!(refused, Err(InvalidQuery::MethodOnAttribute { .. })), "{method} {attribute}");
        }
    }
}
