//! How an outbox reaches its client: what frames look like, and where bytes go.

use std::io;

use herenow_wire::{close::CloseCode, realtime::EventFrame};

use crate::{
    frame::{Compression, encode},
    outbox::{Reach, SharedEvent},
};

/// One client's side of an outbox. Its methods are called under the outbox's lock and must not block.
pub trait Transport: Send + Sync {
    /// Writes what fits without waiting.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing fits now; anything else ends the client.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Tells the connection's task that the outbox is blocked, closed or broken: it has to look.
    fn wake(&self);

    /// What was agreed on with the client.
    fn compression(&self) -> Compression {
        Compression::None
    }

    /// Appends an event. Only events are deflated, once for all who get them: a compression costs more than sending
    /// what it saves, so what goes to one client alone, such as a snapshot, travels as it is.
    fn frame_event(&self, out: &mut Vec<u8>, event: &SharedEvent, reach: &Reach) {
        let rest = [reach.quoted.as_bytes(), EventFrame::TAIL.as_bytes()];
        if let Compression::Deflate(window) = self.compression()
            && let Some(deflated) = event.deflated()
            && deflated.takes(rest[0].len() + rest[1].len(), window)
        {
            return deflated.write_text(out, rest);
        }
        self.frame_text(out, &[event.frame.head.as_bytes(), rest[0], rest[1]]);
    }

    /// Appends one message made of `parts`.
    fn frame_text(&self, out: &mut Vec<u8>, parts: &[&[u8]]) {
        encode::write_text(out, parts);
    }

    /// Appends what tells the client that this is the end.
    fn frame_close(&self, out: &mut Vec<u8>, code: CloseCode) {
        encode::write_close(out, code.into(), code.reason());
    }
}

impl From<CloseCode> for crate::frame::CloseCode {
    fn from(code: CloseCode) -> Self {
        Self::new(code.code()).expect("the server's own close codes may be sent")
    }
}
