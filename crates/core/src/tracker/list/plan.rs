//! Which records a list looks at: those of the index that leaves the fewest, or those of an ordered index until the
//! page is full.

use super::{Count, Gathered, Wish, source::Source, walk::Walk};
use crate::tracker::{Record, decide::live, index::Index};

/// At most so many records are looked at beside those of the page: about a third of a millisecond under the lock.
pub(super) const BUDGET: usize = 2_048;
/// A page that ends behind so many records is not cut under the lock.
const LAST_END: usize = 8_192;

/// What came of it.
pub(super) enum Planned {
    /// All that the page needs.
    Gathered(Gathered),
    /// Too many records would have to be looked at.
    TooMany,
}

/// Gathers what the page needs, if few records have to be looked at.
pub(super) fn gather(index: &Index, wish: &Wish) -> Planned {
    // What is due shows other things than the indexes say, or is gone: each is looked at by itself.
    let mut gathered = Gathered::default();
    let mut due = 0;
    for record in index.due(wish.now) {
        due += 1;
        if due > BUDGET {
            return Planned::TooMany;
        }
        if let Some(presence) = live(record, wish.now).filter(|presence| wish.wants(presence)) {
            gathered.take(wish, presence);
        }
    }
    let source = Source::smallest(index, wish);
    let is_all = wish.viewer.is_privileged() && wish.query.filters.is_empty();
    let needs_no_count = wish.options.count == Count::Nothing || is_all;
    let walk = if needs_no_count && wish.end() <= LAST_END { Walk::of(index, wish, &source) } else { None };
    let Some(walk) = walk else {
        if source.len() > BUDGET {
            return Planned::TooMany;
        }
        source.records(index).filter(|record| record.due_at() > wish.now).for_each(|record| {
            take(&mut gathered, wish, record);
        });
        return Planned::Gathered(gathered);
    };
    let total = gathered.total() + index.len() - due;
    let (mut kept, mut looked_at) = (0, 0);
    for record in walk.records(index, wish) {
        looked_at += 1;
        if looked_at > wish.end() + BUDGET {
            return Planned::TooMany;
        }
        if record.due_at() > wish.now && take(&mut gathered, wish, record) {
            kept += 1;
        }
        if kept == wish.end() {
            break;
        }
    }
    if is_all {
        gathered.set_total(total);
    }
    Planned::Gathered(gathered)
}

/// Takes up a record that is not due; whether it may be of the page.
fn take(gathered: &mut Gathered, wish: &Wish, record: &Record) -> bool {
    wish.wants(&record.presence) && gathered.take(wish, record.presence.clone())
}
