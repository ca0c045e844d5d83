//! How an outbox reaches its client: what frames look like, and where bytes go.

use std::io;

use herenow_wire::{close::CloseCode, realtime::EventFrame};

use crate::{
    Position,
    frame::{Compression, encode},
    outbox::{Reach, SharedEvent},
};

/// One client's side of an outbox. Its methods are called under the outbox's lock and must not block.
pub trait Transport: Send + Sync {
    /// Writes what fits without waiting.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing fits now; anything else ends the client.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Tells the connection's task that the outbox is blocked, closed or broken: it has to look.
    fn wake(&self);

    /// What was agreed on with the client.
    fn compression(&self) -> Compression {
        Compression::None
    }

    /// Whether [`Transport::frame_event`] gives one WebSocket frame that ends with the ids and [`EventFrame::TAIL`], and
    /// differs between all clients of which this is true in those ids alone.
    fn frames_alike(&self) -> bool {
        false
    }

    /// Appends an event. Only events are deflated, once for all who get them: a compression costs more than sending
    /// what it saves, so what goes to one client alone, such as a snapshot, travels as it is.
    fn frame_event(&self, out: &mut Vec<u8>, event: &SharedEvent, reach: &Reach) {
        let rest = [reach.quoted.as_bytes(), EventFrame::TAIL.as_bytes()];
        if let Compression::Deflate(window) = self.compression()
            && let Some(deflated) = event.deflated()
            && deflated.takes(rest[0].len() + rest[1].len(), window)
        {
            return deflated.write_text(out, rest);
        }
        self.frame_text(out, &[event.frame.head.as_bytes(), rest[0], rest[1]], event.position.as_ref());
    }

    /// Appends one message made of `parts`. With `position` everything up to it has been told; sockets find that in
    /// the message.
    fn frame_text(&self, out: &mut Vec<u8>, parts: &[&[u8]], _position: Option<&Position>) {
        encode::write_text(out, parts);
    }

    /// Appends that everything up to `position` has been told, where the client is told that apart from messages.
    fn frame_position(&self, _out: &mut Vec<u8>, _position: &Position) {}

    /// Appends what tells the client that this is the end.
    fn frame_close(&self, out: &mut Vec<u8>, code: CloseCode) {
        encode::write_close(out, code.into(), code.reason());
    }
}

impl From<CloseCode> for crate::frame::CloseCode {
    fn from(code: CloseCode) -> Self {
        Self::new(code.code()).expect("the server's own close codes may be sent")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use herenow_core::PresenceId;
    use herenow_wire::realtime::quoted_ids;
    use parking_lot::Mutex;
    use serde_json::Value;

    use super::*;
    use crate::frame::{
        Decoder, Event,
        deflate::{Window, compressions},
    };
    use crate::outbox::{Flushed, Outbox, Scratch};

    /// A client that takes everything.
    #[derive(Clone)]
    struct Client {
        compression: Compression,
        bytes: Arc<Mutex<Vec<u8>>>,
    }

    impl Client {
        fn new(compression: Compression) -> Self {
            Self { compression, bytes: Arc::default() }
        }

        fn outbox(&self) -> Outbox {
            Outbox::new(Box::new(self.clone()), 64 * 1024)
        }

        /// The first byte of all that came, and the messages.
        fn received(&self) -> (u8, Vec<Value>) {
            let mut bytes = self.bytes.lock().clone();
            let first = bytes[0];
            let (mut input, mut messages) = (&mut bytes[..], Vec::new());
            let mut decoder = Decoder::with_compression(usize::MAX, self.compression);
            while let Some(event) = decoder.decode(&mut input).expect("the server frames correctly") {
                let Event::Text(text) = event else { panic!("only text is sent") };
                messages.push(serde_json::from_str(&text).expect("JSON"));
            }
            (first, messages)
        }
    }

    impl Transport for Client {
        fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn wake(&self) {}

        fn compression(&self) -> Compression {
            self.compression
        }
    }

    fn event(padding: usize) -> Arc<SharedEvent> {
        let key = (PresenceId::parse("a").expect("an id"), 1);
        let pad = "online ".repeat(padding / 7);
        Arc::new(SharedEvent::new(key, EventFrame { head: format!(r#"{{"pad":"{pad}","end":{{"subscriptions":["#) }))
    }

    fn reach(id: &str) -> Arc<Reach> {
        Arc::new(Reach { subscriptions: [1].into_iter().collect(), quoted: quoted_ids([id].into_iter()) })
    }

    /// Sends `event` to one client for each of these, and tells what they received.
    fn sent(event: &Arc<SharedEvent>, agreed: &[Compression]) -> Vec<(u8, Value)> {
        let clients = agreed.iter().enumerate().map(|(number, compression)| {
            let client = Client::new(*compression);
            let outbox = client.outbox();
            outbox.push_event(event, reach(&format!("s{number}")));
            assert_eq!(outbox.flush(&mut Scratch::new()), Flushed::Done);
            let (first, mut messages) = client.received();
            let message = messages.remove(0);
            assert_eq!(message["end"]["subscriptions"], serde_json::json!([format!("s{number}")]));
            (first, message["pad"].clone())
        });
        clients.collect()
    }

    const DEFLATE: Compression = Compression::Deflate(Window::FULL);

    #[test]
    fn an_event_is_compressed_once_for_all_who_agreed_to_it() {
        let (event, before) = (event(700), compressions());
        let received = sent(&event, &[DEFLATE, Compression::None, DEFLATE, DEFLATE]);
        assert_eq!(compressions() - before, 1);
        assert_eq!(received.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [0xc1, 0x81, 0xc1, 0xc1]);
        assert!(received.iter().all(|(_, pad)| *pad == received[1].1), "all read the same");
    }

    #[test]
    fn an_event_that_nobody_gets_deflated_is_not_compressed() {
        let before = compressions();
        sent(&event(700), &[Compression::None, Compression::None]);
        assert_eq!(compressions(), before);
    }

    #[test]
    fn a_small_event_travels_as_it_is() {
        let before = compressions();
        assert_eq!(sent(&event(30), &[DEFLATE])[0].0, 0x81);
        assert_eq!(compressions(), before);
    }

    #[test]
    fn only_events_are_deflated() {
        let client = Client::new(DEFLATE);
        let (outbox, before) = (client.outbox(), compressions());
        outbox.push_text(format!("\"{}\"", "x".repeat(5000)));
        assert_eq!(outbox.flush(&mut Scratch::new()), Flushed::Done);
        assert_eq!(client.received().0, 0x81);
        outbox.close(CloseCode::ServiceRestart);
        assert_eq!(outbox.flush(&mut Scratch::new()), Flushed::Ended);
        assert_eq!(compressions(), before);
        let frame = &client.bytes.lock()[5004 + 2..];
        assert_eq!(frame[0], 0x88, "a control frame is never deflated");
    }
}
