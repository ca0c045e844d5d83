//! The beginning of a message, deflated once for all who get it; what differs between them follows undeflated.
//!
//! A message is a run of deflate blocks, each of which may be stored. The shared head ends on a byte, with the header
//! of a stored block open; a receiver's own part becomes the content of that block. So nobody's part costs more than
//! its own bytes and five, and no compressor runs for it.

use std::cell::RefCell;

use miniz_oxide::{
    DataFormat,
    deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress},
};

use super::Window;
use crate::frame::encode;

/// Shorter messages gain less than they cost.
const MIN_HEAD_BYTES: usize = 128;
/// Higher levels take longer and gain 2 % on an event: 358 of 812 bytes in 21 µs, against 356 in 25.
const LEVEL: u8 = 2;
/// What ends a flush, and is left out of a message. Source: RFC 7692, 7.2.1.
const FLUSHED: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// Most bytes of a stored block.
const MAX_STORED_BYTES: usize = 0xffff;

thread_local! {
    /// Some 300 KiB, so that they are not cleared for every message: the threads that flush have one each.
    static COMPRESSOR: RefCell<Option<Box<CompressorOxide>>> = const { RefCell::new(None) };
}

#[cfg(test)]
thread_local! {
    static COMPRESSIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How often this thread has compressed anything.
#[cfg(test)]
pub(crate) fn compressions() -> usize {
    COMPRESSIONS.get()
}

/// A deflated head: a message by itself, or the beginning of one.
#[derive(Debug)]
pub struct Deflated {
    /// Blocks, the last of them a stored one whose length is still to come.
    blocks: Box<[u8]>,
    head_bytes: usize,
}

impl Deflated {
    /// Deflates `head`, unless there is nothing to gain.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.len() < MIN_HEAD_BYTES {
            return None;
        }
        let blocks = deflate(head)?.into_boxed_slice();
        Some(Self { blocks, head_bytes: head.len() })
    }

    /// Whether the head can be followed by so many bytes for a client with this window.
    #[must_use]
    pub fn takes(&self, rest_bytes: usize, window: Window) -> bool {
        rest_bytes <= MAX_STORED_BYTES && window.holds(self.head_bytes + rest_bytes)
    }

    /// Appends the text message of the head and `rest`, which must be short enough ([`Deflated::takes`]).
    pub fn write_text(&self, out: &mut Vec<u8>, rest: [&[u8]; 2]) {
        let length = rest.iter().map(|part| part.len()).sum();
        let stored = stored_length(length);
        if length == 0 {
            encode::write_deflated_text(out, &[&self.blocks]);
        } else {
            // The last byte opens the next stored block, the one that every message leaves out.
            encode::write_deflated_text(out, &[&self.blocks, &stored, rest[0], rest[1], &[0x00]]);
        }
    }

    /// Appends the head alone as a binary message.
    pub fn write_binary(&self, out: &mut Vec<u8>) {
        encode::write_deflated_binary(out, &[&self.blocks]);
    }
}

/// The length of a stored block as it stands behind its header: the number and its complement.
fn stored_length(bytes: usize) -> [u8; 4] {
    let length = u16::try_from(bytes).expect("what follows a head is checked to fit one block");
    let ([low, high], [not_low, not_high]) = (length.to_le_bytes(), (!length).to_le_bytes());
    [low, high, not_low, not_high]
}

/// The blocks of `head` without the end of their flush; none where they are not shorter.
fn deflate(head: &[u8]) -> Option<Vec<u8>> {
    #[cfg(test)]
    COMPRESSIONS.set(COMPRESSIONS.get() + 1);
    COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = compressor.get_or_insert_with(|| {
            let mut compressor = Box::<CompressorOxide>::default();
            compressor.set_format_and_level(DataFormat::Raw, LEVEL);
            compressor
        });
        compressor.reset();
        // What does not fit has gained nothing, and neither has what fills it.
        let mut blocks = vec![0; head.len() + FLUSHED.len()];
        let (status, read, written) = compress(compressor, head, &mut blocks, TDEFLFlush::Sync);
        let whole = status == TDEFLStatus::Okay && read == head.len() && written < blocks.len();
        blocks.truncate(written);
        let flushed = blocks.strip_suffix(&FLUSHED).filter(|_| whole)?;
        Some(flushed.to_vec())
    })
}
