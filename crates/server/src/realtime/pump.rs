//! From the broker to the hub: the one way by which changes reach sockets.

use herenow_broker::queue::Receiver;
use herenow_core::order::Entry;

use crate::App;

/// At most so many entries are delivered before the sockets are written to.
const MAX_TURN: usize = 1_024;

/// Delivers entries until the broker is gone. The first after a pause goes out at once, or after the threads that have
/// work on a busy core: it wakes this one before the next could be made. While sockets are written to, what comes
/// gathers for the next turn, so that many events leave in one write to each socket.
pub fn pump(app: &App, entries: &Receiver<Entry>) {
    let mut scratch = Vec::new();
    while let Some(first) = entries.recv() {
        std::thread::yield_now();
        deliver(app, &first);
        for entry in std::iter::from_fn(|| entries.try_recv()).take(MAX_TURN) {
            deliver(app, &entry);
        }
        app.hub.flush(&mut scratch);
    }
}

fn deliver(app: &App, entry: &Entry) {
    app.hub.deliver(entry);
    match entry {
        Entry::Change { project, change, .. } if change.announcement.is_some() => app.stats.event(project, change.at),
        Entry::Notice { project, at, .. } => app.stats.event(project, *at),
        Entry::Change { .. } | Entry::Mark { .. } => {}
    }
    if let Entry::Mark { mark, .. } = entry {
        app.sockets.came_by(mark.ticket);
    }
}
