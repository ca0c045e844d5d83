//! One connection's protocol as a state machine without I/O: bytes and time in, signals out.
//!
//! Knows what a client may do and how often; what its messages cause is the caller's business.
//! Source: realtime, sections 1.6 and 3; issue "Lifetimes", grace; sdk-wire, section 3.

use std::time::Duration;

use herenow_core::Timestamp;
use herenow_wire::{
    close::CloseCode,
    realtime::{Incoming, InvalidFrame, parse},
};

use crate::frame::{Closing, Compression, Decoder, Event, FrameError, Inflation, encode};

/// After so much silence the server pings.
pub const SILENCE_BEFORE_PING: Duration = Duration::from_secs(60);
const MINUTE_MS: i64 = 60_000;

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolLimits {
    /// Longest message, in bytes.
    pub message_bytes: usize,
    /// Messages in one minute, counted by the clock's minutes. 0: no limit.
    pub messages_per_minute: u32,
}

/// What the client did, or what has to be done.
#[derive(Debug, PartialEq)]
pub enum Signal {
    /// A message that was understood.
    Message(Incoming),
    /// A message that was not: an error frame with code 1003 tells so.
    Invalid(InvalidFrame),
    /// One message too many in this minute: an error frame with code 1013 tells so.
    TooMany,
    /// These bytes answer a ping.
    Answer(Vec<u8>),
    /// The client closes, with this code if it gave one. The answer is a close frame with the same.
    Closed(Option<Closing>),
    /// The connection must end with this code: the client broke the protocol.
    Broken(CloseCode),
}

/// The state of one connection's protocol.
#[derive(Debug)]
pub struct Protocol {
    decoder: Decoder,
    limits: ProtocolLimits,
    minute: i64,
    messages: u32,
    heard_at: Timestamp,
    pinged: Pinged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pinged {
    No,
    Since(Timestamp),
}

impl Protocol {
    /// A connection that was opened just now.
    #[must_use]
    pub fn new(limits: ProtocolLimits, now: Timestamp) -> Self {
        Self {
            decoder: Decoder::new(limits.message_bytes),
            limits,
            minute: 0,
            messages: 0,
            heard_at: now,
            pinged: Pinged::No,
        }
    }

    /// The same where this was agreed on in the handshake.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        Self { decoder: Decoder::with_compression(self.limits.message_bytes, compression), ..self }
    }

    /// Takes bytes from the front of `input` up to the next signal; none once all are used up.
    pub fn receive(&mut self, input: &mut &mut [u8], now: Timestamp) -> Option<Signal> {
        // Anything heard proves life: Apple's SDK never answers a ping.
        self.heard_at = now;
        self.pinged = Pinged::No;
        loop {
            let drops = self.drops_messages(now);
            self.decoder.set_inflation(if drops { Inflation::Skipped } else { Inflation::Whole });
            let signal = match self.decoder.decode(input) {
                Ok(None) => return None,
                Ok(Some(Event::Text(text))) => Some(self.message(&text, now)),
                Ok(Some(Event::Binary(_))) => Some(Signal::Broken(CloseCode::Unsupported)),
                Ok(Some(Event::Ping(payload))) => Some(answer(&payload)),
                Ok(Some(Event::Pong(_))) => None,
                Ok(Some(Event::Close(closing))) => return Some(Signal::Closed(closing)),
                Err(error) => return Some(Signal::Broken(code_of(error))),
            };
            if signal.is_some() {
                return signal;
            }
        }
    }

    fn message(&mut self, text: &str, now: Timestamp) -> Signal {
        if self.is_one_too_many(now) {
            return Signal::TooMany;
        }
        match parse(text) {
            Ok(incoming) => Signal::Message(incoming),
            Err(invalid) => Signal::Invalid(invalid),
        }
    }

    fn is_one_too_many(&mut self, now: Timestamp) -> bool {
        let drops = self.drops_messages(now);
        self.messages = self.messages.saturating_add(1);
        drops
    }

    /// Whether the next message of this minute would be one too many.
    fn drops_messages(&mut self, now: Timestamp) -> bool {
        let minute = now.millis().div_euclid(MINUTE_MS);
        if minute != self.minute {
            (self.minute, self.messages) = (minute, 0);
        }
        self.limits.messages_per_minute > 0 && self.messages >= self.limits.messages_per_minute
    }

    /// When the connection was last heard of.
    #[must_use]
    pub fn heard_at(&self) -> Timestamp {
        self.heard_at
    }

    /// When [`Protocol::tick`] has to be called next.
    #[must_use]
    pub fn next_tick(&self) -> Timestamp {
        match self.pinged {
            Pinged::No => self.heard_at.plus(SILENCE_BEFORE_PING),
            Pinged::Since(at) => at.plus(SILENCE_BEFORE_PING),
        }
    }

    /// After a silence: the bytes of a ping. Whether it is answered does not matter: a peer that is gone makes
    /// the transport fail.
    pub fn tick(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        if now < self.next_tick() {
            return None;
        }
        self.pinged = Pinged::Since(now);
        let mut ping = Vec::new();
        encode::write_ping(&mut ping, b"");
        Some(ping)
    }
}

fn answer(payload: &[u8]) -> Signal {
    let mut pong = Vec::new();
    encode::write_pong(&mut pong, payload);
    Signal::Answer(pong)
}

fn code_of(error: FrameError) -> CloseCode {
    match error.close_code().get() {
        1009 => CloseCode::TooBig,
        1007 => CloseCode::NotUtf8,
        _ => CloseCode::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::deflate::Window;

    const LIMITS: ProtocolLimits = ProtocolLimits { message_bytes: 100, messages_per_minute: 2 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn text_frame(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode::write_text(&mut bytes, &[text.as_bytes()]);
        bytes
    }

    fn signals(protocol: &mut Protocol, mut bytes: Vec<u8>, now: Timestamp) -> Vec<Signal> {
        let mut input = &mut bytes[..];
        std::iter::from_fn(|| protocol.receive(&mut input, now)).collect()
    }

    #[test]
    fn one_message_too_many_is_dropped_until_the_next_minute_of_the_clock() {
        let mut protocol = Protocol::new(LIMITS, at(59));
        let bytes = [text_frame(r#"{"type":"ping"}"#), text_frame("x"), text_frame(r#"{"type":"ping"}"#)].concat();
        let heard = signals(&mut protocol, bytes.clone(), at(59));
        assert_eq!(heard[0], Signal::Message(Incoming::Ping));
        assert!(matches!(heard[1], Signal::Invalid(_)));
        assert_eq!(heard[2], Signal::TooMany);
        assert_eq!(signals(&mut protocol, text_frame(r#"{"type":"ping"}"#), at(60)), [Signal::Message(Incoming::Ping)]);
    }

    #[test]
    fn what_is_one_too_many_is_not_even_inflated() {
        let deflate = Compression::Deflate(Window::FULL);
        let mut protocol = Protocol::new(LIMITS, at(0)).with_compression(deflate);
        // Two messages that are not JSON, then two that cannot be inflated.
        let mut bytes = [text_frame("x"), text_frame("x")].concat();
        for _ in 0..2 {
            bytes.extend([0xc1, 2, 0xff, 0xff]);
        }
        let heard = signals(&mut protocol, bytes.clone(), at(0));
        assert_eq!(heard[2..], [Signal::TooMany, Signal::TooMany]);
        let heard = signals(&mut protocol, bytes[6..].to_vec(), at(60));
        assert_eq!(heard, [Signal::Broken(CloseCode::Protocol)]);
    }

    #[test]
    fn silence_is_met_with_a_ping_and_anything_heard_proves_life() {
        let mut protocol = Protocol::new(LIMITS, at(0));
        assert_eq!(protocol.tick(at(59)), None);
        assert!(protocol.tick(at(60)).is_some());
        assert_eq!(protocol.tick(at(61)), None, "one ping a minute is enough");
        assert_eq!(signals(&mut protocol, text_frame("x"), at(70)).len(), 1);
        assert_eq!(protocol.next_tick(), at(130));
    }

    #[test]
    fn what_breaks_the_protocol_ends_the_connection_with_the_code_that_says_so() {
        let broken = |bytes: &[u8]| signals(&mut Protocol::new(LIMITS, at(0)), bytes.to_vec(), at(0)).remove(0);
        assert_eq!(broken(&[0x82, 1, b'x']), Signal::Broken(CloseCode::Unsupported));
        assert_eq!(broken(&[0x81, 101]), Signal::Broken(CloseCode::TooBig));
        assert_eq!(broken(&[0x81, 1, 0xff]), Signal::Broken(CloseCode::NotUtf8));
        assert_eq!(broken(&[0xc1, 1, b'x']), Signal::Broken(CloseCode::Protocol));
    }
}
