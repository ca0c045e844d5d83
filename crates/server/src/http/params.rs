//! Parameters: from the query of a GET, from the body of everything else, from the path always.
//!
//! Source: auth-and-permissions, section 1 ("Where parameters come from"); decisions, HTTP and input.

use std::{borrow::Cow, collections::HashMap, fmt, ops::Range};

use herenow_core::{
    Metadata, Permissions, Timestamp, account::Prefs, metadata::InvalidMetadata, permission::MAX_PERMISSIONS,
};
use herenow_wire::{ErrorType, model::write_text};
use percent_encoding::percent_decode_str;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::{auth::scope, failure::Failure};

/// The JSON of a parameter, as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'json>(&'json str);

impl<'json> Raw<'json> {
    /// The JSON, without white space around it.
    #[must_use]
    pub fn json(self) -> &'json str {
        self.0
    }

    /// The text that it is, where it is one.
    #[must_use]
    pub fn text(self) -> Option<Cow<'json, str>> {
        match self.0.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            // Nearly every text: without an escape it stands there as it is.
            Some(text) if !text.contains('\\') => Some(Cow::Borrowed(text)),
            _ => serde_json::from_str(self.0).ok().map(Cow::Owned),
        }
    }
}

impl<'json> From<&'json RawValue> for Raw<'json> {
    fn from(value: &'json RawValue) -> Self {
        Self(value.get())
    }
}

/// The parameters of one request. They are few, and a list is quicker than a table; of several of a name the last counts.
#[derive(Debug, Default)]
pub struct Params {
    /// The body as it was sent, or names and JSON one after the other.
    text: String,
    /// Where in it a name stands, and where its JSON.
    entries: Vec<(Range<usize>, Range<usize>)>,
}

impl Params {
    /// Reads a query string: `name=value`, `name[]=value`, `name[0]=value`.
    #[must_use]
    pub fn from_query(query: &str) -> Self {
        let mut params = Self::default();
        if query.is_empty() {
            return params;
        }
        let mut lists: HashMap<String, Vec<(Option<usize>, String)>> = HashMap::new();
        for (name, value) in pairs(query) {
            match name.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?))) {
                Some((name, index)) => lists.entry(name.to_owned()).or_default().push((index.parse().ok(), value)),
                None => params.set_text(&name, &value),
            }
        }
        for (name, mut values) in lists {
            values.sort_by_key(|(index, _)| index.unwrap_or(0));
            params.set(&name, &values.into_iter().map(|(_, value)| value).collect());
        }
        params
    }

    /// Reads a body of this content type; of an unknown type it holds no parameters.
    ///
    /// # Errors
    /// 400 `general_bad_request` where JSON is malformed or no object. An empty array is an empty object.
    pub fn from_body(content_type: &str, body: &[u8]) -> Result<Self, Failure> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        if kind.eq_ignore_ascii_case("application/json") {
            let malformed = || Failure::new(ErrorType::GeneralBadRequest, "The body must be a JSON object in UTF-8.");
            let text = std::str::from_utf8(body).map_err(|_| malformed())?;
            if text.trim_start().starts_with('[') && serde_json::from_str::<[(); 0]>(text).is_ok() {
                return Ok(Self::default());
            }
            return Self::from_json(text).map_err(|_| malformed());
        }
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(Self::from_query(&String::from_utf8_lossy(body)));
        }
        Ok(Self::default())
    }

    fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let mut input = serde_json::Deserializer::from_str(text);
        let params = input.deserialize_map(ObjectIn(text))?;
        input.end().map(|()| params)
    }

    /// Sets a parameter, over any other of the name.
    pub fn set(&mut self, name: &str, value: &Value) {
        let entry = (self.push(name), self.push(&value.to_string()));
        self.entries.push(entry);
    }

    /// Sets a parameter that is a text, over any other of the name.
    pub fn set_text(&mut self, name: &str, value: &str) {
        let (name, start) = (self.push(name), self.text.len());
        write_text(&mut self.text, value);
        self.entries.push((name, start..self.text.len()));
    }

    fn push(&mut self, part: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(part);
        start..self.text.len()
    }

    fn get(&self, name: &str) -> Option<Raw<'_>> {
        let text = self.text.as_bytes();
        let is_named = |of: &Range<usize>| of.len() == name.len() && text[of.clone()] == *name.as_bytes();
        let (_, json) = self.entries.iter().rev().find(|(of, _)| is_named(of))?;
        Some(Raw(&self.text[json.clone()]))
    }

    /// A parameter that must be there, parsed by `rule`.
    ///
    /// # Errors
    /// 400 `general_argument_invalid`.
    pub fn required<T>(&self, name: &str, rule: impl FnOnce(Raw<'_>) -> Result<T, String>) -> Result<T, Failure> {
        let raw = self.get(name).ok_or_else(|| Failure::missing_param(name))?;
        rule(raw).map_err(|text| Failure::invalid_param(name, text))
    }

    /// A parameter that may be missing or null, parsed by `rule`.
    ///
    /// # Errors
    /// 400 `general_argument_invalid`.
    pub fn optional<T>(
        &self,
        name: &str,
        rule: impl FnOnce(Raw<'_>) -> Result<T, String>,
    ) -> Result<Option<T>, Failure> {
        let raw = self.get(name).filter(|raw| raw.json() != "null");
        raw.map(|raw| rule(raw).map_err(|text| Failure::invalid_param(name, text))).transpose()
    }

    /// The metadata of a presence, where it is sent. What is too large is a valid argument that cannot be kept.
    ///
    /// # Errors
    /// 400 `general_argument_invalid` where it is no object, `document_invalid_structure` where it is too large.
    /// Source: http-api, A1.
    pub fn metadata(&self) -> Result<Option<Metadata>, Failure> {
        let parsed = self.optional("metadata", |raw| match Metadata::parse(raw.json()) {
            Err(error @ InvalidMetadata::NotAnObject) => Err(error.to_string()),
            parsed => Ok(parsed),
        })?;
        let too_large = |error: InvalidMetadata| {
            Failure::new(ErrorType::DocumentInvalidStructure, format!("Invalid document structure: metadata: {error}"))
        };
        parsed.transpose().map_err(too_large)
    }

    /// The queries of a list.
    ///
    /// # Errors
    /// 400 `general_argument_invalid` where they are no list of texts.
    pub fn queries(&self) -> Result<Vec<String>, Failure> {
        Ok(self.optional("queries", texts(usize::MAX))?.unwrap_or_default())
    }

    /// A parameter as text, whatever its rule.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(Cow::into_owned)
    }
}

/// So many bytes are kept free behind a body, for the placeholders of a path.
const ROOM: usize = 64;

/// Reads the object that this text is.
struct ObjectIn<'text>(&'text str);

/// The name of a parameter in JSON, borrowed where it has no escape.
#[derive(Deserialize)]
struct Name<'text>(#[serde(borrow)] Cow<'text, str>);

impl<'text> Visitor<'text> for ObjectIn<'text> {
    type Value = Params;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'text>>(self, mut map: A) -> Result<Params, A::Error> {
        let place = |part: &str| {
            let start = part.as_ptr().addr() - self.0.as_ptr().addr();
            start..start + part.len()
        };
        let mut params = Params { text: String::with_capacity(self.0.len() + ROOM), entries: Vec::with_capacity(8) };
        params.text.push_str(self.0);
        while let Some((Name(name), json)) = map.next_entry::<Name<'_>, &RawValue>()? {
            let name = match name {
                Cow::Borrowed(name) => place(name),
                Cow::Owned(name) => params.push(&name),
            };
            params.entries.push((name, place(json.get())));
        }
        Ok(params)
    }
}

/// The pairs of a query string, percent-decoded; `+` is a space.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// A text of so many characters.
pub fn text(min: usize, max: usize) -> impl Fn(Raw<'_>) -> Result<String, String> {
    move |raw| short(raw, min, max).map(Cow::into_owned)
}

/// A text of so many characters, as it stands in the JSON.
pub fn short(raw: Raw<'_>, min: usize, max: usize) -> Result<Cow<'_, str>, String> {
    let text = raw.text().filter(|text| (min..=max).contains(&text.chars().count()));
    text.ok_or_else(|| format!("Value must be a valid string of {min} to {max} chars"))
}

/// A password: 8 to 256 bytes.
pub fn password(raw: Raw<'_>) -> Result<String, String> {
    match raw.text() {
        Some(text) if (8..=256).contains(&text.len()) => Ok(text.into_owned()),
        _ => Err("Password must be between 8 and 256 characters long.".to_owned()),
    }
}

/// An email address, in lower case.
pub fn email(raw: Raw<'_>) -> Result<String, String> {
    let invalid = || "Value must be a valid email address".to_owned();
    let text = raw.text().ok_or_else(invalid)?;
    let (name, host) = text.rsplit_once('@').ok_or_else(invalid)?;
    let plain = |text: &str| text.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '@');
    let hosted = host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    let named = !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && plain(name)
        && name.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if named && hosted && host.contains('.') && text.len() <= 320 { Ok(text.to_lowercase()) } else { Err(invalid()) }
}

/// A phone number: `+` and up to 15 digits.
pub fn phone(raw: Raw<'_>) -> Result<String, String> {
    let invalid = "Phone number must start with a '+' and have at most fifteen digits.";
    let text = raw.text().ok_or(invalid)?;
    let digits = text.strip_prefix('+').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match digits {
        Some(digits) if (1..=15).contains(&digits.len()) && !digits.starts_with('0') => Ok(text.into_owned()),
        _ => Err(invalid.to_owned()),
    }
}

/// Anything that a parser of texts accepts.
pub fn parsed<T, E: std::fmt::Display>(
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> impl FnOnce(Raw<'_>) -> Result<T, String> {
    move |raw| {
        let text = raw.text().ok_or("Value must be a valid string")?;
        parse(&text).map_err(|error| error.to_string())
    }
}

/// A point in time from `now` to `longest` after it.
pub fn future(now: Timestamp, longest: std::time::Duration) -> impl FnOnce(Raw<'_>) -> Result<Timestamp, String> {
    parsed(move |text| match Timestamp::parse(text) {
        Ok(time) if time >= now && time <= now.plus(longest) => Ok(time),
        Ok(_) => Err(format!("Value must be between {now} and {}", now.plus(longest))),
        Err(invalid) => Err(invalid.to_string()),
    })
}

/// Permissions of a presence.
pub fn permissions(raw: Raw<'_>) -> Result<Permissions, String> {
    let texts = texts(MAX_PERMISSIONS)(raw)?;
    Permissions::parse(texts.iter().map(String::as_str)).map_err(|error| error.to_string())
}

/// A list of at most so many texts.
pub fn texts(max: usize) -> impl Fn(Raw<'_>) -> Result<Vec<String>, String> {
    move |raw| match serde_json::from_str::<Vec<String>>(raw.json()) {
        Ok(texts) if texts.len() <= max => Ok(texts),
        _ => Err(format!("Value must be an array of at most {max} strings")),
    }
}

/// True or false, also as a number or a text.
pub fn loose_bool(raw: Raw<'_>) -> Result<bool, String> {
    match raw.json().trim_matches('"') {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("Value must be a valid boolean".to_owned()),
    }
}

/// True or false and nothing else.
pub fn strict_bool(raw: Raw<'_>) -> Result<bool, String> {
    serde_json::from_str(raw.json()).map_err(|_| "Value must be a valid boolean".to_owned())
}

/// A whole number in a range, also as a text.
pub fn integer(range: std::ops::RangeInclusive<u64>) -> impl Fn(Raw<'_>) -> Result<u64, String> {
    move |raw| match raw.json().trim_matches('"').parse::<u64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("Value must be a valid range between {} and {}", range.start(), range.end())),
    }
}

/// The scopes of a key: known ones, at most 200.
pub fn scopes(raw: Raw<'_>) -> Result<Vec<String>, String> {
    let scopes = texts(200)(raw)?;
    match scopes.iter().find(|scope| !scope::is_known(scope)) {
        Some(unknown) => Err(format!("Value must be an array of scopes, and {unknown:?} is none")),
        None => Ok(scopes),
    }
}

/// A free-form object of an app; an empty list is none.
pub fn prefs(raw: Raw<'_>) -> Result<Prefs, String> {
    match serde_json::from_str::<Prefs>(raw.json()) {
        Ok(prefs) if raw.json().len() <= herenow_core::metadata::MAX_METADATA_BYTES => Ok(prefs),
        _ => Err("Value must be a valid object of at most 65535 bytes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Raw<'_> {
        Raw(json)
    }

    #[test]
    fn lists_come_in_every_form_that_the_sdks_send() {
        for query in ["q[0]=a&q[1]=b", "q%5B0%5D=a&q%5B1%5D=b", "q[]=a&q[]=b", "q[1]=b&q[0]=a"] {
            let params = Params::from_query(query);
            assert_eq!(params.required("q", texts(9)).expect(query), ["a", "b"], "{query}");
        }
        assert!(Params::from_query("q=a").required("q", texts(9)).is_err());
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_and_an_empty_list_is_empty() {
        for body in ["", "[]", " {} ", "[ ]"] {
            assert!(Params::from_body("application/json", body.as_bytes()).is_ok(), "{body}");
        }
        for body in ["1", "null", "\"x\"", "[1]", "{", "{}x", "\u{feff}{}"] {
            let failure = Params::from_body("application/json; charset=utf-8", body.as_bytes()).expect_err(body);
            assert_eq!(failure.kind, ErrorType::GeneralBadRequest, "{body}");
        }
        assert!(Params::from_body("application/json", b"{\"a\":\"\xff\"}").is_err());
        let hostile = format!("{{\"metadata\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        // Passed over without recursion where nobody asks for it, and no metadata where somebody does.
        let params = Params::from_body("application/json", hostile.as_bytes()).expect("an object");
        assert!(params.metadata().is_err());
    }

    #[test]
    fn names_and_texts_with_escapes_are_what_they_mean() {
        let mut params =
            Params::from_body("application/json", br#" {"\u0061" : "x\n\u00e9", "b":"\ud800"} "#).expect("an object");
        assert_eq!(params.required("a", text(1, 9)).expect("there"), "x\né");
        assert!(params.required("b", text(1, 9)).is_err());
        for value in ["plain", "with \" and \\", "\u{1}", ""] {
            params.set_text("c", value);
            assert_eq!(params.peek("c").as_deref(), Some(value));
        }
    }

    #[test]
    fn null_counts_as_absent_where_a_parameter_is_optional() {
        let params = Params::from_body("application/json", b"{\"a\":null}").expect("an object");
        assert_eq!(params.optional("a", text(1, 9)).expect("absent"), None);
        assert!(params.required("a", text(1, 9)).is_err());
        assert_eq!(params.required("b", text(1, 9)).expect_err("missing").text(), "Param \"b\" is not optional.");
    }

    #[test]
    fn of_several_parameters_of_a_name_the_last_counts() {
        let mut params = Params::from_body("application/json", b"{\"a\":\"1\",\"a\":\"2\"}").expect("an object");
        assert_eq!(params.required("a", text(1, 9)).expect("there"), "2");
        params.set_text("a", "path");
        assert_eq!(params.required("a", text(1, 9)).expect("there"), "path");
    }

    #[test]
    fn loose_booleans_and_numbers_come_as_texts_too() {
        for (json, expected) in [("true", true), ("\"1\"", true), ("0", false), ("\"false\"", false)] {
            assert_eq!(loose_bool(raw(json)), Ok(expected), "{json}");
        }
        assert!(loose_bool(raw("\"yes\"")).is_err() && strict_bool(raw("\"true\"")).is_err());
        assert_eq!(integer(0..=10)(raw("\"7\"")), Ok(7));
        assert!(integer(0..=10)(raw("11")).is_err() && integer(0..=10)(raw("-1")).is_err());
        assert!(integer(0..=10)(raw("1.0")).is_err());
    }

    #[test]
    fn addresses_follow_their_rules() {
        for text in ["\"A.b+c@Example.com\"", "\"x@a-b.co\""] {
            assert!(email(raw(text)).is_ok(), "{text}");
        }
        assert_eq!(email(raw("\"A@B.Com\"")), Ok("a@b.com".to_owned()));
        for text in
            ["\"\"", "\"a\"", "\"a@b\"", "\"@b.c\"", "\"a b@c.d\"", "\"a@b..c\"", "\"a@-b.c\"", "1", "\"a..b@c.d\""]
        {
            assert!(email(raw(text)).is_err(), "{text}");
        }
        assert!(phone(raw("\"+123456789012345\"")).is_ok());
        for text in ["\"123\"", "\"+\"", "\"+1234567890123456\"", "\"+12a\""] {
            assert!(phone(raw(text)).is_err(), "{text}");
        }
    }
}
