//! The free-form object of a presence, kept as the JSON text that was sent.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, LazyLock},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Most bytes of metadata, counted as [`Metadata::parse`] says.
pub const MAX_METADATA_BYTES: usize = 65_535;

/// Most bytes that a byte of the text counts: two of UTF-8 can be one unit of UTF-16, which counts six; a slash counts two.
const MAX_STORED_PER_BYTE: usize = 3;

/// A JSON object as text without insignificant white space: keys in the order sent, numbers as sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Metadata(Arc<str>);

/// Why a JSON value is no metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// Neither an object nor an empty array, or nested too deep to be read.
    #[error("Value must be a valid object")]
    NotAnObject,
    /// Over [`MAX_METADATA_BYTES`].
    #[error("Value must be at most {MAX_METADATA_BYTES} bytes of JSON")]
    TooLarge,
}

impl Default for Metadata {
    fn default() -> Self {
        static EMPTY: LazyLock<Metadata> = LazyLock::new(|| Metadata("{}".into()));
        EMPTY.clone()
    }
}

impl Metadata {
    /// Takes a JSON text: an object, or an empty array, which counts as an empty object.
    ///
    /// Its size is measured as the original stores it: each UTF-16 unit outside ASCII as the six bytes
    /// of `\uXXXX`, a slash as two. Source: http-api, A1.
    ///
    /// # Errors
    /// [`InvalidMetadata`] where it is something else or too large.
    pub fn parse(json: &str) -> Result<Self, InvalidMetadata> {
        match serde_json::from_str::<Shape>(json) {
            Ok(Shape::Object) => {}
            Ok(Shape::EmptyArray) => return Ok(Self::default()),
            _ => return Err(InvalidMetadata::NotAnObject),
        }
        let text = without_white_space(json);
        // What is short is small enough whatever is in it.
        if text.len() > MAX_METADATA_BYTES / MAX_STORED_PER_BYTE && stored_bytes(&text) > MAX_METADATA_BYTES {
            return Err(InvalidMetadata::TooLarge);
        }
        Ok(if text == "{}" { Self::default() } else { Self((&*text).into()) })
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text without white space outside of its strings; nearly every client sends it so.
fn without_white_space(json: &str) -> Cow<'_, str> {
    // All bytes are looked at, which takes less time than to stop at the first.
    if !json.bytes().fold(false, |found, byte| found | byte.is_ascii_whitespace()) {
        return json.into();
    }
    let (mut text, mut kept) = (String::with_capacity(json.len()), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in json.bytes().enumerate() {
        if !quoted && byte.is_ascii_whitespace() {
            text.push_str(&json[kept..place]);
            kept = place + 1;
        }
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
    }
    if kept == 0 {
        return json.into();
    }
    text.push_str(&json[kept..]);
    text.into()
}

fn stored_bytes(text: &str) -> usize {
    let bytes = |character: char| match character {
        '/' => 2,
        character if character.is_ascii() => 1,
        character => 6 * character.len_utf16(),
    };
    text.chars().map(bytes).sum()
}

/// What kind of JSON a text is: read to its end by the rules of values, and nothing of it kept.
enum Shape {
    Object,
    EmptyArray,
    Other,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::EmptyArray;
        while items.next_element::<Shape>()?.is_some() {
            shape = Shape::Other;
        }
        Ok(shape)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        while entries.next_entry::<Shape, Shape>()?.is_some() {}
        Ok(Shape::Object)
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is where the whole is JSON, else as a text.
impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if !output.is_human_readable() {
            return output.serialize_str(&self.0);
        }
        let raw = RawValue::from_string(self.0.to_string()).map_err(serde::ser::Error::custom)?;
        raw.serialize(output)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let parse = |json: &str| Self::parse(json).map_err(serde::de::Error::custom);
        if input.is_human_readable() {
            parse(Box::<RawValue>::deserialize(input)?.get())
        } else {
            parse(&String::deserialize(input)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_numbers_their_form() {
        let metadata = Metadata::parse(r#" { "z" : 3, "a": 2.50, "s": "a \" b  \\", "e": {} , "l": [ 1 , 2 ] } "#);
        assert_eq!(metadata.expect("valid").as_str(), r#"{"z":3,"a":2.50,"s":"a \" b  \\","e":{},"l":[1,2]}"#);
    }

    #[test]
    fn what_is_no_object_is_refused_and_an_empty_array_is_empty() {
        assert_eq!(Metadata::parse("[]"), Ok(Metadata::default()));
        for json in ["[1]", "1", "null", "\"{}\"", "true", "{", r#"{"a":"\ud800"}"#] {
            assert_eq!(Metadata::parse(json), Err(InvalidMetadata::NotAnObject), "{json}");
        }
        assert_eq!(Metadata::parse(&("[".repeat(500) + &"]".repeat(500))), Err(InvalidMetadata::NotAnObject));
    }

    #[test]
    fn the_size_is_counted_as_the_original_stores_it() {
        let object = |filler: &str, times: usize| format!(r#"{{"a":"{}"}}"#, filler.repeat(times));
        assert!(Metadata::parse(&object("x", MAX_METADATA_BYTES - 8)).is_ok());
        assert_eq!(Metadata::parse(&object("x", MAX_METADATA_BYTES - 7)), Err(InvalidMetadata::TooLarge));
        assert!(Metadata::parse(&object("/", (MAX_METADATA_BYTES - 8) / 2)).is_ok());
        assert!(Metadata::parse(&object("é", (MAX_METADATA_BYTES - 8) / 6)).is_ok());
        assert_eq!(Metadata::parse(&object("é", (MAX_METADATA_BYTES - 8) / 6 + 1)), Err(InvalidMetadata::TooLarge));
        assert_eq!(Metadata::parse(&object("😀", (MAX_METADATA_BYTES - 8) / 12 + 1)), Err(InvalidMetadata::TooLarge));
    }
}
