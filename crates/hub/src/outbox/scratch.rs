//! Where frames are put together, and the run that was framed last: its frames differ between clients in the ids of
//! their subscriptions alone, so that they become the next client's by putting in its ids.

use std::sync::Arc;

use herenow_wire::realtime::EventFrame;

use super::{Reach, Run};
use crate::{frame::encode, transport::Transport};

/// So many bytes of a run are framed for one write.
const RUN_BYTES: usize = 512 * 1024;

/// A buffer to frame in, used again and again.
#[derive(Default)]
pub struct Scratch {
    /// What goes to one client.
    pub(super) bytes: Vec<u8>,
    run: Option<Arc<Run>>,
    /// The first of the run's events that is framed.
    from: usize,
    /// The bytes of the ids in each frame.
    id_bytes: usize,
    framed: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
}

impl Scratch {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), run: None, from: 0, id_bytes: 0, framed: Vec::new(), ends: Vec::new() }
    }

    /// Lets go of the run: it is not to live longer than it is sent.
    pub fn forget(&mut self) {
        self.run = None;
    }

    /// Frames the events of `run` from `next` on, as many as one write is for; false where that cannot be done for many
    /// clients at once.
    pub(super) fn frame_run(&mut self, run: &Arc<Run>, next: usize, reach: &Reach, transport: &dyn Transport) -> bool {
        if !transport.frames_alike() {
            return false;
        }
        let id_bytes = reach.quoted.len();
        let is_framed = self.run.as_ref().is_some_and(|known| Arc::ptr_eq(known, run));
        if is_framed && (self.from, self.id_bytes) == (next, id_bytes) {
            for end in &self.ends {
                let ids = end - EventFrame::TAIL.len() - id_bytes;
                self.framed[ids..ids + id_bytes].copy_from_slice(reach.quoted.as_bytes());
            }
            return true;
        }
        (self.run, self.from, self.id_bytes) = (None, next, id_bytes);
        self.framed.clear();
        self.ends.clear();
        for event in &run.events[next..] {
            let message_bytes = event.frame.head.len() + id_bytes + EventFrame::TAIL.len();
            // Where a message is cut into frames, its ids may be too.
            if self.framed.len() >= RUN_BYTES || encode::text_header(message_bytes).is_none() {
                break;
            }
            transport.frame_event(&mut self.framed, event, reach);
            self.ends.push(self.framed.len());
        }
        if self.ends.is_empty() {
            return false;
        }
        self.run = Some(run.clone());
        true
    }

    /// The frames of the run.
    pub(super) fn framed(&self) -> &[u8] {
        &self.framed
    }

    /// How many frames of the run begin within the first `written` bytes, and what is left of the last of them.
    pub(super) fn cut(&self, written: usize) -> (usize, &[u8]) {
        let whole = self.ends.partition_point(|end| *end <= written);
        let begun = if whole == 0 { 0 } else { self.ends[whole - 1] };
        match self.ends.get(whole) {
            Some(end) if begun < written => (whole + 1, &self.framed[written..*end]),
            _ => (whole, &[]),
        }
    }
}
