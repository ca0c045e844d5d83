//! Which licences a dependency may have. Needs nothing installed; cargo-deny says the same with deny.toml.

use super::spdx;
use crate::cargo::{Metadata, Package};

/// Permissive licences; the list in deny.toml is the same.
const ACCEPTED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Every package whose licence cannot be accepted.
pub(super) fn faults(metadata: &Metadata) -> Vec<String> {
    metadata.packages.iter().filter_map(fault).collect()
}

fn fault(package: &Package) -> Option<String> {
    let name = format!("{} {}", package.name, package.version);
    let origin = if package.source.is_some() { "dependency" } else { "crate of ours" };
    match package.license.as_deref() {
        None => Some(format!(
            "the {origin} {name} names no licence: give ours `license.workspace = true`, or choose another"
        )),
        Some(licence) if spdx::acceptable(licence, &|one| ACCEPTED.contains(&one)) => None,
        Some(licence) => Some(format!(
            "the {origin} {name} is under {licence}: choose another, or add a permissive licence to deny.toml and xtask/src/check/licences.rs"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Places;

    fn package(license: Option<&str>) -> Package {
        Package {
            id: "id".to_owned(),
            name: "example".to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: Some("registry".to_owned()),
        }
    }

    #[test]
    fn a_permissive_licence_passes() {
        assert_eq!(fault(&package(Some("MIT OR Apache-2.0"))), None);
    }

    #[test]
    fn copyleft_and_silence_are_refused() {
        assert!(fault(&package(Some("AGPL-3.0-only"))).is_some());
        assert!(fault(&package(Some("MPL-2.0"))).is_some());
        assert!(fault(&package(None)).is_some());
    }

    #[test]
    fn deny_toml_accepts_the_same_licences() {
        let places = Places::find().expect("the environment names a cache");
        let text = std::fs::read_to_string(places.root.join("deny.toml")).expect("deny.toml is there");
        let list = text.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']')).expect("it has a list").0;
        let mut named: Vec<&str> =
            list.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect();
        named.sort_unstable();
        assert_eq!(named, ACCEPTED);
    }
}
