//! The queries of a list taken together: which records, in which order, which page.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{
    Attributes, DEFAULT_LIMIT, Fault, Filter, InvalidQuery, MAX_LIMIT, MAX_QUERIES, MAX_QUERY_CHARS, Method, Operand,
    Query, Schema, Test,
};
use crate::id::{MAX_ID_CHARS, is_uid};

/// What a list was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Conditions, all of which hold.
    pub filters: Vec<Filter>,
    /// The effective order, tie-break included; what leads comes first.
    pub orders: Vec<Order>,
    /// Whether what `orders` leaves equal comes in random order: the caller shuffles before it pages.
    pub random: bool,
    /// Most records of the page: 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// How many records to skip first.
    pub offset: usize,
    /// Where the page begins or ends.
    pub cursor: Option<Cursor>,
}

/// One attribute to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Which attribute.
    pub attribute: &'static str,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first; null last.
    Ascending,
    /// Greatest first, null before.
    Descending,
}

/// The id of a record, and which side of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// What follows it.
    After(String),
    /// What comes before it.
    Before(String),
}

impl Cursor {
    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::After(id) | Self::Before(id) => id,
        }
    }
}

impl ListQuery {
    /// Parses all queries of a request against what its list may be asked about.
    ///
    /// # Errors
    /// The first [`InvalidQuery`] of [`Fault::Argument`], else the first of [`Fault::Query`].
    pub fn parse(texts: &[String], schema: &Schema) -> Result<Self, InvalidQuery> {
        if texts.len() > MAX_QUERIES {
            return Err(InvalidQuery::TooMany);
        }
        if texts.iter().any(|text| text.chars().nth(MAX_QUERY_CHARS).is_some()) {
            return Err(InvalidQuery::TooLong);
        }
        let mut parts = Parts::default();
        let mut refused = None;
        for text in texts {
            match Query::parse(text).and_then(|query| parts.add(&query, schema)) {
                Err(error) if error.fault() == Fault::Query => refused = refused.or(Some(error)),
                outcome => outcome?,
            }
        }
        refused.map_or_else(|| parts.finish(), Err)
    }

    /// Whether all filters match `record`.
    pub fn matches<T: Attributes + ?Sized>(&self, record: &T) -> bool {
        self.filters.iter().all(|filter| filter.matches(record))
    }

    /// The places of two records in the effective order.
    pub fn compare<A: Attributes + ?Sized, B: Attributes + ?Sized>(&self, left: &A, right: &B) -> Ordering {
        let mut places = self.orders.iter().map(|order| {
            let place = left.attribute(order.attribute).order(right.attribute(order.attribute));
            if order.direction == Direction::Descending { place.reverse() } else { place }
        });
        places.find(|place| place.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Which of two records comes first on the way from the cursor, where there is one: pages before a cursor are
    /// made backwards.
    pub(crate) fn way<A: Attributes + ?Sized, B: Attributes + ?Sized>(&self, left: &A, right: &B) -> Ordering {
        let place = self.compare(left, right);
        if matches!(self.cursor, Some(Cursor::Before(_))) { place.reverse() } else { place }
    }

    /// The values of a top-level `equal` on this attribute, sorted: no record with another one matches.
    #[must_use]
    pub fn equal_values(&self, attribute: &str) -> Option<&[Operand]> {
        self.filters.iter().find_map(|filter| match filter {
            Filter::Attribute { name, test: Test::Equal(operands) } if *name == attribute => Some(operands.as_slice()),
            _ => None,
        })
    }
}

/// What has been read so far; of limits, offsets and cursors the first counts.
#[derive(Default)]
struct Parts {
    filters: Vec<Filter>,
    orders: Vec<Order>,
    random: bool,
    limit: Option<usize>,
    offset: Option<usize>,
    cursor: Option<Cursor>,
}

impl Parts {
    fn add(&mut self, query: &Query, schema: &Schema) -> Result<(), InvalidQuery> {
        match query.method {
            Method::Limit => {
                let limit = number(query).filter(|limit| *limit > 0).ok_or(InvalidQuery::Limit)?;
                if limit > MAX_LIMIT {
                    return Err(InvalidQuery::LimitTooLarge);
                }
                self.limit.get_or_insert(limit);
            }
            Method::Offset => {
                self.offset.get_or_insert(number(query).ok_or(InvalidQuery::Offset)?);
            }
            Method::CursorAfter => {
                self.cursor.get_or_insert(Cursor::After(id(query)?));
            }
            Method::CursorBefore => {
                self.cursor.get_or_insert(Cursor::Before(id(query)?));
            }
            Method::OrderAsc => self.order(query, Direction::Ascending, schema)?,
            Method::OrderDesc => self.order(query, Direction::Descending, schema)?,
            Method::OrderRandom => self.random = true,
            Method::Select => return Err(InvalidQuery::MethodNotAllowed(query.method.as_str())),
            _ => self.filters.push(Filter::parse(query, schema)?),
        }
        Ok(())
    }

    /// Orders behind `orderRandom` are checked and say nothing: it leaves no ties.
    fn order(&mut self, query: &Query, direction: Direction, schema: &Schema) -> Result<(), InvalidQuery> {
        let name = if query.attribute.is_empty() { "$sequence" } else { &query.attribute };
        let attribute = schema.attribute(name)?.name;
        if !self.random {
            self.orders.push(Order { attribute, direction });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ListQuery, InvalidQuery> {
        if self.random && self.cursor.is_some() {
            return Err(InvalidQuery::CursorInRandomOrder);
        }
        let is_unique = self.orders.iter().any(|order| matches!(order.attribute, "$id" | "$sequence"));
        if !self.random && !is_unique {
            let direction = match self.orders.first() {
                Some(Order { attribute: "$createdAt" | "$updatedAt", direction }) => *direction,
                _ => Direction::Ascending,
            };
            self.orders.push(Order { attribute: "$sequence", direction });
        }
        Ok(ListQuery {
            filters: self.filters,
            orders: self.orders,
            random: self.random,
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
            offset: self.offset.unwrap_or(0),
            cursor: self.cursor,
        })
    }
}

/// The one value of `limit` or `offset`: a whole number from 0, or the text of one.
fn number(query: &Query) -> Option<usize> {
    match query.values.as_slice() {
        [Json::Number(number)] => number.as_u64().map(|number| usize::try_from(number).unwrap_or(usize::MAX)),
        [Json::String(text)] if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(text.parse().unwrap_or(usize::MAX))
        }
        _ => None,
    }
}

fn id(query: &Query) -> Result<String, InvalidQuery> {
    match query.values.as_slice() {
        [Json::String(id)] if is_uid(id, MAX_ID_CHARS) => Ok(id.clone()),
        _ => Err(InvalidQuery::Cursor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Result<ListQuery, InvalidQuery> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        ListQuery::parse(&texts, &Schema::PRESENCES)
    }

    #[test]
    fn nothing_asked_is_the_first_page_in_the_order_of_creation() {
        let query = parse(&[]).expect("valid");
        assert_eq!(query.orders, [Order { attribute: "$sequence", direction: Direction::Ascending }]);
        assert_eq!((query.limit, query.offset, query.cursor, query.random), (DEFAULT_LIMIT, 0, None, false));
    }

    #[test]
    fn the_first_limit_offset_and_cursor_count() {
        let query = parse(&[
            r#"{"method":"limit","values":["7"]}"#,
            r#"{"method":"limit","values":[8]}"#,
            r#"{"method":"offset","values":[3]}"#,
            r#"{"method":"offset","values":[4]}"#,
            r#"{"method":"cursorBefore","values":["a"]}"#,
            r#"{"method":"cursorAfter","values":["b"]}"#,
        ]);
        let query = query.expect("valid");
        assert_eq!((query.limit, query.offset), (7, 3));
        assert_eq!(query.cursor, Some(Cursor::Before("a".to_owned())));
        let limits = [r#"{"method":"limit","values":[1]}"#, r#"{"method":"limit","values":[0]}"#];
        assert_eq!(parse(&limits), Err(InvalidQuery::Limit));
    }

    #[test]
    fn ties_are_broken_in_the_direction_of_a_leading_time() {
        let orders = |texts: &[&str]| -> Vec<(&'static str, Direction)> {
            parse(texts).expect("valid").orders.iter().map(|order| (order.attribute, order.direction)).collect()
        };
        use Direction::{Ascending, Descending};
        let created = r#"{"method":"orderDesc","attribute":"$createdAt"}"#;
        let status = r#"{"method":"orderDesc","attribute":"status"}"#;
        let id = r#"{"method":"orderDesc","attribute":"$id"}"#;
        assert_eq!(orders(&[created]), [("$createdAt", Descending), ("$sequence", Descending)]);
        assert_eq!(
            orders(&[status, created]),
            [("status", Descending), ("$createdAt", Descending), ("$sequence", Ascending)]
        );
        assert_eq!(orders(&[status, id]), [("status", Descending), ("$id", Descending)]);
        assert_eq!(orders(&[r#"{"method":"orderDesc"}"#]), [("$sequence", Descending)]);
    }

    #[test]
    fn bounds_hold_at_their_edge() {
        let is_null = r#"{"method":"isNull","attribute":"status"}"#;
        assert!(parse(&vec![is_null; MAX_QUERIES]).is_ok());
        assert_eq!(parse(&vec![is_null; MAX_QUERIES + 1]), Err(InvalidQuery::TooMany));
        let filled = |filler: &str, chars: usize| {
            let empty = r#"{"method":"equal","attribute":"status","values":[""]}"#;
            empty.replace("[\"\"]", &format!("[\"{}\"]", filler.repeat(chars - empty.len())))
        };
        assert!(parse(&[&filled("é", MAX_QUERY_CHARS)]).is_ok());
        assert_eq!(parse(&[&filled("é", MAX_QUERY_CHARS + 1)]), Err(InvalidQuery::TooLong));
        assert_eq!(parse(&[r#"{"method":"limit","values":["5001"]}"#]), Err(InvalidQuery::LimitTooLarge));
        assert_eq!(
            parse(&[r#"{"method":"limit","values":["99999999999999999999999"]}"#]),
            Err(InvalidQuery::LimitTooLarge)
        );
        for fault in [InvalidQuery::TooMany, InvalidQuery::TooLong, InvalidQuery::LimitTooLarge] {
            assert_eq!(fault.fault(), Fault::Query);
        }
    }

    #[test]
    fn a_malformed_query_is_reported_before_one_that_asks_too_much() {
        let search = r#"{"method":"search","attribute":"status","values":["on"]}"#;
        assert_eq!(parse(&[search, search]), Err(InvalidQuery::NoFullTextIndex("status")));
        assert_eq!(parse(&[search, "{"]), Err(InvalidQuery::Syntax));
        let unknown = r#"{"method":"search","attribute":"foo","values":["on"]}"#;
        assert_eq!(parse(&[unknown]), Err(InvalidQuery::AttributeNotAllowed("foo".to_owned())));
    }

    #[test]
    fn a_random_order_has_no_place_to_go_on_from() {
        let random = r#"{"method":"orderRandom"}"#;
        let query = parse(&[random, r#"{"method":"orderAsc","attribute":"status"}"#]).expect("valid");
        assert!(query.random && query.orders.is_empty());
        let cursor = r#"{"method":"cursorAfter","values":["a"]}"#;
        assert_eq!(parse(&[cursor, random]), Err(InvalidQuery::CursorInRandomOrder));
    }

    #[test]
    fn an_index_is_offered_the_values_of_a_top_level_equal_only() {
        let equal = r#"{"method":"equal","attribute":"userId","values":["b","a","b"]}"#;
        let query = parse(&[equal]).expect("valid");
        assert_eq!(query.equal_values("userId"), Some(&[Operand::Text("a".into()), Operand::Text("b".into())][..]));
        assert_eq!(query.equal_values("status"), None);
        let or = format!(r#"{{"method":"or","values":[{equal},{equal}]}}"#);
        assert_eq!(parse(&[&or]).expect("valid").equal_values("userId"), None);
    }
}
