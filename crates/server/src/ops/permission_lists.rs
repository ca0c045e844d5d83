//! Lists of permissions that many presences are written with are one value in memory: most apps use a few. What is read at
//! the start has lists of its own until it is written again.

use herenow_core::Permissions;
use quick_cache::sync::Cache;

/// At most so many are known.
const KNOWN: usize = 1_024;

/// Longer texts than this, in bytes, are read each time.
const LONGEST_TEXT: usize = 1_024;

/// The lists that were written of late.
pub struct PermissionLists {
    lists: Cache<Permissions, Permissions>,
    /// The same by the texts in which they came.
    texts: Cache<Box<str>, Permissions>,
}

impl Default for PermissionLists {
    fn default() -> Self {
        Self { lists: Cache::new(KNOWN), texts: Cache::new(KNOWN) }
    }
}

impl PermissionLists {
    /// The same list, as the value that others have too.
    #[must_use]
    pub fn shared(&self, list: Permissions) -> Permissions {
        let Some(known) = self.lists.get(&list) else {
            self.lists.insert(list.clone(), list.clone());
            return list;
        };
        known
    }

    /// The list that is written in `text`, as the value that others have too; `parse` reads it where it is not known.
    ///
    /// # Errors
    /// Those of `parse`.
    pub fn read<E>(&self, text: &str, parse: impl FnOnce() -> Result<Permissions, E>) -> Result<Permissions, E> {
        if let Some(known) = self.texts.get(text) {
            return Ok(known);
        }
        let list = self.shared(parse()?);
        if text.len() <= LONGEST_TEXT {
            self.texts.insert(text.into(), list.clone());
        }
        Ok(list)
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
        assert!(lists.lists.len() <= KNOWN);
    }

    #[test]
    fn a_text_is_read_once_and_what_is_refused_is_refused_again() {
        let lists = PermissionLists::default();
        let text = "[\"read(\\\"users\\\")\"]";
        let first = lists.read(text, || Ok::<_, ()>(list("read(\"users\")"))).expect("valid");
        let again = lists.read(text, || Err(())).expect("known");
        assert!(again.is_same_value(&first) && lists.shared(list("read(\"users\")")).is_same_value(&first));
        assert_eq!(lists.read("[1]", || Err(1)), Err(1));
        assert_eq!(lists.read("[1]", || Err(2)), Err(2));
        let long = format!("{text}{}", " ".repeat(LONGEST_TEXT));
        assert!(lists.read(&long, || Ok::<_, ()>(list("read(\"users\")"))).is_ok());
        assert_eq!(lists.texts.len(), 1);
    }
}
