//! Server-sent events as text: how the messages of a socket look on a stream. Knows neither HTTP nor who listens.
//!
//! Source: the HTML standard, "Server-sent events", parsing an event stream.

use std::io::Write;

use herenow_wire::{close::CloseCode, realtime};

use crate::Position;

/// What says that nothing has happened and the stream is alive.
pub const HEARTBEAT: &[u8] = b":\n\n";

/// Appends one message made of `parts`, which together are JSON. Where `position` is given, a client that comes back
/// with it has missed nothing that came before.
pub fn write_message(out: &mut Vec<u8>, parts: &[&[u8]], position: Option<&Position>) {
    if let Some(position) = position {
        write_id(out, position);
    }
    out.extend_from_slice(b"data: ");
    for part in parts {
        let start = out.len();
        out.extend_from_slice(part);
        // A line ends the data. In JSON, lines can only end between tokens, where a space means the same.
        for byte in &mut out[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    out.extend_from_slice(b"\n\n");
}

/// Appends a position alone: clients note it and are told nothing.
pub fn write_position(out: &mut Vec<u8>, position: &Position) {
    write_id(out, position);
    out.push(b'\n');
}

/// Appends why the stream ends, as the error that a socket would be told before it is closed.
pub fn write_end(out: &mut Vec<u8>, code: CloseCode) {
    write_message(out, &[realtime::error(code.code(), code.reason()).as_bytes()], None);
}

/// After how many milliseconds clients shall come back.
#[must_use]
pub fn retry(after_ms: u64) -> Vec<u8> {
    format!("retry: {after_ms}\n\n").into_bytes()
}

/// An epoch is a generated id: no line ends in it.
fn write_id(out: &mut Vec<u8>, position: &Position) {
    writeln!(out, "id: {}.{}", position.epoch, position.seq).expect("writing to memory succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = b"x".to_vec();
        write(&mut out);
        String::from_utf8(out).expect("text").split_off(1)
    }

    #[test]
    fn a_message_is_one_line_of_data_whatever_lines_its_json_has() {
        let position = Position { epoch: "e".into(), seq: 7 };
        let parts: [&[u8]; 2] = [b"{\"a\":\r\n1", b",\n\"b\":2}"];
        assert_eq!(text(|out| write_message(out, &parts, Some(&position))), "id: e.7\ndata: {\"a\":  1, \"b\":2}\n\n");
        assert_eq!(text(|out| write_message(out, &parts[..1], None)), "data: {\"a\":  1\n\n");
    }

    #[test]
    fn what_is_no_message_dispatches_nothing() {
        let position = Position { epoch: "e".into(), seq: 7 };
        assert_eq!(text(|out| write_position(out, &position)), "id: e.7\n\n");
        assert_eq!(retry(1500), b"retry: 1500\n\n");
        assert!(HEARTBEAT.starts_with(b":") && HEARTBEAT.ends_with(b"\n\n"));
    }

    #[test]
    fn the_end_says_why() {
        let end = text(|out| write_end(out, CloseCode::ServiceRestart));
        let json: serde_json::Value =
            serde_json::from_str(end.trim().strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!((&json["type"], &json["data"]["code"]), (&"error".into(), &1012.into()));
    }
}
