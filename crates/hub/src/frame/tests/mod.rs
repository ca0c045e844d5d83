//! Facts about whole byte streams; rules of single bytes are tested beside their code.

mod decoding;
mod deflate;
mod encoding;
mod properties;

use super::{Closing, Decoder, Event, FrameError};

/// More than any test sends unless it is about the limit.
const LIMIT: usize = 1 << 20;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// An event that outlives its input.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<Closing>),
}

impl From<Event<'_>> for Owned {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.into_owned()),
            Event::Binary(bytes) => Self::Binary(bytes.into_owned()),
            Event::Ping(payload) => Self::Ping(payload.into_owned()),
            Event::Pong(payload) => Self::Pong(payload.into_owned()),
            Event::Close(closing) => Self::Close(closing),
        }
    }
}

fn text(text: &str) -> Owned {
    Owned::Text(text.to_owned())
}

/// Writes one frame as a client does: the first byte as given, masked if there is a key.
fn client_frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mask_bit = if key.is_some() { 0x80 } else { 0 };
    let mut frame = match payload.len() {
        short @ 0..=125 => vec![first, mask_bit | u8::try_from(short).expect("short")],
        medium @ 126..=65_535 => {
            let length = u16::try_from(medium).expect("medium").to_be_bytes();
            [&[first, mask_bit | 126], length.as_slice()].concat()
        }
        long => [&[first, mask_bit | 127], (long as u64).to_be_bytes().as_slice()].concat(),
    };
    let Some(key) = key else { return [frame, payload.to_vec()].concat() };
    frame.extend_from_slice(&key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    client_frame(first, payload, Some(KEY))
}

/// What a decoder makes of one piece of input: the events, and the error that ended it.
fn feed(decoder: &mut Decoder, bytes: &[u8]) -> (Vec<Owned>, Option<FrameError>) {
    let mut bytes = bytes.to_vec();
    let (mut input, mut events) = (bytes.as_mut_slice(), Vec::new());
    loop {
        match decoder.decode(&mut input) {
            Ok(Some(event)) => events.push(event.into()),
            Ok(None) => {
                assert!(input.is_empty(), "all input is used up");
                return (events, None);
            }
            Err(error) => return (events, Some(error)),
        }
    }
}

/// What a new decoder makes of a stream that arrives in these pieces.
fn decode_pieces<'a>(
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Owned>, Option<FrameError>, Decoder) {
    let (mut decoder, mut events, mut first_error) = (Decoder::new(limit), Vec::new(), None);
    for piece in pieces {
        let (more, error) = feed(&mut decoder, piece);
        events.extend(more);
        first_error = first_error.or(error);
    }
    (events, first_error, decoder)
}

fn decode(stream: &[u8]) -> (Vec<Owned>, Option<FrameError>) {
    feed(&mut Decoder::new(LIMIT), stream)
}

/// The first byte and the payload of every frame in a server's stream.
fn server_frames(mut stream: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, short, rest @ ..] = stream {
        let (length, rest) = match (*short, rest) {
            (126, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            (short, rest) => (usize::from(short), rest),
        };
        frames.push((*first, rest[..length].to_vec()));
        stream = &rest[length..];
    }
    frames
}
