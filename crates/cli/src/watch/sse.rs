//! From the bytes of an event stream to its events, bounded in what it keeps. Knows nothing of the network.

use anyhow::{Result, bail};
use serde_json::Value;

/// Longest event, in bytes: a presence has 64 KiB of metadata, and room to spare.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// What is left of the stream, and where it stands.
#[derive(Debug, Default)]
pub(super) struct Parser {
    unread: Vec<u8>,
    /// So many bytes of `unread` hold no end.
    searched: usize,
    /// The last id: what a client comes back with.
    pub(super) last_id: Option<String>,
}

impl Parser {
    /// Takes some bytes; gives the messages that are whole.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Value>> {
        self.unread.extend_from_slice(bytes);
        let (mut messages, mut start) = (Vec::new(), 0);
        while let Some(end) = self.unread[self.searched..].windows(2).position(|two| two == b"\n\n") {
            let end = self.searched + end;
            messages.extend(block(&self.unread[start..end], &mut self.last_id)?);
            start = end + 2;
            self.searched = start;
        }
        self.unread.drain(..start);
        self.searched = self.unread.len().saturating_sub(1);
        if self.unread.len() > MAX_EVENT_BYTES {
            bail!("an event of more than {MAX_EVENT_BYTES} bytes");
        }
        Ok(messages)
    }

    /// Forgets half an event: the connection is lost.
    pub(super) fn restart(&mut self) {
        self.unread.clear();
        self.searched = 0;
    }
}

fn block(bytes: &[u8], last_id: &mut Option<String>) -> Result<Option<Value>> {
    let mut message = None;
    for line in std::str::from_utf8(bytes)?.lines() {
        if let Some(id) = line.strip_prefix("id: ") {
            *last_id = Some(id.to_owned());
        } else if let Some(data) = line.strip_prefix("data: ") {
            message = Some(serde_json::from_str(data)?);
        }
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_however_the_bytes_come() {
        let text = "retry: 1\n\n:\n\nid: e.1\ndata: {\"a\":1}\n\nid: e.2\n\ndata: 2\n\ndata: 3";
        for size in [1, 2, 5, 100] {
            let mut parser = Parser::default();
            let mut all = Vec::new();
            for some in text.as_bytes().chunks(size) {
                all.extend(parser.take(some).expect("a stream"));
            }
            assert_eq!(all, [serde_json::json!({"a": 1}), serde_json::json!(2)], "{size}");
            assert_eq!(parser.last_id.as_deref(), Some("e.2"));
            parser.restart();
            assert_eq!(parser.take(b"data: 4\n\n").expect("a stream"), [serde_json::json!(4)]);
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        assert!(Parser::default().take(&vec![b'x'; MAX_EVENT_BYTES + 1]).is_err());
    }
}
