//! From a deflated message to the message, and no further than its limit.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{
        DecompressorOxide, decompress,
        inflate_flags::{TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
    },
};

use crate::frame::FrameError;

/// What the sender left out (RFC 7692, 7.2.2), and an empty last block, by which a message that is whole is known.
const TAIL: [u8; 9] = [0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff];

/// Inflates one whole message. Stops as soon as it has more than `max_message_bytes`.
pub(in crate::frame) fn inflate(deflated: &[u8], max_message_bytes: usize) -> Result<Vec<u8>, FrameError> {
    if deflated.is_empty() {
        // No encoder should send it, some do, and zlib reads it as nothing.
        return Ok(Vec::new());
    }
    // One byte more than allowed tells too much from just enough.
    let most_bytes = max_message_bytes.saturating_add(1);
    let mut inflater = Inflater {
        state: Box::default(),
        message: vec![0; deflated.len().saturating_mul(4).min(most_bytes)],
        message_bytes: 0,
        most_bytes,
    };
    inflater.take(deflated, Position::Body)?;
    inflater.take(&TAIL, Position::Tail)?;
    inflater.message.truncate(inflater.message_bytes);
    Ok(inflater.message)
}

/// Whether more input follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Body,
    Tail,
}

struct Inflater {
    state: Box<DecompressorOxide>,
    /// What is inflated so far, and room for more.
    message: Vec<u8>,
    message_bytes: usize,
    most_bytes: usize,
}

impl Inflater {
    fn take(&mut self, mut input: &[u8], position: Position) -> Result<(), FrameError> {
        let more = if position == Position::Body { TINFL_FLAG_HAS_MORE_INPUT } else { 0 };
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | more;
        // Each turn takes input, ends the message, or doubles the room, which has a limit.
        loop {
            let (status, read, written) =
                decompress(&mut self.state, input, &mut self.message, self.message_bytes, flags);
            input = &input[read..];
            self.message_bytes += written;
            if self.message_bytes == self.most_bytes {
                return Err(FrameError::MessageTooBig { max_message_bytes: self.most_bytes - 1 });
            }
            match (status, position) {
                (TINFLStatus::HasMoreOutput, _) => {
                    let room = self.message.len().saturating_mul(2).max(64).min(self.most_bytes);
                    self.message.resize(room, 0);
                }
                (TINFLStatus::NeedsMoreInput, Position::Body) => return Ok(()),
                (TINFLStatus::Done, Position::Tail) if input.is_empty() => return Ok(()),
                // A block that calls itself the last ends nothing: others may follow (RFC 7692, 7.2.3.4).
                (TINFLStatus::Done, _) if read > 0 => self.state.init(),
                _ => return Err(FrameError::InvalidDeflate),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    /// `Hello` as RFC 7692, 7.2.3.1 deflates it.
    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

    #[test]
    fn the_samples_of_the_rfc_are_inflated() {
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        let last_block = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        let two_blocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
        for deflated in [&HELLO[..], &stored, &last_block, &two_blocks] {
            assert_eq!(inflate(deflated, 5).as_deref(), Ok(&b"Hello"[..]), "{deflated:02x?}");
        }
    }

    #[test]
    fn an_empty_message_is_inflated_to_nothing() {
        assert_eq!(inflate(&[0x00], 0), Ok(Vec::new()));
        assert_eq!(inflate(&[0x02, 0x00], 0), Ok(Vec::new()));
        assert_eq!(inflate(&[], 0), Ok(Vec::new()));
    }

    #[test]
    fn exactly_the_limit_is_allowed_and_one_byte_more_is_not() {
        assert_eq!(inflate(&HELLO, 5).as_deref(), Ok(&b"Hello"[..]));
        for max_message_bytes in 0..5 {
            assert_eq!(inflate(&HELLO, max_message_bytes), Err(FrameError::MessageTooBig { max_message_bytes }));
        }
    }

    #[test]
    fn a_bomb_is_inflated_no_further_than_the_limit() {
        let mut bomb = compress_to_vec(&vec![0; 64 << 20], 9);
        assert!(bomb.len() < 70_000, "it is one");
        // If it were inflated to its end, this would make it malformed.
        bomb.truncate(bomb.len() - 5);
        bomb.extend([0xff; 20]);
        assert_eq!(inflate(&bomb, 64_000), Err(FrameError::MessageTooBig { max_message_bytes: 64_000 }));
    }

    #[test]
    fn many_last_blocks_are_one_message() {
        let mut deflated = Vec::new();
        for word in [b"one ", b"two ", b"three "] as [&[u8]; 3] {
            deflated.extend(compress_to_vec(word, 6));
        }
        deflated.push(0x00);
        assert_eq!(inflate(&deflated, 100).as_deref(), Ok(&b"one two three "[..]));
    }

    #[test]
    fn what_is_cut_off_or_malformed_is_refused() {
        for length in 1..HELLO.len() - 1 {
            assert_eq!(inflate(&HELLO[..length], 100), Err(FrameError::InvalidDeflate), "{length} bytes");
        }
        for malformed in [&[0x07][..], &[0xff; 8], &[0x00, 0x05, 0x00, 0x00, 0x00, b'x']] {
            assert_eq!(inflate(malformed, 100), Err(FrameError::InvalidDeflate), "{malformed:02x?}");
        }
    }
}
