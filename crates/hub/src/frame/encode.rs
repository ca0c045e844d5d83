//! From messages to a server's bytes: unmasked frames, none longer than every SDK accepts.
//! Knows neither what a message says nor who gets it.

use super::{CloseCode, MAX_CONTROL_BYTES};

/// Longest payload of one outgoing frame, in bytes; Apple's SDK fails the connection beyond it.
pub const MAX_FRAME_BYTES: usize = 16_384;

const FINAL: u8 = 0x80;
/// RSV1 of a message's first frame: the message is deflated. Source: RFC 7692, section 6.
const DEFLATED: u8 = 0x40;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Longest header of an outgoing frame: no frame needs eight bytes of length.
const MAX_HEADER_BYTES: usize = 4;

/// The header bytes of one outgoing frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    bytes: [u8; MAX_HEADER_BYTES],
    len: u8,
}

impl FrameHeader {
    /// A header for a payload of at most `MAX_FRAME_BYTES`.
    fn new(first: u8, payload_bytes: usize) -> Self {
        debug_assert!(payload_bytes <= MAX_FRAME_BYTES);
        match u8::try_from(payload_bytes) {
            Ok(short @ 0..=125) => Self { bytes: [first, short, 0, 0], len: 2 },
            _ => {
                let [.., high, low] = payload_bytes.to_be_bytes();
                Self { bytes: [first, 126, high, low], len: 4 }
            }
        }
    }
}

impl AsRef<[u8]> for FrameHeader {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// The header of a text message of `message_bytes` that is sent as one frame; `None` if it is
/// too long for one, so that [`write_text`] must split it.
pub fn text_header(message_bytes: usize) -> Option<FrameHeader> {
    (message_bytes <= MAX_FRAME_BYTES).then(|| FrameHeader::new(FINAL | TEXT, message_bytes))
}

/// Appends one text message, given in parts that together are UTF-8. A message too long for a
/// frame is split so that every fragment is UTF-8 by itself.
pub fn write_text(out: &mut Vec<u8>, parts: &[&[u8]]) {
    write_message(out, TEXT, Parts(parts), Cut::BeforeCharacter);
}

/// Appends one binary message.
pub fn write_binary(out: &mut Vec<u8>, payload: &[u8]) {
    write_message(out, BINARY, Parts(&[payload]), Cut::BeforeCharacter);
}

/// Appends one text message that is deflated; where it is too long for a frame it is split anywhere.
pub(super) fn write_deflated_text(out: &mut Vec<u8>, parts: &[&[u8]]) {
    write_message(out, DEFLATED | TEXT, Parts(parts), Cut::Anywhere);
}

/// Appends one binary message that is deflated.
pub(super) fn write_deflated_binary(out: &mut Vec<u8>, parts: &[&[u8]]) {
    write_message(out, DEFLATED | BINARY, Parts(parts), Cut::Anywhere);
}

/// Appends a ping; a payload over 125 bytes is cut.
pub fn write_ping(out: &mut Vec<u8>, payload: &[u8]) {
    write_control(out, PING, payload);
}

/// Appends the answer to a ping with this payload; a payload over 125 bytes is cut.
pub fn write_pong(out: &mut Vec<u8>, payload: &[u8]) {
    write_control(out, PONG, payload);
}

/// Appends a close; a reason over 123 bytes is cut at the end of a character.
pub fn write_close(out: &mut Vec<u8>, code: CloseCode, reason: &str) {
    let reason = &reason[..reason.floor_char_boundary(MAX_CONTROL_BYTES - 2)];
    write_control(out, CLOSE, &[&code.get().to_be_bytes(), reason.as_bytes()].concat());
}

/// Appends the answer to a client's close: its own code, or none where it gave none.
pub fn write_close_reply(out: &mut Vec<u8>, code: Option<CloseCode>) {
    match code {
        Some(code) => write_close(out, code, ""),
        None => write_control(out, CLOSE, &[]),
    }
}

fn write_control(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    let payload = &payload[..payload.len().min(MAX_CONTROL_BYTES)];
    out.extend_from_slice(FrameHeader::new(FINAL | opcode, payload.len()).as_ref());
    out.extend_from_slice(payload);
}

fn write_message(out: &mut Vec<u8>, first: u8, parts: Parts<'_>, cut: Cut) {
    let message_bytes = parts.len();
    out.reserve(message_bytes + message_bytes.div_ceil(MAX_FRAME_BYTES).max(1) * MAX_HEADER_BYTES);
    let (mut start, mut opcode) = (0, first);
    loop {
        let end = parts.fragment_end(start, cut);
        let last = if end == message_bytes { FINAL } else { 0 };
        out.extend_from_slice(FrameHeader::new(last | opcode, end - start).as_ref());
        parts.append_range(out, start, end);
        if end == message_bytes {
            return;
        }
        (start, opcode) = (end, CONTINUATION);
    }
}

/// Where a message may be split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Anywhere,
    BeforeCharacter,
}

/// One message in several pieces, addressed as if they were joined.
#[derive(Clone, Copy)]
struct Parts<'a>(&'a [&'a [u8]]);

impl Parts<'_> {
    fn len(self) -> usize {
        self.0.iter().map(|part| part.len()).sum()
    }

    /// Where the fragment that begins at `start` ends: as late as it may.
    fn fragment_end(self, start: usize, cut: Cut) -> usize {
        let (latest, len) = (start + MAX_FRAME_BYTES, self.len());
        if len <= latest || cut == Cut::Anywhere {
            return len.min(latest);
        }
        // A character has at most three continuation bytes; more of them are not text.
        (latest - 3..=latest).rev().find(|&end| !self.continues_character(end)).unwrap_or(latest)
    }

    fn continues_character(self, mut index: usize) -> bool {
        for part in self.0 {
            match part.get(index) {
                Some(byte) => return byte & 0xc0 == 0x80,
                None => index -= part.len(),
            }
        }
        false
    }

    fn append_range(self, out: &mut Vec<u8>, start: usize, end: usize) {
        let mut part_start = 0;
        for part in self.0 {
            let part_end = part_start + part.len();
            if part_start < end && start < part_end {
                let from = start.max(part_start) - part_start;
                let to = end.min(part_end) - part_start;
                out.extend_from_slice(&part[from..to]);
            }
            part_start = part_end;
        }
    }
}
