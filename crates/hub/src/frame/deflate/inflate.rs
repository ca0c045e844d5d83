//! From a deflated message to the message, and no further than its limit.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
};

use crate::frame::FrameError;

/// What the sender left out (RFC 7692, 7.2.2), and an empty last block, by which a message that is whole is known.
const TAIL: [u8; 9] = [0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff];
const LEAST_ROOM_BYTES: usize = 64;

/// Inflates one whole message. Stops as soon as it has more than `max_message_bytes`.
pub(in crate::frame) fn inflate(deflated: &[u8], max_message_bytes: usize) -> Result<Vec<u8>, FrameError> {
    if deflated.is_empty() {
        // No encoder should send it, some do, and zlib reads it as nothing.
        return Ok(Vec::new());
    }
    // One byte more than allowed tells too much from just enough.
    let most_bytes = max_message_bytes.saturating_add(1);
    // In one piece: bits that were read ahead in an earlier one could not be given back where a block ends.
    let blocks = [deflated, &TAIL].concat();
    let mut state = Box::<DecompressorOxide>::default();
    let (mut input, mut message_bytes) = (&blocks[..], 0);
    let mut message = vec![0; blocks.len().saturating_mul(4).max(LEAST_ROOM_BYTES).min(most_bytes)];
    // Each turn ends a block that calls itself the last, which takes input, or doubles the room, which has a limit.
    loop {
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) = decompress(&mut state, input, &mut message, message_bytes, flags);
        input = &input[read..];
        message_bytes += written;
        if message_bytes == most_bytes {
            return Err(FrameError::MessageTooBig { max_message_bytes });
        }
        match status {
            TINFLStatus::HasMoreOutput => message.resize(message.len().saturating_mul(2).min(most_bytes), 0),
            TINFLStatus::Done if input.is_empty() => break,
            // Others may follow it (RFC 7692, 7.2.3.4).
            TINFLStatus::Done => state.init(),
            _ => return Err(FrameError::InvalidDeflate),
        }
    }
    message.truncate(message_bytes);
    Ok(message)
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
    fn a_message_that_outgrows_the_room_at_any_byte_is_inflated_whole() {
        for message_bytes in 1..2000 {
            let message = vec![b'x'; message_bytes];
            let deflated = [&compress_to_vec(&message, 6)[..], &compress_to_vec(b"end", 6), &[0x00]].concat();
            let whole = [&message[..], b"end"].concat();
            assert_eq!(inflate(&deflated, 5000), Ok(whole), "{message_bytes} bytes");
        }
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
