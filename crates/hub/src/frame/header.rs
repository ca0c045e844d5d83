//! The first 2 to 14 bytes of a client frame: what they mean, and what they may not say.

use super::mask::Mask;
use super::{Compression, FrameError, MAX_CONTROL_BYTES};

/// Longest header of a client frame: two bytes, eight of length, four of mask.
pub(super) const MAX_HEADER_BYTES: usize = 14;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// The next piece of the message that is open.
    Continuation,
    /// The first piece of a message, often the only one.
    Message(MessageKind),
    /// A frame that stands for itself, also between the pieces of a message.
    Control(ControlKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessageKind {
    Text,
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ControlKind {
    Close,
    Ping,
    Pong,
}

/// Whether more frames of the same message follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finality {
    More,
    Final,
}

/// How a message's payload travels; its first frame says it for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Deflated,
}

/// A frame header that is valid by itself; what it may follow is the decoder's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) opcode: Opcode,
    pub(super) finality: Finality,
    pub(super) packing: Packing,
    pub(super) mask: Mask,
    pub(super) payload_bytes: u64,
}

impl Header {
    /// Reads a header from the start of `bytes`, with its own length; `None` asks for more bytes.
    ///
    /// Every rule is checked in the order of the bytes it depends on, so that the outcome
    /// does not depend on how the bytes were cut on their way.
    pub(super) fn parse(bytes: &[u8], compression: Compression) -> Result<Option<(Self, usize)>, FrameError> {
        let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
        let packing = parse_reserved(first, compression)?;
        let finality = if first & 0x80 == 0 { Finality::More } else { Finality::Final };
        let short_length = second & 0x7f;
        let opcode = Opcode::parse(first & 0x0f)?;
        if let Opcode::Control(_) = opcode {
            check_control(finality, short_length)?;
        }
        let Some((payload_bytes, rest)) = parse_length(short_length, rest)? else { return Ok(None) };
        let (mask, rest) = if second & 0x80 == 0 {
            (Mask::NONE, rest)
        } else {
            let Some((&key, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
            (Mask::new(key), rest)
        };
        Ok(Some((Self { opcode, finality, packing, mask, payload_bytes }, bytes.len() - rest.len())))
    }
}

impl Opcode {
    fn parse(code: u8) -> Result<Self, FrameError> {
        match code {
            0 => Ok(Self::Continuation),
            1 => Ok(Self::Message(MessageKind::Text)),
            2 => Ok(Self::Message(MessageKind::Binary)),
            8 => Ok(Self::Control(ControlKind::Close)),
            9 => Ok(Self::Control(ControlKind::Ping)),
            10 => Ok(Self::Control(ControlKind::Pong)),
            reserved => Err(FrameError::ReservedOpcode(reserved)),
        }
    }
}

/// RSV1 may be set where permessage-deflate was agreed on, on a message's first frame and on no other.
fn parse_reserved(first: u8, compression: Compression) -> Result<Packing, FrameError> {
    match (first & 0x70, first & 0x0f, compression) {
        (0, ..) => Ok(Packing::Plain),
        (0x40, 1 | 2, Compression::Deflate(_)) => Ok(Packing::Deflated),
        _ => Err(FrameError::ReservedBits),
    }
}

fn check_control(finality: Finality, short_length: u8) -> Result<(), FrameError> {
    if finality == Finality::More {
        return Err(FrameError::FragmentedControl);
    }
    if usize::from(short_length) > MAX_CONTROL_BYTES {
        return Err(FrameError::OversizedControl);
    }
    Ok(())
}

/// The payload's length and what follows it. Longer forms of short lengths are refused, as
/// RFC 6455, 5.2 demands the shortest.
fn parse_length(short_length: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, FrameError> {
    let (length, shortest, rest) = match short_length {
        126 => {
            let Some((&length, rest)) = rest.split_first_chunk::<2>() else { return Ok(None) };
            (u64::from(u16::from_be_bytes(length)), 126, rest)
        }
        127 => {
            let Some((&length, rest)) = rest.split_first_chunk::<8>() else { return Ok(None) };
            (u64::from_be_bytes(length), 1 << 16, rest)
        }
        short => (u64::from(short), 0, rest),
    };
    if length < shortest || length >= 1 << 63 {
        return Err(FrameError::InvalidLength);
    }
    Ok(Some((length, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::deflate::Window;

    fn parse(bytes: &[u8]) -> Result<Option<(Header, usize)>, FrameError> {
        Header::parse(bytes, Compression::None)
    }

    fn payload_bytes(bytes: &[u8]) -> Result<u64, FrameError> {
        parse(bytes).map(|header| header.expect("a whole header").0.payload_bytes)
    }

    #[test]
    fn a_masked_header_is_read_and_measured() {
        let expected = Header {
            opcode: Opcode::Message(MessageKind::Text),
            finality: Finality::Final,
            packing: Packing::Plain,
            mask: Mask::new([1, 2, 3, 4]),
            payload_bytes: 5,
        };
        assert_eq!(parse(&[0x81, 0x85, 1, 2, 3, 4, b'x']), Ok(Some((expected, 6))));
    }

    #[test]
    fn every_header_that_is_cut_off_asks_for_more() {
        let longest = [0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4];
        for length in 0..MAX_HEADER_BYTES {
            assert_eq!(parse(&longest[..length]), Ok(None), "{length} bytes");
        }
        assert_eq!(parse(&longest).expect("valid").expect("whole").1, MAX_HEADER_BYTES);
    }

    #[test]
    fn each_reserved_bit_is_refused() {
        for bit in [0x40, 0x20, 0x10] {
            assert_eq!(parse(&[0x81 | bit, 0]), Err(FrameError::ReservedBits));
        }
    }

    #[test]
    fn the_first_reserved_bit_is_allowed_on_messages_once_deflate_is_agreed_on_and_nowhere_else() {
        let deflate = Compression::Deflate(Window::FULL);
        for first in 0..=0xff_u8 {
            let starts_message = matches!(first & 0x0f, 1 | 2);
            let plain = Header::parse(&[first, 0], Compression::None).map(|header| header.map(|it| it.0.packing));
            let agreed = Header::parse(&[first, 0], deflate).map(|header| header.map(|it| it.0.packing));
            match first & 0x70 {
                0x40 if starts_message => {
                    assert_eq!((plain, agreed), (Err(FrameError::ReservedBits), Ok(Some(Packing::Deflated))));
                }
                0 => assert_eq!(plain, agreed),
                _ => assert_eq!((plain, agreed), (Err(FrameError::ReservedBits), Err(FrameError::ReservedBits))),
            }
        }
    }

    #[test]
    fn each_reserved_opcode_is_refused() {
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            assert_eq!(parse(&[0x80 | opcode, 0]), Err(FrameError::ReservedOpcode(opcode)));
        }
    }

    #[test]
    fn a_control_frame_must_be_final() {
        for opcode in [8, 9, 10] {
            assert_eq!(parse(&[opcode, 0]), Err(FrameError::FragmentedControl));
        }
    }

    #[test]
    fn a_control_frame_holds_at_most_125_bytes() {
        assert_eq!(payload_bytes(&[0x89, 125]), Ok(125));
        for short_length in [126, 127] {
            assert_eq!(parse(&[0x89, short_length]), Err(FrameError::OversizedControl));
        }
    }

    #[test]
    fn two_length_bytes_start_at_126() {
        assert_eq!(payload_bytes(&[0x82, 126, 0, 126]), Ok(126));
        assert_eq!(payload_bytes(&[0x82, 126, 0xff, 0xff]), Ok(65_535));
        assert_eq!(parse(&[0x82, 126, 0, 125]), Err(FrameError::InvalidLength));
    }

    #[test]
    fn eight_length_bytes_start_at_65536() {
        assert_eq!(payload_bytes(&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Ok(65_536));
        assert_eq!(parse(&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), Err(FrameError::InvalidLength));
    }

    #[test]
    fn the_top_bit_of_a_length_must_be_clear() {
        assert_eq!(payload_bytes(&[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]), Ok((1 << 63) - 1));
        assert_eq!(parse(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(FrameError::InvalidLength));
    }
}
