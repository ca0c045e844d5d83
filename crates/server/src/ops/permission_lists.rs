//! Lists of permissions that many presences are written with are one value in memory: most apps use a few. What is read at
//! the start has lists of its own until it is written again.

use herenow_core::Permissions;
use quick_cache::sync::Cache;

/// At most so many are known.
const KNOWN: usize = 1_024;

/// The lists that were written of late.
pub struct PermissionLists(Cache<Permissions, Permissions>);

impl Default for PermissionLists {
    fn default() -> Self {
        Self(Cache::new(KNOWN))
    }
}

impl PermissionLists {
    /// The same list, as the value that others have too.
    #[must_use]
    pub fn shared(&self, list: Permissions) -> Permissions {
        let Some(known) = self.0.get(&list) else {
            self.0.insert(list.clone(), list.clone());
            return list;
        };
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Permissions {
        Permissions::parse([text]).expect("valid")
    }

    #[test]
    fn equal_lists_are_one_value_and_others_stay_what_they_are() {
        let lists = PermissionLists::default();
        let first = lists.shared(list("read(\"users\")"));
        assert!(lists.shared(list("read(\"users\")")).is_same_value(&first));
        assert!(!list("read(\"users\")").is_same_value(&first), "what was not shared is a value of its own");
        assert_eq!(lists.shared(list("read(\"any\")")), list("read(\"any\")"));
    }

    #[test]
    fn lists_that_only_one_has_do_not_pile_up() {
        let lists = PermissionLists::default();
        for number in 0..4 * KNOWN {
            let own = list(&format!("read(\"user:u{number}\")"));
            assert_eq!(lists.shared(own.clone()), own);
        }
        assert!(lists.0.len() <= KNOWN);
    }
}
