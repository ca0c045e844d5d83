//! From the broker to the hub: the one way by which changes reach sockets.

use herenow_broker::queue::Receiver;
use herenow_core::order::Entry;
use herenow_hub::outbox::Scratch;

use crate::App;

/// At most so many entries are delivered before the sockets are written to.
const MAX_TURN: usize = 1_024;
/// Nor more bytes of events than this part of what an outbox holds: who takes one turn before the next is over is not
/// too far behind.
const TURN_PART: usize = 2;

/// Delivers entries until the broker is gone. The first after a pause goes out at once, or after the threads that have
/// work on a busy core: it wakes this one before the next could be made. While sockets are written to, what comes
/// gathers for the next turn, so that many events leave in one write to each socket.
pub fn pump(app: &App, entries: &Receiver<Entry>) {
    let (mut scratch, most_bytes) = (Scratch::new(), app.config.limits.outbox_bytes / TURN_PART);
    while let Some(first) = entries.recv() {
        std::thread::yield_now();
        let mut gathered = deliver(app, &first);
        for _ in 0..MAX_TURN {
            if gathered >= most_bytes {
                break;
            }
            let Some(entry) = entries.try_recv() else { break };
            gathered = deliver(app, &entry);
        }
        app.hub.flush(&mut scratch);
    }
}

/// Delivers one; answers with the bytes of the events of this turn.
fn deliver(app: &App, entry: &Entry) -> usize {
    let gathered = app.hub.deliver(entry);
    match entry {
        Entry::Change { project, change, .. } if change.announcement.is_some() => app.stats.event(project, change.at),
        Entry::Notice { project, at, .. } => app.stats.event(project, *at),
        Entry::Change { .. } | Entry::Mark { .. } => {}
    }
    if let Entry::Mark { mark, .. } = entry {
        app.sockets.came_by(mark.ticket);
    }
    gathered
}
