//! How an outbox reaches its client: what frames look like, and where bytes go.

use std::io;

use herenow_wire::close::CloseCode;

use crate::frame::encode;

/// One client's side of an outbox. Its methods are called under the outbox's lock and must not block.
pub trait Transport: Send + Sync {
    /// Writes what fits without waiting.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing fits now; anything else ends the client.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Tells the connection's task that the outbox is blocked, closed or broken: it has to look.
    fn wake(&self);

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
