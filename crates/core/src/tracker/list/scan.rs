//! A list that has to look at all records: at those of one moment, which stays as it is while others write.

use super::{Gathered, ListError, Page, Wish};
use crate::tracker::{decide::live, index::Slots};

/// How many records are looked at before it is asked again whether to go on.
const STRIDE: usize = 1_024;

/// Why a scan gave no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list was given up")]
pub struct Abandoned;

/// A list of one moment that is still to be made. While it lives, what changes is copied: run it soon.
#[derive(Debug)]
pub struct Scan {
    records: Slots,
    wish: Wish,
}

impl Scan {
    pub(super) fn new(records: Slots, wish: Wish) -> Self {
        Self { records, wish }
    }

    /// Looks at every record. Asks `goes_on` again and again, and gives up where it says no.
    ///
    /// # Errors
    /// [`ListError::Abandoned`], or where the order cannot be followed.
    pub fn run(self, mut goes_on: impl FnMut() -> bool) -> Result<Page, ListError> {
        let mut gathered = Gathered::default();
        for (number, record) in self.records.iter().enumerate() {
            if number % STRIDE == 0 && !goes_on() {
                return Err(Abandoned.into());
            }
            if let Some(presence) = live(record, self.wish.now).filter(|presence| self.wish.wants(presence)) {
                gathered.take(&self.wish, presence);
            }
        }
        gathered.page(&self.wish)
    }
}
