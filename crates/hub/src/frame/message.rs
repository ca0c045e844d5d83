//! A message that is still arriving: its bytes so far, checked as they come.

use std::borrow::Cow;

use super::header::MessageKind;
use super::utf8::TextBuffer;
use super::{Event, FrameError};

/// An open message; empty ones hold no allocation.
#[derive(Debug)]
pub(super) enum Message {
    Text(TextBuffer),
    Binary(Vec<u8>),
}

impl Message {
    pub(super) fn new(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Text => Self::Text(TextBuffer::default()),
            MessageKind::Binary => Self::Binary(Vec::new()),
        }
    }

    /// How many bytes have arrived.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// How many bytes are allocated.
    pub(super) fn allocated_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.allocated_bytes(),
            Self::Binary(bytes) => bytes.capacity(),
        }
    }

    /// Takes a piece that is not the last. What is held grows with what came, never with
    /// what a header promised.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), FrameError> {
        match self {
            Self::Text(text) => text.push(piece),
            Self::Binary(bytes) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    /// Ends the message with its last piece; borrows that if it is the only one.
    pub(super) fn finish(mut self, last: &[u8]) -> Result<Event<'_>, FrameError> {
        if self.len() == 0 {
            return match self {
                Self::Text(_) => {
                    str::from_utf8(last).map(|text| Event::Text(text.into())).map_err(|_| FrameError::InvalidUtf8)
                }
                Self::Binary(_) => Ok(Event::Binary(last.into())),
            };
        }
        self.push(last)?;
        match self {
            Self::Text(text) => Ok(Event::Text(Cow::Owned(text.finish()?))),
            Self::Binary(bytes) => Ok(Event::Binary(Cow::Owned(bytes))),
        }
    }
}
