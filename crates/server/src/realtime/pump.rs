//! From the broker to the hub: the one way by which changes reach sockets.

use herenow_broker::queue::Queue;
use herenow_core::order::Entry;
use herenow_hub::outbox::Scratch;

use crate::App;

/// After so many more entries than the first the sockets are written to.
const MAX_TURN: usize = 1_024;
/// Or after so many bytes of events as are this part of what an outbox holds: who has taken nothing of two turns is not too
/// far behind yet.
const TURN_PART: usize = 3;
/// And never after more bytes than these, which the hub frames at once.
const MAX_TURN_BYTES: usize = 384 * 1024;

/// Delivers entries until the broker is gone. The first after a pause goes out at once, or after the threads that have
/// work on a busy core: it wakes this one before the next could be made. While sockets are written to, what comes
/// gathers for the next turn, so that many events leave in one write to each socket.
pub fn pump(app: &App, entries: &Queue<Entry>) {
    let most_bytes = (app.config.limits.outbox_bytes / TURN_PART).min(MAX_TURN_BYTES);
    let mut scratch = Scratch::new();
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
