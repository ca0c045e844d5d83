//! Who holds a presence and what happened to it of late, for operators.

use std::sync::Arc;

use herenow_broker::Life;
use herenow_core::{
    PresenceId, ProjectId,
    tracker::{Change, Holder, HolderKey, Record},
};
use herenow_wire::{ErrorType, model::HolderView};

use crate::{App, failure::Failure};

/// One page.
pub struct Page<T> {
    /// How many there are on all pages.
    pub total: usize,
    /// Those of this page.
    pub items: Vec<T>,
}

/// A change, and who held the record after it.
pub type Recent = (Arc<Change>, Vec<Holder>);

/// The holders of a record, the newest write first.
///
/// # Errors
/// 404 `presence_not_found`.
pub fn holders(
    app: &App,
    project: &ProjectId,
    id: &PresenceId,
    offset: usize,
    limit: usize,
) -> Result<Page<(Holder, HolderView)>, Failure> {
    let life = app.broker.life(project, id)?;
    let mut live = life.record.as_deref().map(holders_of).unwrap_or_default();
    live.retain(|holder| holder.ends_at() > life.now);
    live.sort_by_key(|holder| std::cmp::Reverse(holder.written));
    let Some(newest) = live.first().map(|holder| holder.written) else {
        return Err(ErrorType::PresenceNotFound.into());
    };
    let total = live.len();
    let view = |holder: Holder| {
        let mut view = seen(&life, &holder);
        view.shows = holder.written == newest;
        if let HolderKey::Socket(connection) = holder.key {
            let from = app.sockets.came_from(connection);
            view.ip = from.ip.map_or_else(String::new, |ip| ip.to_string());
            view.user_agent = from.user_agent.to_string();
            view.since = view.since.or(from.opened_at);
        }
        (holder, view)
    };
    Ok(Page { total, items: live.into_iter().skip(offset).take(limit).map(view).collect() })
}

/// The changes of a record before the number `before`, the newest first, with the holders after each.
///
/// # Errors
/// 404 `presence_not_found` where there is no such record and nothing is remembered of one.
pub fn recent(
    app: &App,
    project: &ProjectId,
    id: &PresenceId,
    before: Option<u64>,
    limit: usize,
) -> Result<Page<Recent>, Failure> {
    let life = app.broker.life(project, id)?;
    if life.record.is_none() && life.changes.is_empty() {
        return Err(ErrorType::PresenceNotFound.into());
    }
    let total = life.changes.len();
    let wanted = life.changes.into_iter().filter(|change| before.is_none_or(|before| change.seq < before));
    let with_holders = |change: Arc<Change>| {
        let holders = change.after.as_deref().map(holders_of).unwrap_or_default();
        (change, holders)
    };
    Ok(Page { total, items: wanted.take(limit).map(with_holders).collect() })
}

fn holders_of(record: &Record) -> Vec<Holder> {
    record.holders().into_vec()
}

/// What the history tells of a holder: when it came, and when it last wrote.
fn seen(life: &Life, holder: &Holder) -> HolderView {
    let mut view = HolderView::default();
    let held = |record: &Option<Arc<Record>>| record.as_deref().is_some_and(|record| record.is_held_by(holder.key));
    for change in &life.changes {
        if change.seq == holder.written {
            view.written_at = Some(change.at);
        }
        if held(&change.after) && !held(&change.before) {
            view.since = Some(change.at);
            break;
        }
    }
    view
}
