//! Paging: from all matching records to the page that was asked for.

use super::{Attributes, Cursor, ListQuery, Value};

/// Why there is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The cursor names no record that lives and may be read: `general_cursor_not_found`.
    #[error("Cursor record was not found")]
    CursorNotFound,
    /// The cursor's record has no value where the order needs one: `database_query_order_null`.
    #[error("Cursor record has a null value for the order attribute \"{0}\"")]
    OrderNull(&'static str),
}

/// Sorts `records`, which match already, and cuts out the page.
///
/// `cursor` is the record that [`ListQuery::cursor`] names, whether or not it is among them. In a random
/// order the records come shuffled.
///
/// # Errors
/// [`PageError`] where the cursor gives no place to go on from.
pub fn page<T: Attributes>(
    query: &ListQuery,
    mut records: Vec<T>,
    cursor: Option<&dyn Attributes>,
) -> Result<Vec<T>, PageError> {
    let start = match &query.cursor {
        None => None,
        Some(_) => Some(cursor.ok_or(PageError::CursorNotFound)?),
    };
    let backwards = matches!(query.cursor, Some(Cursor::Before(_)));
    if let Some(start) = start {
        let is_null = |attribute: &str| start.attribute(attribute) == Value::Null;
        if let Some(order) = query.orders.iter().find(|order| is_null(order.attribute)) {
            return Err(PageError::OrderNull(order.attribute));
        }
        records.retain(|record| query.way(record, start).is_gt());
    }
    let place = |left: &T, right: &T| query.way(left, right);
    let end = query.offset.saturating_add(query.limit);
    // Of a long list only the front needs sorting; a shuffled one must keep its order among equals.
    if end < records.len() && !query.random {
        records.select_nth_unstable_by(end, place);
        records.truncate(end);
    }
    records.sort_by(place);
    records.truncate(end);
    records.drain(..query.offset.min(records.len()));
    if backwards {
        records.reverse();
    }
    Ok(records)
}
