//! A client whose appetite the test controls, and what reached it.

use std::{collections::VecDeque, io, sync::Arc};

use herenow_wire::close::CloseCode;
use parking_lot::Mutex;
use serde_json::Value;

use crate::{
    frame::{Decoder, Event, encode},
    transport::Transport,
};

/// What a client read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Received {
    /// A text message of JSON.
    Json(Value),
    /// Any other text message.
    Text(String),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame.
    Close(u16),
}

struct Wire {
    /// How many bytes it still takes.
    room: usize,
    /// How many at once.
    bite: usize,
    /// What the next writes answer instead.
    errors: VecDeque<io::ErrorKind>,
    bytes: Vec<u8>,
    wakes: usize,
    encoded: usize,
    writes: usize,
}

/// The client's side of an outbox; its clones are the same client.
#[derive(Clone)]
pub(crate) struct FakeClient(Arc<Mutex<Wire>>);

impl FakeClient {
    /// A client that takes everything.
    pub(crate) fn hungry() -> Self {
        Self::with_room(usize::MAX)
    }

    /// A client that takes so many bytes and no more.
    pub(crate) fn with_room(room: usize) -> Self {
        Self(Arc::new(Mutex::new(Wire {
            room,
            bite: usize::MAX,
            errors: VecDeque::new(),
            bytes: Vec::new(),
            wakes: 0,
            encoded: 0,
            writes: 0,
        })))
    }

    /// From now on it takes so many bytes.
    pub(crate) fn set_room(&self, room: usize) {
        self.0.lock().room = room;
    }

    /// From now on it takes at most so many bytes in one write.
    pub(crate) fn set_bite(&self, bite: usize) {
        self.0.lock().bite = bite;
    }

    /// Its next write fails like this.
    pub(crate) fn fail_next(&self, error: io::ErrorKind) {
        self.0.lock().errors.push_back(error);
    }

    /// How often its task was told to look.
    pub(crate) fn wakes(&self) -> usize {
        self.0.lock().wakes
    }

    /// How many messages were framed for it.
    pub(crate) fn encoded(&self) -> usize {
        self.0.lock().encoded
    }

    /// How many writes it has taken.
    pub(crate) fn writes(&self) -> usize {
        self.0.lock().writes
    }

    /// How many bytes it has taken.
    pub(crate) fn taken_bytes(&self) -> usize {
        self.0.lock().bytes.len()
    }

    /// All whole messages since the start.
    pub(crate) fn received(&self) -> Vec<Received> {
        let mut bytes = self.0.lock().bytes.clone();
        let (mut input, mut decoder, mut all) = (&mut bytes[..], Decoder::new(usize::MAX), Vec::new());
        while let Some(event) = decoder.decode(&mut input).expect("the server frames correctly") {
            all.push(match event {
                Event::Text(text) => match serde_json::from_str(&text) {
                    Ok(json) => Received::Json(json),
                    Err(_) => Received::Text(text.into_owned()),
                },
                Event::Pong(payload) => Received::Pong(payload.into_owned()),
                Event::Close(closing) => {
                    assert!(input.is_empty(), "nothing follows a close frame");
                    Received::Close(closing.expect("a code").code.get())
                }
                other => panic!("a server does not send {other:?}"),
            });
        }
        all
    }

    /// The messages of JSON since the start.
    pub(crate) fn json(&self) -> Vec<Value> {
        let json = |received| match received {
            Received::Json(json) => Some(json),
            _ => None,
        };
        self.received().into_iter().filter_map(json).collect()
    }
}

impl Transport for FakeClient {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.lock();
        if let Some(error) = wire.errors.pop_front() {
            return Err(error.into());
        }
        let count = bytes.len().min(wire.room).min(wire.bite);
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        wire.room -= count;
        wire.writes += 1;
        wire.bytes.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn wake(&self) {
        self.0.lock().wakes += 1;
    }

    fn frames_alike(&self) -> bool {
        true
    }

    fn frame_text(&self, out: &mut Vec<u8>, parts: &[&[u8]], _: Option<&crate::Position>) {
        self.0.lock().encoded += 1;
        encode::write_text(out, parts);
    }

    fn frame_close(&self, out: &mut Vec<u8>, code: CloseCode) {
        encode::write_close(out, code.into(), code.reason());
    }
}
