//! One WebSocket frame as bytes (RFC 6455, section 5.2): any frame a test may want to send, and only such as a
//! server may send to be read.

use anyhow::{Result, ensure};
use bytes::{Buf, Bytes, BytesMut};

use super::Masking;
use crate::random_bytes;

/// No frame of the server comes near; a larger one is a broken length.
const MAX_PAYLOAD_BYTES: u64 = 16 << 20;
const FINAL_BIT: u8 = 0x80;
const MASK_BIT: u8 = 0x80;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// The next part of a message.
    Continuation,
    /// The first, or only, part of a text message.
    Text,
    /// The first, or only, part of a binary message.
    Binary,
    /// The last frame of its sender.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// One that RFC 6455 reserves; four bits.
    Reserved(u8),
}

/// Whether more frames of the message follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finality {
    /// The message is complete.
    Last,
    /// Continuations follow.
    More,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the message's last.
    pub finality: Finality,
    /// The three reserved bits, in the place they have in the first byte; zero without an extension.
    pub reserved_bits: u8,
    /// What it is.
    pub opcode: Opcode,
    /// Its payload, unmasked.
    pub payload: Bytes,
}

impl Frame {
    /// A last frame without reserved bits.
    #[must_use]
    pub fn new(opcode: Opcode, payload: impl Into<Bytes>) -> Self {
        Self { finality: Finality::Last, reserved_bits: 0, opcode, payload: payload.into() }
    }

    /// The bytes of the frame as a client sends it.
    #[must_use]
    pub fn encode(&self, masking: Masking) -> Vec<u8> {
        let final_bit = if self.finality == Finality::Last { FINAL_BIT } else { 0 };
        let mask_bit = if masking == Masking::Random { MASK_BIT } else { 0 };
        let mut bytes = vec![final_bit | self.reserved_bits | self.opcode.bits()];
        let length = self.payload.len();
        if let Ok(short) = u8::try_from(length)
            && short < 126
        {
            bytes.push(mask_bit | short);
        } else if let Ok(medium) = u16::try_from(length) {
            bytes.push(mask_bit | 126);
            bytes.extend(medium.to_be_bytes());
        } else {
            bytes.push(mask_bit | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
        match masking {
            Masking::None => bytes.extend_from_slice(&self.payload),
            Masking::Random => {
                let mask = random_bytes::<4>();
                bytes.extend(mask);
                bytes.extend(self.payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
            }
        }
        bytes
    }

    /// Takes the next frame of a server off the buffer; `None` while it is not whole.
    pub(super) fn decode(buffer: &mut BytesMut) -> Result<Option<Self>> {
        let Some(&[first, second]) = buffer.first_chunk() else { return Ok(None) };
        ensure!(second & MASK_BIT == 0, "a server must not mask its frames");
        let reserved_bits = first & 0x70;
        ensure!(reserved_bits == 0, "reserved bits {reserved_bits:#x} without an extension");
        let (head_bytes, payload_bytes) = match second {
            126 => match buffer.get(2..4) {
                Some(length) => (4, length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))),
                None => return Ok(None),
            },
            127 => match buffer.get(2..10) {
                Some(length) => (10, length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))),
                None => return Ok(None),
            },
            short => (2, u64::from(short)),
        };
        ensure!(payload_bytes <= MAX_PAYLOAD_BYTES, "a frame of {payload_bytes} bytes");
        let payload_bytes = usize::try_from(payload_bytes)?;
        if buffer.len() < head_bytes + payload_bytes {
            return Ok(None);
        }
        buffer.advance(head_bytes);
        let payload = buffer.split_to(payload_bytes).freeze();
        let finality = if first & FINAL_BIT == 0 { Finality::More } else { Finality::Last };
        Ok(Some(Self { finality, reserved_bits, opcode: Opcode::from_bits(first & 0x0f), payload }))
    }
}

impl Opcode {
    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
            Self::Reserved(bits) => bits,
        }
    }

    fn from_bits(bits: u8) -> Self {
        match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            bits => Self::Reserved(bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Option<Frame>> {
        Frame::decode(&mut BytesMut::from(bytes))
    }

    #[test]
    fn a_frame_of_every_length_form_survives_the_way() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let frame = Frame::new(Opcode::Text, vec![b'x'; length]);
            let bytes = frame.encode(Masking::None);
            assert_eq!(decoded(&bytes[..bytes.len() - 1]).expect("no error"), None, "{length}: one byte short");
            assert_eq!(decoded(&bytes).expect("no error"), Some(frame), "{length}");
        }
    }

    #[test]
    fn a_frame_has_the_bytes_of_the_standard_s_example() {
        let hello = Frame { finality: Finality::More, ..Frame::new(Opcode::Text, "Hel") };
        assert_eq!(hello.encode(Masking::None), [0x01, 0x03, 0x48, 0x65, 0x6c]);
    }

    #[test]
    fn a_masked_frame_hides_its_payload_under_its_key() {
        let bytes = Frame::new(Opcode::Text, "Hello").encode(Masking::Random);
        assert_eq!(bytes[..2], [0x81, 0x85]);
        let (mask, payload) = bytes[2..].split_at(4);
        let clear: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        assert_eq!(clear, b"Hello");
    }

    #[test]
    fn what_a_server_must_not_send_is_an_error() {
        decoded(&[0x81, 0x80, 1, 2, 3, 4]).expect_err("a masked frame");
        decoded(&[0xc1, 0x00]).expect_err("a compressed frame that was never agreed on");
        decoded(&[0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]).expect_err("a length beyond reason");
    }
}
