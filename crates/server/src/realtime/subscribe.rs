//! What a socket wants done in the order of its project: subscriptions begin, identities change.

use herenow_broker::Broker;
use herenow_core::order::Ask;
use herenow_hub::{Wish, channel::SNAPSHOT};
use herenow_wire::realtime::SubscribeRow;

use super::session::Session;
use crate::App;

/// Channels of which there are none for anybody here begin with this.
pub(super) const CLOSED_CHANNELS: &str = "console.tail.";
/// Each looks at every record under the project's lock.
const MAX_SNAPSHOTS: usize = 10;

/// Checks that so much may be asked for at once; the error is for people.
pub(super) fn check<'a>(app: &App, rows: impl Iterator<Item = &'a SubscribeRow> + Clone) -> Result<(), String> {
    let limits = &app.config.limits;
    if rows.clone().any(|row| row.channels.len() > limits.max_channels) {
        return Err(format!("a subscription may have at most {} channels.", limits.max_channels));
    }
    if rows.clone().count() > limits.max_subscriptions {
        return Err(format!("a connection may have at most {} subscriptions.", limits.max_subscriptions));
    }
    if rows.filter(|row| row.channels.iter().any(|channel| channel == SNAPSHOT)).count() > MAX_SNAPSHOTS {
        return Err(format!("a frame may ask for at most {MAX_SNAPSHOTS} snapshots."));
    }
    Ok(())
}

/// What a row gets when it begins: the present state, what it missed, or nothing but what is news.
pub(super) fn ask(session: &Session, row: &SubscribeRow) -> Ask {
    let viewer = || session.viewer();
    let wants_state = row.channels.iter().any(|channel| channel == SNAPSHOT);
    let missed_roles = |seq| {
        let shifts = &session.app.sockets.shifts;
        viewer().user().is_some_and(|user| shifts.may_have_missed(session.project_id(), user, seq))
    };
    if let Some((epoch, seq)) = row.since.as_ref().or(session.resume.as_ref()) {
        if missed_roles(*seq) {
            return Ask::Snapshot(viewer());
        }
        return Ask::Missed { epoch: epoch.clone(), seq: *seq, otherwise: Box::new(Ask::Snapshot(viewer())) };
    }
    if wants_state {
        return Ask::Snapshot(viewer());
    }
    let lost = row.id.as_deref().and_then(|id| session.take_lost(id));
    match lost.filter(|position| !missed_roles(position.seq)) {
        Some(position) => {
            Ask::Missed { epoch: position.epoch.to_string(), seq: position.seq, otherwise: Box::new(Ask::Place) }
        }
        None => Ask::Place,
    }
}

/// Has `wish` done when its mark comes by, and waits until it has: frames of one socket are done strictly in order.
pub(super) async fn in_order(session: &Session, wish: Wish, ask: Ask) {
    let app = &session.app;
    let (ticket, came_by) = app.sockets.ticket();
    app.hub.wish(ticket, session.id, wish);
    if app.broker.ask(session.project_id(), ticket, ask).await.is_err() {
        app.hub.forget_wish(ticket);
        app.sockets.came_by(ticket);
        session.overloaded();
        return;
    }
    // The other end is dropped only when the server stops.
    drop(came_by.await);
}
