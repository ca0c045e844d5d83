//! A message that is still arriving: its bytes so far, checked as they come.

use std::borrow::Cow;

use super::header::{MessageKind, Packing};
use super::utf8::TextBuffer;
use super::{Event, FrameError};

/// An open message; empty ones hold no allocation.
#[derive(Debug)]
pub(super) enum Message {
    Text(TextBuffer),
    Binary(Vec<u8>),
    /// Inflated only once it is whole, so that an unfinished message holds what came and no inflater. The kind is not
    /// a field, which would take eight bytes of every connection.
    DeflatedText(Vec<u8>),
    DeflatedBinary(Vec<u8>),
}

impl Message {
    pub(super) fn new(kind: MessageKind, packing: Packing) -> Self {
        match (packing, kind) {
            (Packing::Plain, MessageKind::Text) => Self::Text(TextBuffer::default()),
            (Packing::Plain, MessageKind::Binary) => Self::Binary(Vec::new()),
            (Packing::Deflated, MessageKind::Text) => Self::DeflatedText(Vec::new()),
            (Packing::Deflated, MessageKind::Binary) => Self::DeflatedBinary(Vec::new()),
        }
    }

    /// How many bytes may arrive, if the message itself may have `max_message_bytes`.
    pub(super) fn arrival_limit(&self, max_message_bytes: usize) -> usize {
        match self {
            Self::Text(_) | Self::Binary(_) => max_message_bytes,
            // What cannot be deflated grows: zlib, set to its smallest memory, by up to 3 %.
            Self::DeflatedText(_) | Self::DeflatedBinary(_) => {
                max_message_bytes.saturating_add(max_message_bytes / 16 + 64)
            }
        }
    }

    /// How many bytes have arrived.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) | Self::DeflatedText(bytes) | Self::DeflatedBinary(bytes) => bytes.len(),
        }
    }

    /// How many bytes are allocated.
    pub(super) fn allocated_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.allocated_bytes(),
            Self::Binary(bytes) | Self::DeflatedText(bytes) | Self::DeflatedBinary(bytes) => bytes.capacity(),
        }
    }

    /// Takes a piece that is not the last. What is held grows with what came, never with
    /// what a header promised.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), FrameError> {
        match self {
            Self::Text(text) => text.push(piece),
            Self::Binary(bytes) | Self::DeflatedText(bytes) | Self::DeflatedBinary(bytes) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    /// Ends the message with its last piece; borrows that if it is the only one and came as it is.
    pub(super) fn finish(
        mut self,
        last: &[u8],
        inflate: impl FnOnce(&[u8]) -> Result<Vec<u8>, FrameError>,
    ) -> Result<Event<'_>, FrameError> {
        let is_whole = self.len() == 0;
        if !is_whole {
            self.push(last)?;
        }
        match self {
            Self::Text(_) if is_whole => {
                str::from_utf8(last).map(|text| Event::Text(text.into())).map_err(|_| FrameError::InvalidUtf8)
            }
            Self::Text(text) => Ok(Event::Text(Cow::Owned(text.finish()?))),
            Self::Binary(_) if is_whole => Ok(Event::Binary(last.into())),
            Self::Binary(bytes) => Ok(Event::Binary(Cow::Owned(bytes))),
            Self::DeflatedText(held) => {
                let text = inflate(if is_whole { last } else { &held })?;
                String::from_utf8(text).map(|text| Event::Text(text.into())).map_err(|_| FrameError::InvalidUtf8)
            }
            Self::DeflatedBinary(held) => Ok(Event::Binary(inflate(if is_whole { last } else { &held })?.into())),
        }
    }
}
