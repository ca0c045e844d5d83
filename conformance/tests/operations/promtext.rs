//! A strict reader of the Prometheus text format: every sample belongs to a family that was announced before it.

use std::collections::BTreeMap;

/// One family of samples.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) help: String,
    /// Label sets as written, with their values.
    pub(crate) samples: Vec<(String, String, f64)>,
}

/// The families of a scrape.
pub(crate) fn read(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    assert!(text.ends_with('\n'), "the last line ends");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help text");
            let family = families.entry(name.to_owned()).or_default();
            assert!(family.help.is_empty(), "{name} is announced twice");
            help.clone_into(&mut family.help);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            let family = families.entry(name.to_owned()).or_default();
            assert!(family.kind.is_empty() && family.samples.is_empty(), "{name} has its type first, and once");
            kind.clone_into(&mut family.kind);
        } else {
            assert!(!line.starts_with('#') && !line.is_empty(), "an unknown line: {line}");
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.strip_suffix('}').expect("closed labels");
            let ends = ["", "_bucket", "_sum", "_count"];
            let family = ends.iter().find_map(|end| name.strip_suffix(end).filter(|name| families.contains_key(*name)));
            let family = family.unwrap_or_else(|| panic!("{name} was not announced"));
            let family = families.get_mut(family).expect("it is there");
            assert!(name == series.split('{').next().expect("a name"));
            family.samples.push((name.to_owned(), labels.to_owned(), value.parse().expect("a number")));
        }
    }
    families
}
