//! WebSocket frames as a client needs them to count and the references to answer (RFC 6455, 5.2).
//!
//! No validation: the subject of a measurement is trusted to frame correctly.

/// A frame found at the start of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What it is.
    pub(crate) kind: FrameKind,
    /// Its payload, unmasked.
    pub(crate) payload: Vec<u8>,
    /// Bytes that the frame takes in the buffer.
    pub(crate) frame_bytes: usize,
}

/// What a frame means to a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The last frame of a message: one delivery.
    Message,
    /// An earlier fragment, a ping or a pong.
    Other,
    /// The peer says good-bye.
    Close,
}

/// Bytes of the longest header: two, eight of length, four of mask.
const HEADER_BYTES_MAX: usize = 14;

#[derive(Debug, Clone, Copy)]
struct Header {
    kind: FrameKind,
    header_bytes: usize,
    payload_bytes: u64,
    mask: Option<[u8; 4]>,
}

fn kind(first_byte: u8) -> FrameKind {
    let is_final = first_byte & 0x80 != 0;
    match first_byte & 0x0f {
        0..=2 if is_final => FrameKind::Message,
        8 => FrameKind::Close,
        _ => FrameKind::Other,
    }
}

fn header(bytes: &[u8]) -> Option<Header> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (payload_bytes, length_bytes) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
        short => (u64::from(short), 0),
    };
    let masked = second & 0x80 != 0;
    let mask = if masked { Some(*rest.get(length_bytes..)?.first_chunk()?) } else { None };
    let header_bytes = 2 + length_bytes + if masked { 4 } else { 0 };
    Some(Header { kind: kind(*first), header_bytes, payload_bytes, mask })
}

/// The frame at the start of the buffer, when it is there as a whole.
pub(crate) fn first_frame(buffer: &[u8]) -> Option<Frame> {
    let header = header(buffer)?;
    let frame_bytes = header.header_bytes.checked_add(usize::try_from(header.payload_bytes).ok()?)?;
    let mut payload = buffer.get(header.header_bytes..frame_bytes)?.to_vec();
    if let Some(mask) = header.mask {
        apply_mask(&mut payload, mask);
    }
    Some(Frame { kind: header.kind, payload, frame_bytes })
}

/// The header of an unmasked text frame.
pub(crate) fn server_header(payload_bytes: usize) -> Vec<u8> {
    text_header(payload_bytes, 0)
}

/// A text frame as a server sends it.
pub(crate) fn server_text(payload: &[u8]) -> Vec<u8> {
    let mut frame = server_header(payload.len());
    frame.extend_from_slice(payload);
    frame
}

/// A text frame as a client sends it: masked, with a fixed mask since nothing here is a secret.
pub(crate) fn client_text(payload: &str) -> Vec<u8> {
    const MASK: [u8; 4] = [0x5a, 0x13, 0xc7, 0x88];
    let mut frame = text_header(payload.len(), 0x80);
    frame.extend_from_slice(&MASK);
    let start = frame.len();
    frame.extend_from_slice(payload.as_bytes());
    apply_mask(&mut frame[start..], MASK);
    frame
}

fn text_header(payload_bytes: usize, mask_bit: u8) -> Vec<u8> {
    let mut header = vec![0x81];
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short), _) if short < 126 => header.push(mask_bit | short),
        (_, Ok(medium)) => {
            header.push(mask_bit | 126);
            header.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            header.push(mask_bit | 127);
            header.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
        }
    }
    header
}

fn apply_mask(payload: &mut [u8], mask: [u8; 4]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

/// What one read brought.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Whole messages.
    pub(crate) messages: u64,
    /// Close frames.
    pub(crate) closes: u64,
}

/// Counts the messages of a stream without keeping or looking at payloads.
#[derive(Debug, Default)]
pub(crate) struct FrameCounter {
    partial: [u8; HEADER_BYTES_MAX],
    partial_bytes: usize,
    payload_left: u64,
    current: Option<FrameKind>,
}

impl FrameCounter {
    /// Takes the next bytes of the stream, wherever they were cut.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Counted {
        let mut counted = Counted::default();
        loop {
            let skipped = usize::try_from(self.payload_left).unwrap_or(usize::MAX).min(bytes.len());
            self.payload_left -= skipped as u64;
            bytes = &bytes[skipped..];
            if self.payload_left > 0 {
                return counted;
            }
            match self.current.take() {
                Some(FrameKind::Message) => counted.messages += 1,
                Some(FrameKind::Close) => counted.closes += 1,
                Some(FrameKind::Other) | None => {}
            }
            let Some(rest) = self.take_header(bytes) else { return counted };
            bytes = rest;
        }
    }

    /// Reads a header, possibly begun by an earlier read; `None` when it is still incomplete.
    fn take_header<'bytes>(&mut self, bytes: &'bytes [u8]) -> Option<&'bytes [u8]> {
        let (header, used) = if self.partial_bytes == 0 {
            match header(bytes) {
                Some(header) => (header, header.header_bytes),
                None => return self.keep_partial(bytes),
            }
        } else {
            let known = self.partial_bytes;
            self.keep_partial(&bytes[..bytes.len().min(HEADER_BYTES_MAX - known)]);
            let header = header(&self.partial[..self.partial_bytes])?;
            self.partial_bytes = 0;
            (header, header.header_bytes - known)
        };
        self.payload_left = header.payload_bytes;
        self.current = Some(header.kind);
        Some(&bytes[used..])
    }

    fn keep_partial<'bytes>(&mut self, bytes: &[u8]) -> Option<&'bytes [u8]> {
        self.partial[self.partial_bytes..self.partial_bytes + bytes.len()].copy_from_slice(bytes);
        self.partial_bytes += bytes.len();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, FrameCounter, FrameKind, client_text, first_frame, server_text};

    fn stream() -> Vec<u8> {
        let mut bytes = server_text(b"");
        bytes.extend(server_text(b"short"));
        bytes.extend(server_text(&[b'm'; 126]));
        bytes.extend([0x89, 2, b'p', b'i']);
        bytes.extend(server_text(&[b'l'; 70_000]));
        bytes.extend([0x01, 1, b'a', 0x80, 1, b'b']);
        bytes.extend([0x88, 2, 0x03, 0xe8]);
        bytes
    }

    #[test]
    fn messages_are_counted_wherever_the_stream_is_cut() {
        let bytes = stream();
        for piece_bytes in [1, 2, 3, 5, 7, 11, 13, 14, 15, 127, 1_000, 65_536, bytes.len()] {
            let mut counter = FrameCounter::default();
            let mut total = Counted::default();
            for piece in bytes.chunks(piece_bytes) {
                let counted = counter.feed(piece);
                total.messages += counted.messages;
                total.closes += counted.closes;
            }
            assert_eq!(total, Counted { messages: 5, closes: 1 }, "pieces of {piece_bytes}");
        }
    }

    #[test]
    fn a_message_counts_with_its_last_byte_only() {
        let bytes = server_text(b"hello");
        let mut counter = FrameCounter::default();
        assert_eq!(counter.feed(&bytes[..6]).messages, 0);
        assert_eq!(counter.feed(&bytes[6..]).messages, 1);
    }

    #[test]
    fn a_masked_frame_is_read_back_as_it_was_written() {
        let mut bytes = client_text(r#"{"type":"ping"}"#);
        let whole = bytes.len();
        assert_eq!(first_frame(&bytes[..whole - 1]), None);
        bytes.extend_from_slice(b"next");
        let frame = first_frame(&bytes).expect("the frame is whole");
        assert_eq!(
            (frame.kind, frame.payload.as_slice(), frame.frame_bytes),
            (FrameKind::Message, br#"{"type":"ping"}"#.as_slice(), whole)
        );
    }

    #[test]
    fn an_absurd_length_is_waited_for_and_does_not_overflow() {
        let bytes = [0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
        assert_eq!(first_frame(&bytes), None);
        assert_eq!(FrameCounter::default().feed(&bytes), Counted::default());
    }
}
