//! What arrives on a socket: whole messages with the frames they came in, control frames, ends.

use std::str;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::{Finality, Frame, Opcode};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A text message, valid UTF-8 as a whole.
    Text(Message),
    /// A binary message.
    Binary(Message),
    /// A ping control frame.
    Ping(Bytes),
    /// A pong control frame.
    Pong(Bytes),
    /// A close frame.
    Close(Close),
    /// The end of the TCP connection.
    End(Ending),
}

/// How a TCP connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a FIN.
    Orderly,
    /// With a reset.
    Reset,
}

/// A close frame's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The code; `None` where the frame was empty.
    pub code: Option<u16>,
    /// The reason, mostly empty.
    pub reason: String,
}

/// A data message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The payloads of all its frames, joined.
    pub payload: Bytes,
    /// The payload size of each frame it came in.
    pub frame_bytes: Vec<usize>,
}

impl Message {
    /// The payload as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.payload)
            .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&self.payload)))
    }

    /// Checks what the strictest SDK (Apple) asks of text: no frame over `max_bytes`, each frame UTF-8 by itself.
    ///
    /// # Errors
    /// When a frame breaks the rule.
    pub fn check_frames(&self, max_bytes: usize) -> Result<()> {
        let mut rest = &self.payload[..];
        for (index, &size) in self.frame_bytes.iter().enumerate() {
            ensure!(size <= max_bytes, "frame {index} has {size} bytes, more than {max_bytes}");
            let (frame, after) = rest.split_at(size);
            str::from_utf8(frame).with_context(|| format!("frame {index} is cut within a character"))?;
            rest = after;
        }
        Ok(())
    }
}

/// Joins frames into messages.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    open: Option<Part>,
}

#[derive(Debug)]
struct Part {
    opcode: Opcode,
    payload: BytesMut,
    frame_bytes: Vec<usize>,
}

impl Assembly {
    /// Adds the next frame; returns what it completes.
    pub(super) fn add(&mut self, frame: Frame) -> Result<Option<Received>> {
        let mut part = match (frame.opcode, self.open.take()) {
            (Opcode::Text | Opcode::Binary, None) => {
                Part { opcode: frame.opcode, payload: BytesMut::new(), frame_bytes: Vec::new() }
            }
            (Opcode::Continuation, Some(part)) => part,
            (Opcode::Close | Opcode::Ping | Opcode::Pong, open) => {
                self.open = open;
                return control(&frame).map(Some);
            }
            (opcode, open) => bail!("a {opcode:?} frame where a message is open: {}", open.is_some()),
        };
        part.payload.extend_from_slice(&frame.payload);
        part.frame_bytes.push(frame.payload.len());
        if frame.finality == Finality::More {
            self.open = Some(part);
            return Ok(None);
        }
        let message = Message { payload: part.payload.freeze(), frame_bytes: part.frame_bytes };
        if part.opcode == Opcode::Binary {
            return Ok(Some(Received::Binary(message)));
        }
        str::from_utf8(&message.payload).context("a text message is UTF-8")?;
        Ok(Some(Received::Text(message)))
    }
}

fn control(frame: &Frame) -> Result<Received> {
    ensure!(frame.finality == Finality::Last && frame.payload.len() <= 125, "a control frame that is long or in parts");
    Ok(match frame.opcode {
        Opcode::Ping => Received::Ping(frame.payload.clone()),
        Opcode::Pong => Received::Pong(frame.payload.clone()),
        _ => Received::Close(close(&frame.payload)?),
    })
}

fn close(payload: &[u8]) -> Result<Close> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        ensure!(payload.is_empty(), "a close frame with half a code");
        return Ok(Close { code: None, reason: String::new() });
    };
    let reason = str::from_utf8(reason).context("a close reason is UTF-8")?.to_owned();
    Ok(Close { code: Some(u16::from_be_bytes(*code)), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(opcode: Opcode, payload: &'static [u8]) -> Frame {
        Frame { finality: Finality::More, ..Frame::new(opcode, payload) }
    }

    #[test]
    fn parts_join_around_a_control_frame() {
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(part(Opcode::Text, b"{\"a\"")).expect("a part"), None);
        let ping = assembly.add(Frame::new(Opcode::Ping, "?")).expect("a ping");
        assert_eq!(ping, Some(Received::Ping(Bytes::from("?"))));
        let whole = assembly.add(Frame::new(Opcode::Continuation, ":1}")).expect("the last part");
        let Some(Received::Text(message)) = whole else { panic!("a text message, not {whole:?}") };
        assert_eq!(message.frame_bytes, [4, 3]);
        assert_eq!(message.json().expect("JSON"), serde_json::json!({"a": 1}));
    }

    #[test]
    fn frames_out_of_order_are_an_error() {
        Assembly::default().add(Frame::new(Opcode::Continuation, "x")).expect_err("nothing to continue");
        let mut assembly = Assembly::default();
        assembly.add(part(Opcode::Text, b"x")).expect("a part");
        assembly.add(Frame::new(Opcode::Text, "y")).expect_err("the first message is not complete");
        Assembly::default().add(Frame::new(Opcode::Reserved(3), "x")).expect_err("an unknown opcode");
        Assembly::default().add(Frame::new(Opcode::Text, &[0xff][..])).expect_err("no UTF-8");
    }

    #[test]
    fn a_close_frame_shows_code_and_reason() {
        assert_eq!(close(b"\x03\xf4restart").expect("a close"), Close { code: Some(1012), reason: "restart".into() });
        assert_eq!(close(b"").expect("a close").code, None);
        close(b"\x03").expect_err("half a code");
    }

    #[test]
    fn frames_are_checked_for_size_and_character_boundaries() {
        let message = |frame_bytes: &[usize]| Message { payload: "aä".into(), frame_bytes: frame_bytes.to_vec() };
        message(&[1, 2]).check_frames(2).expect("cut between characters");
        message(&[3]).check_frames(2).expect_err("too long");
        message(&[2, 1]).check_frames(2).expect_err("cut within a character");
    }
}
