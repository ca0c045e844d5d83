//! What is known of the world: countries, their calling codes, currencies, languages. Tables that a person can read,
//! and the lists that clients get of them, made once. Names of countries and languages are English; knows nothing of
//! who asks.
//!
//! Source: http-api, section E; the names of the keys are those of the SDKs' models. The orders are the original's:
//! countries and continents by name, calling codes by number, the rest as the tables have them.

use std::sync::LazyLock;

use serde_json::{Value, json};

const CODES: &str = include_str!("codes.txt");
const CONTINENTS: &str = include_str!("continents.txt");
const COUNTRIES: &str = include_str!("countries.txt");
const CURRENCIES: &str = include_str!("currencies.txt");
const LANGUAGES: &str = include_str!("languages.txt");

/// A list of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Codes that a client may send as its locale.
    Codes,
    /// Countries.
    Countries,
    /// The members of the European Union.
    CountriesEu,
    /// Calling codes.
    Phones,
    /// Continents.
    Continents,
    /// Currencies.
    Currencies,
    /// Languages.
    Languages,
}

impl List {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Codes,
        Self::Countries,
        Self::CountriesEu,
        Self::Phones,
        Self::Continents,
        Self::Currencies,
        Self::Languages,
    ];

    /// The path below `/v1/locale`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Countries => "countries",
            Self::CountriesEu => "countries/eu",
            Self::Phones => "countries/phones",
            Self::Continents => "continents",
            Self::Currencies => "currencies",
            Self::Languages => "languages",
        }
    }

    /// The list as clients get it, in JSON.
    #[must_use]
    pub fn json(self) -> &'static str {
        static TEXTS: LazyLock<Vec<String>> =
            LazyLock::new(|| List::ALL.iter().map(|list| list.model().to_string()).collect());
        let place = Self::ALL.iter().position(|list| *list == self);
        place.and_then(|place| TEXTS.get(place)).map_or("", String::as_str)
    }

    fn model(self) -> Value {
        match self {
            Self::Codes => list("localeCodes", rows(CODES).map(|row| coded(&row))),
            Self::Countries => countries(|_| true),
            Self::CountriesEu => countries(|row| row[3] == "eu"),
            Self::Phones => phones(),
            Self::Continents => list("continents", rows(CONTINENTS).map(|row| named(&row))),
            Self::Currencies => list("currencies", rows(CURRENCIES).map(|row| currency(&row))),
            Self::Languages => list(
                "languages",
                rows(LANGUAGES).map(|row| json!({"name": row[1], "code": row[0], "nativeName": row[2]})),
            ),
        }
    }
}

/// The cells of a table's rows.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn list(key: &str, of: impl Iterator<Item = Value>) -> Value {
    let of: Vec<_> = of.collect();
    json!({"total": of.len(), key: of})
}

fn coded(row: &[&str]) -> Value {
    json!({"code": row[0], "name": row[1]})
}

fn named(row: &[&str]) -> Value {
    json!({"name": row[1], "code": row[0]})
}

fn countries(counts: impl Fn(&[&str]) -> bool) -> Value {
    let mut found: Vec<_> = rows(COUNTRIES).filter(|row| counts(row)).collect();
    found.sort_by_key(|row| row[1]);
    list("countries", found.iter().map(|row| named(row)))
}

fn phones() -> Value {
    let mut found: Vec<_> = rows(COUNTRIES).collect();
    found.sort_by_key(|row| row[2].parse::<u32>().unwrap_or(u32::MAX));
    let phone = |row: &Vec<&str>| json!({"code": format!("+{}", row[2]), "countryCode": row[0], "countryName": row[1]});
    list("phones", found.iter().map(phone))
}

fn currency(row: &[&str]) -> Value {
    let number = |cell: &str| cell.parse::<serde_json::Number>().ok();
    json!({
        "symbol": row[3],
        "name": row[1],
        "symbolNative": row[4],
        "decimalDigits": number(row[5]),
        "rounding": number(row[6]),
        "code": row[0],
        "namePlural": row[2],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn items(list: List) -> Vec<Value> {
        let model: Value = serde_json::from_str(list.json()).expect("JSON");
        let model = model.as_object().expect("an object");
        let (_, items) = model.iter().nth(1).expect("the second key");
        let items = items.as_array().expect("a list").clone();
        assert_eq!(model["total"], items.len(), "{list:?}");
        items
    }

    fn texts(items: &[Value], key: &str) -> Vec<String> {
        items.iter().map(|item| item[key].as_str().unwrap_or_else(|| panic!("{key} of {item}")).to_owned()).collect()
    }

    #[test]
    fn the_tables_are_whole_and_name_nothing_twice() {
        for (table, cells, total) in
            [(CODES, 2, 131), (CONTINENTS, 2, 7), (COUNTRIES, 4, 197), (CURRENCIES, 7, 153), (LANGUAGES, 3, 184)]
        {
            let rows: Vec<_> = rows(table).collect();
            assert!(
                rows.iter().all(|row| row.len() == cells && row.iter().all(|cell| cell.trim() == *cell)),
                "{table}"
            );
            assert!(rows.iter().flatten().all(|cell| !cell.is_empty()), "{table}");
            let codes: HashSet<_> = rows.iter().map(|row| row[0]).collect();
            assert_eq!((rows.len(), codes.len()), (total, total), "{table}");
        }
        for table in [CODES, COUNTRIES, LANGUAGES] {
            assert!(rows(table).map(|row| row[0]).is_sorted(), "{table}");
        }
    }

    #[test]
    fn codes_have_the_form_of_their_standard() {
        let is =
            |code: &str, length: usize, of: fn(&u8) -> bool| code.len() == length && code.as_bytes().iter().all(of);
        assert!(rows(COUNTRIES).all(|row| is(row[0], 2, u8::is_ascii_uppercase)
            && row[2].len() <= 4
            && row[2].bytes().all(|digit| digit.is_ascii_digit())
            && ["eu", "-"].contains(&row[3])));
        assert!(rows(CURRENCIES).all(|row| is(row[0], 3, u8::is_ascii_uppercase)));
        for row in rows(CODES).chain(rows(LANGUAGES)) {
            assert!(row[0].split('-').all(|part| is(part, 2, u8::is_ascii_lowercase)), "{row:?}");
        }
    }

    #[test]
    fn countries_and_continents_are_in_the_order_of_their_names() {
        for (list, total) in [(List::Countries, 197), (List::CountriesEu, 27), (List::Continents, 7)] {
            let items = items(list);
            let names = texts(&items, "name");
            assert!(names.is_sorted(), "{names:?}");
            assert_eq!(items.len(), total, "{list:?}");
        }
        assert_eq!(items(List::Countries)[0], json!({"name": "Afghanistan", "code": "AF"}));
        let eu = items(List::CountriesEu);
        assert_eq!(
            (&eu[0], &eu[26]),
            (&json!({"name": "Austria", "code": "AT"}), &json!({"name": "Sweden", "code": "SE"}))
        );
        assert!(items(List::Continents).contains(&json!({"name": "Europe", "code": "EU"})));
    }

    #[test]
    fn calling_codes_are_in_the_order_of_their_numbers() {
        let phones = items(List::Phones);
        assert_eq!(phones.len(), 197);
        assert_eq!(phones[0], json!({"code": "+1", "countryCode": "CA", "countryName": "Canada"}));
        assert_eq!(phones[1]["countryCode"], "US");
        let numbers: Vec<u32> =
            texts(&phones, "code").iter().map(|code| code[1..].parse().expect("a number")).collect();
        assert!(numbers.is_sorted());
        assert!(phones.contains(&json!({"code": "+49", "countryCode": "DE", "countryName": "Germany"})));
    }

    #[test]
    fn currencies_languages_and_codes_have_the_keys_of_the_models() {
        let dollar = json!({
            "symbol": "$", "name": "US Dollar", "symbolNative": "$", "decimalDigits": 2, "rounding": 0, "code": "USD",
            "namePlural": "US dollars",
        });
        let currencies = items(List::Currencies);
        assert_eq!(currencies[0], dollar);
        let of = |code: &str| currencies.iter().find(|item| item["code"] == code).expect("there").clone();
        assert_eq!((of("CHF")["rounding"].as_f64(), of("JPY")["decimalDigits"].as_u64()), (Some(0.05), Some(0)));
        let languages = items(List::Languages);
        assert!(languages.contains(&json!({"name": "German", "code": "de", "nativeName": "Deutsch"})));
        assert_eq!(items(List::Codes)[0], json!({"code": "af", "name": "Afrikaans"}));
    }
}
