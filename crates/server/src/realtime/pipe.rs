//! From an outbox to the body of a response: a bounded hand-over that neither side waits in. What the body has given
//! away counts until the kernel has taken it, so that nothing piles up in between. Knows nothing of what it carries.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::body::HttpBody;
use bytes::Bytes;
use herenow_hub::{Position, event_stream, transport::Transport};
use herenow_wire::close::CloseCode;
use hyper::body::Frame;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// So many bytes are on their way to the kernel at most.
const ROOM_BYTES: usize = 64 * 1024;

/// The hand-over of one stream.
pub(super) struct Pipe {
    state: Mutex<State>,
    /// Tells the stream's task to look.
    bell: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Bytes>,
    on_the_way_bytes: usize,
    refused: bool,
    end: Option<PipeEnd>,
    gone: bool,
    taker: Option<Waker>,
}

/// How the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PipeEnd {
    /// Behind what waits.
    Orderly,
    /// At once, and the connection with it.
    Cut,
}

impl Pipe {
    /// A pipe, and the body that comes out of it.
    pub(super) fn new() -> (Arc<Self>, PipeBody) {
        let pipe = Arc::new(Self { state: Mutex::default(), bell: Notify::new() });
        (pipe.clone(), PipeBody(pipe))
    }

    /// Completes when there is something to look at: room, a word of the outbox, or the end.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Whether nobody takes anything any more.
    pub(super) fn is_gone(&self) -> bool {
        self.state.lock().gone
    }

    /// Whether all has been taken.
    pub(super) fn is_drained(&self) -> bool {
        self.state.lock().on_the_way_bytes == 0
    }

    /// Ends the body.
    pub(super) fn end(&self, end: PipeEnd) {
        let mut state = self.state.lock();
        state.end = Some(end);
        let taker = state.taker.take();
        drop(state);
        taker.into_iter().for_each(Waker::wake);
    }

    fn put(self: &Arc<Self>, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state.lock();
        if state.gone || state.end.is_some() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(ROOM_BYTES - state.on_the_way_bytes);
        if count == 0 {
            state.refused = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.on_the_way_bytes += count;
        state.waiting.push_back(Bytes::from_owner(Chunk { bytes: bytes[..count].into(), pipe: self.clone() }));
        let taker = state.taker.take();
        drop(state);
        taker.into_iter().for_each(Waker::wake);
        Ok(count)
    }

    fn taken(&self, count: usize) {
        let mut state = self.state.lock();
        state.on_the_way_bytes -= count;
        if std::mem::take(&mut state.refused) || state.end.is_some() {
            self.bell.notify_one();
        }
    }
}

/// Some bytes on their way; they are there when this is dropped.
struct Chunk {
    bytes: Box<[u8]>,
    pipe: Arc<Pipe>,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.pipe.taken(self.bytes.len());
    }
}

/// The body of the response.
pub(super) struct PipeBody(Arc<Pipe>);

impl HttpBody for PipeBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let mut state = self.0.state.lock();
        if state.end == Some(PipeEnd::Cut) {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
        }
        if let Some(bytes) = state.waiting.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if state.end.is_some() {
            return Poll::Ready(None);
        }
        state.taker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for PipeBody {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.gone = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        // Each of them takes the lock.
        drop(waiting);
        self.0.bell.notify_one();
    }
}

/// A stream as its outbox sees it.
pub(super) struct StreamTransport(pub(super) Arc<Pipe>);

impl Transport for StreamTransport {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.put(bytes)
    }

    fn wake(&self) {
        self.0.bell.notify_one();
    }

    fn frame_text(&self, out: &mut Vec<u8>, parts: &[&[u8]], position: Option<&Position>) {
        event_stream::write_message(out, parts, position);
    }

    fn frame_position(&self, out: &mut Vec<u8>, position: &Position) {
        event_stream::write_position(out, position);
    }

    fn frame_close(&self, out: &mut Vec<u8>, code: CloseCode) {
        event_stream::write_end(out, code);
    }
}

#[cfg(test)]
mod tests {
    use herenow_hub::outbox::{Flushed, Outbox, Scratch};

    use super::*;

    fn take(body: &mut PipeBody) -> Poll<Option<io::Result<Bytes>>> {
        let mut context = Context::from_waker(Waker::noop());
        let frame = |frame: Frame<Bytes>| frame.into_data().expect("data");
        Pin::new(body).poll_frame(&mut context).map(|next| next.map(|next| next.map(frame)))
    }

    fn taken(body: &mut PipeBody) -> Bytes {
        match take(body) {
            Poll::Ready(Some(Ok(bytes))) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_on_its_way_is_bounded_until_it_has_arrived() {
        let (pipe, mut body) = Pipe::new();
        assert_eq!(pipe.put(&vec![b'x'; ROOM_BYTES + 1]).expect("room"), ROOM_BYTES);
        let refused = |pipe: &Arc<Pipe>| pipe.put(b"y").expect_err("no room").kind();
        assert_eq!(refused(&pipe), io::ErrorKind::WouldBlock);
        let first = taken(&mut body);
        assert_eq!((first.len(), refused(&pipe)), (ROOM_BYTES, io::ErrorKind::WouldBlock), "it is still on its way");
        drop(first);
        assert!(pipe.is_drained());
        assert_eq!(pipe.put(b"y").expect("room"), 1);
    }

    #[test]
    fn an_orderly_end_comes_behind_what_waits_and_a_cut_at_once() {
        let (pipe, mut body) = Pipe::new();
        pipe.put(b"last").expect("room");
        pipe.end(PipeEnd::Orderly);
        assert_eq!(pipe.put(b"late").expect_err("it has ended").kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(&taken(&mut body)[..], b"last");
        assert!(matches!(take(&mut body), Poll::Ready(None)));
        let (pipe, mut body) = Pipe::new();
        pipe.put(b"lost").expect("room");
        pipe.end(PipeEnd::Cut);
        assert!(matches!(take(&mut body), Poll::Ready(Some(Err(_)))));
    }

    #[test]
    fn a_client_that_is_gone_ends_the_outbox() {
        let (pipe, body) = Pipe::new();
        let outbox = Outbox::new(Box::new(StreamTransport(pipe.clone())), 1000);
        outbox.push_text("\"a\"".to_owned());
        assert_eq!(outbox.flush(&mut Scratch::new()), Flushed::Done);
        assert!(!pipe.is_drained());
        drop(body);
        assert!(pipe.is_gone() && pipe.is_drained());
        outbox.push_text("\"b\"".to_owned());
        assert_eq!(outbox.flush(&mut Scratch::new()), Flushed::Ended);
    }
}
