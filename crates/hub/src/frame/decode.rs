//! From a client's bytes to events, however the bytes were cut on their way. Owns at most one
//! unfinished frame and one unfinished message; must not know where the bytes come from.

use std::borrow::Cow;

use super::deflate::inflate;
use super::header::{ControlKind, Finality, Header, MAX_HEADER_BYTES, Opcode};
use super::mask::Mask;
use super::message::Message;
use super::{Closing, Compression, FrameError};

/// Something complete that a client sent; borrowed where it lay whole in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A text message.
    Text(Cow<'a, str>),
    /// A binary message.
    Binary(Cow<'a, [u8]>),
    /// A ping, to be answered by a pong with the same payload.
    Ping(Cow<'a, [u8]>),
    /// A pong, asked for or not.
    Pong(Cow<'a, [u8]>),
    /// The client closes; nothing after it is read.
    Close(Option<Closing>),
}

/// What becomes of a message that arrives deflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inflation {
    /// It is inflated.
    Whole,
    /// Nobody wants to know what it says: an empty message stands for it. A kilobyte on its way may be a thousand.
    Skipped,
}

/// Reads one connection's frames; holds no allocation while no message or frame is unfinished.
#[derive(Debug)]
pub struct Decoder {
    max_message_bytes: usize,
    compression: Compression,
    inflation: Inflation,
    stage: Stage,
    message: Option<Message>,
    control: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Between frames, or inside a header of which so many bytes have come.
    Header { bytes: [u8; MAX_HEADER_BYTES], len: u8 },
    /// Inside a frame's payload.
    Payload(Payload),
    /// After a close frame or an error: the rest is dropped.
    Ended,
}

impl Stage {
    const START: Self = Self::Header { bytes: [0; MAX_HEADER_BYTES], len: 0 };
}

/// The rest of a payload, and what to do with it.
#[derive(Debug, Clone, Copy)]
struct Payload {
    opcode: Opcode,
    finality: Finality,
    mask: Mask,
    remaining_bytes: usize,
}

impl Decoder {
    /// A decoder that refuses messages longer than `max_message_bytes`, fragments summed.
    pub fn new(max_message_bytes: usize) -> Self {
        Self::with_compression(max_message_bytes, Compression::None)
    }

    /// The same where this was agreed on; the limit counts what a message is, not how it travels.
    pub fn with_compression(max_message_bytes: usize, compression: Compression) -> Self {
        Self {
            max_message_bytes,
            compression,
            inflation: Inflation::Whole,
            stage: Stage::START,
            message: None,
            control: Vec::new(),
        }
    }

    /// Sets what becomes of deflated messages that end from now on.
    pub fn set_inflation(&mut self, inflation: Inflation) {
        self.inflation = inflation;
    }

    /// Takes bytes from the front of `input`, unmasking them in place, up to the end of the
    /// next event. `None` means that all input is used up: keep the decoder, not the bytes.
    /// An error ends the connection; after it, as after a close, all input is dropped.
    pub fn decode<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Event<'a>>, FrameError> {
        let outcome = self.advance(input);
        if matches!(outcome, Err(_) | Ok(Some(Event::Close(_)))) {
            *self = Self { stage: Stage::Ended, ..Self::new(self.max_message_bytes) };
        }
        outcome
    }

    /// How many bytes are allocated for what is unfinished, for metrics.
    pub fn allocated_bytes(&self) -> usize {
        self.control.capacity() + self.message.as_ref().map_or(0, Message::allocated_bytes)
    }

    fn advance<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Event<'a>>, FrameError> {
        loop {
            match self.stage {
                Stage::Header { bytes, len } => {
                    let Some(header) = self.read_header(bytes, len, input)? else { return Ok(None) };
                    self.stage = Stage::Payload(self.admit(header)?);
                }
                Stage::Payload(payload) if payload.remaining_bytes > 0 && input.is_empty() => return Ok(None),
                Stage::Payload(payload) => {
                    if let Some(event) = self.read_payload(payload, input)? {
                        return Ok(Some(event));
                    }
                }
                Stage::Ended => {
                    *input = &mut [];
                    return Ok(None);
                }
            }
        }
    }

    fn read_header(
        &mut self,
        mut bytes: [u8; MAX_HEADER_BYTES],
        len: u8,
        input: &mut &mut [u8],
    ) -> Result<Option<Header>, FrameError> {
        let held = usize::from(len);
        let taken = input.len().min(MAX_HEADER_BYTES - held);
        let end = held + taken;
        bytes[held..end].copy_from_slice(&input[..taken]);
        let parsed = Header::parse(&bytes[..end], self.compression)?;
        let used = parsed.map_or(taken, |(_, header_bytes)| header_bytes - held);
        take(input, used);
        if parsed.is_none() {
            let len = u8::try_from(end).expect("at most the longest header");
            self.stage = Stage::Header { bytes, len };
        }
        Ok(parsed.map(|(header, _)| header))
    }

    /// Checks a header against what came before it, and its length before any of it is kept.
    fn admit(&mut self, header: Header) -> Result<Payload, FrameError> {
        match (header.opcode, &self.message) {
            (Opcode::Control(_), _) | (Opcode::Continuation, Some(_)) => {}
            (Opcode::Continuation, None) => return Err(FrameError::UnexpectedContinuation),
            (Opcode::Message(_), Some(_)) => return Err(FrameError::InterruptedMessage),
            (Opcode::Message(kind), None) => self.message = Some(Message::new(kind, header.packing)),
        }
        let too_big = FrameError::MessageTooBig { max_message_bytes: self.max_message_bytes };
        let remaining_bytes = usize::try_from(header.payload_bytes).map_err(|_| too_big)?;
        if !matches!(header.opcode, Opcode::Control(_))
            && let Some(message) = &self.message
            && remaining_bytes > message.arrival_limit(self.max_message_bytes) - message.len()
        {
            return Err(too_big);
        }
        let Header { opcode, finality, mask, .. } = header;
        Ok(Payload { opcode, finality, mask, remaining_bytes })
    }

    fn read_payload<'a>(
        &mut self,
        mut payload: Payload,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Event<'a>>, FrameError> {
        let bytes = take(input, payload.remaining_bytes);
        payload.mask.apply(bytes);
        payload.remaining_bytes -= bytes.len();
        self.stage = if payload.remaining_bytes > 0 { Stage::Payload(payload) } else { Stage::START };
        match payload.opcode {
            Opcode::Control(_) if payload.remaining_bytes > 0 => {
                self.control.extend_from_slice(bytes);
                Ok(None)
            }
            Opcode::Control(kind) => control_event(kind, self.complete_control(bytes)).map(Some),
            Opcode::Continuation | Opcode::Message(_) => self.read_data(payload, bytes),
        }
    }

    fn read_data<'a>(&mut self, payload: Payload, bytes: &'a [u8]) -> Result<Option<Event<'a>>, FrameError> {
        let mut message = self.message.take().expect("a data frame is admitted only with a message open");
        if payload.remaining_bytes == 0 && payload.finality == Finality::Final {
            let inflated = |deflated: &[u8]| match self.inflation {
                Inflation::Whole => inflate(deflated, self.max_message_bytes),
                Inflation::Skipped => Ok(Vec::new()),
            };
            return message.finish(bytes, inflated).map(Some);
        }
        message.push(bytes)?;
        self.message = Some(message);
        Ok(None)
    }

    fn complete_control<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.control.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut held = std::mem::take(&mut self.control);
        held.extend_from_slice(bytes);
        Cow::Owned(held)
    }
}

fn control_event(kind: ControlKind, payload: Cow<'_, [u8]>) -> Result<Event<'_>, FrameError> {
    match kind {
        ControlKind::Close => Closing::parse(&payload).map(Event::Close),
        ControlKind::Ping => Ok(Event::Ping(payload)),
        ControlKind::Pong => Ok(Event::Pong(payload)),
    }
}

/// Splits up to `count` bytes off the front of `input`.
fn take<'a>(input: &mut &'a mut [u8], count: usize) -> &'a mut [u8] {
    let whole = std::mem::take(input);
    let (front, rest) = whole.split_at_mut(count.min(whole.len()));
    *input = rest;
    front
}
