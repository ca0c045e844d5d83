//! Which rows: the scope of the list, its filters and its words, as one condition with its parameters.

use herenow_core::query::{Filter, Needle, Operand, Test};
use rusqlite::types::Value;

use super::{Column, Kind, Things};

/// A condition that grows.
pub(super) struct Conditions<'a> {
    things: &'a Things,
    all: Vec<String>,
    values: Vec<Value>,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(things: &'a Things, scope: &[Value]) -> Self {
        Self { things, all: vec![format!("({})", things.scope)], values: scope.to_vec() }
    }

    /// The condition.
    pub(super) fn sql(&self) -> String {
        self.all.join(" AND ")
    }

    /// Its parameters.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Makes a value a parameter; answers with its name.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// Adds a condition.
    pub(super) fn and(&mut self, sql: String) {
        self.all.push(sql);
    }

    /// Adds filters, all of which must hold.
    pub(super) fn filters(&mut self, filters: &[Filter]) {
        for filter in filters {
            let sql = self.filter(filter);
            self.and(sql);
        }
    }

    /// Adds words, each of which must occur.
    pub(super) fn words(&mut self, words: &[String]) {
        if !words.is_empty() {
            let words = self.bind(texts(words.iter().map(String::as_str)));
            self.and(format!("found_in({words}, {})", self.things.searched));
        }
    }

    /// No filter is ever negated as a whole, so that null may stand for "does not match".
    fn filter(&mut self, filter: &Filter) -> String {
        match filter {
            Filter::Attribute { name, test } => self.test(self.things.column(name), test),
            Filter::All(filters) => self.joined(filters, " AND ", "TRUE"),
            Filter::Any(filters) => self.joined(filters, " OR ", "FALSE"),
        }
    }

    fn joined(&mut self, filters: &[Filter], word: &str, none: &str) -> String {
        let all: Vec<String> = filters.iter().map(|filter| self.filter(filter)).collect();
        if all.is_empty() { none.to_owned() } else { format!("({})", all.join(word)) }
    }

    fn test(&mut self, column: Column, test: &Test) -> String {
        let Column { sql, .. } = column;
        match (column.kind, test) {
            (Kind::Filled, Test::IsNull) => format!("{sql} = ''"),
            (Kind::Filled, Test::IsNotNull) => format!("{sql} <> ''"),
            // Said so that SQLite finds the index, which holds no empty texts.
            (Kind::Filled, test) => format!("({sql} <> '' AND {})", self.of_value(column, test)),
            (_, test) => self.of_value(column, test),
        }
    }

    fn of_value(&mut self, Column { sql, kind, .. }: Column, test: &Test) -> String {
        let (any, all) = if kind == Kind::Texts { ("has_any", "has_all") } else { ("contains_any", "contains_all") };
        match test {
            Test::IsNull => format!("{sql} IS NULL"),
            Test::IsNotNull => format!("{sql} IS NOT NULL"),
            Test::Equal(operands) => self.equal(sql, operands),
            Test::NotEqual(operand) => self.compared(sql, "<>", operand),
            Test::Less(operand) => self.compared(sql, "<", operand),
            Test::LessOrEqual(operand) => self.compared(sql, "<=", operand),
            Test::Greater(operand) => self.compared(sql, ">", operand),
            Test::GreaterOrEqual(operand) => self.compared(sql, ">=", operand),
            Test::Between(low, high) => {
                format!("({} AND {})", self.compared(sql, ">=", low), self.compared(sql, "<=", high))
            }
            Test::NotBetween(low, high) => {
                format!("({} OR {})", self.compared(sql, "<", low), self.compared(sql, ">", high))
            }
            Test::StartsWith(needle) => self.asked(sql, kind, "starts_with", std::slice::from_ref(needle)),
            Test::NotStartsWith(needle) => {
                format!("NOT {}", self.asked(sql, kind, "starts_with", std::slice::from_ref(needle)))
            }
            Test::EndsWith(needle) => self.asked(sql, kind, "ends_with", std::slice::from_ref(needle)),
            Test::NotEndsWith(needle) => {
                format!("NOT {}", self.asked(sql, kind, "ends_with", std::slice::from_ref(needle)))
            }
            Test::ContainsAny(needles) => self.asked(sql, kind, any, needles),
            Test::ContainsAll(needles) => self.asked(sql, kind, all, needles),
            Test::ContainsNone(needles) => format!("NOT {}", self.asked(sql, kind, any, needles)),
        }
    }

    fn compared(&mut self, sql: &str, by: &str, operand: &Operand) -> String {
        format!("{sql} {by} {}", self.bind(value(operand)))
    }

    /// One value is compared, so that an index can be used as it is; several go in one parameter, since SQLite bounds
    /// how many there are.
    fn equal(&mut self, sql: &str, operands: &[Operand]) -> String {
        if let [operand] = operands {
            return self.compared(sql, "=", operand);
        }
        let list = operands.iter().map(json).collect::<serde_json::Value>().to_string();
        format!("{sql} IN (SELECT value FROM json_each({}))", self.bind(Value::Text(list)))
    }

    fn asked(&mut self, sql: &str, kind: Kind, function: &str, needles: &[Needle]) -> String {
        let needles = if kind == Kind::Texts {
            texts(needles.iter().map(Needle::as_str))
        } else {
            texts(needles.iter().map(Needle::folded))
        };
        format!("{function}({sql}, {})", self.bind(needles))
    }
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::Text(texts.collect::<serde_json::Value>().to_string())
}

/// A value of a query as a row has it. Times are kept as texts of one length, which order as they do.
fn value(operand: &Operand) -> Value {
    match operand {
        Operand::Text(text) => Value::Text(text.to_string()),
        Operand::Time(time) => Value::Text(time.to_string()),
        Operand::Integer(number) => Value::Integer(*number),
        Operand::Boolean(truth) => Value::Integer(i64::from(*truth)),
    }
}

fn json(operand: &Operand) -> serde_json::Value {
    match operand {
        Operand::Text(text) => serde_json::Value::String(text.to_string()),
        Operand::Time(time) => serde_json::Value::String(time.to_string()),
        Operand::Integer(number) => (*number).into(),
        Operand::Boolean(truth) => i64::from(*truth).into(),
    }
}
