//! The subscribers: opened one by one, then read by the engine's loop.

mod handshake;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use socket2::SockRef;

use crate::clock::Clock;
use crate::frames::{FrameCounter, FrameKind, client_text, first_frame};
use crate::poller::{Interest, Poller};
use crate::stamp;

pub(crate) use handshake::{Handshake, Seat, first_event, room_row, subscribe_row};

/// One subscriber in so many looks into its frames for the time of the write.
const SAMPLED_ONE_IN: usize = 20;
const READ_BYTES: usize = 128 << 10;
/// Latencies are kept with three significant figures, up to two minutes: no measurement with its
/// drain is longer.
const LATENCY_FIGURES: u8 = 3;
const LATENCY_US_MAX: u64 = 120_000_000;

/// What arrived during a measurement.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Messages of all subscribers.
    pub(crate) deliveries: u64,
    /// When the last of them came.
    pub(crate) last_delivery_us: u64,
    /// From the planned moment of the write to the read, in microseconds, of sampled subscribers.
    pub(crate) latency_us: Histogram<u64>,
}

impl Tally {
    /// Nothing yet.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self { deliveries: 0, last_delivery_us: 0, latency_us: latencies()? })
    }
}

/// A histogram for microseconds.
pub(crate) fn latencies() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LATENCY_US_MAX, LATENCY_FIGURES)?)
}

enum Reader {
    Counting(FrameCounter),
    Sampling(Vec<u8>),
}

struct Subscriber {
    stream: Option<TcpStream>,
    reader: Reader,
}

/// Subscribed sockets of one target.
pub(crate) struct Crowd {
    subscribers: Vec<Subscriber>,
    closed: usize,
    buffer: Vec<u8>,
    samples: bool,
    /// What the kernel is asked to keep for each at most, which `net.core.rmem_max` bounds; none: as it likes.
    receive_buffer_bytes: Option<usize>,
}

impl Crowd {
    /// A crowd of nobody.
    pub(crate) fn new() -> Self {
        Self {
            subscribers: Vec::new(),
            closed: 0,
            buffer: vec![0; READ_BYTES],
            samples: true,
            receive_buffer_bytes: None,
        }
    }

    /// A crowd that only counts, and for each of which the kernel keeps so many bytes: for where thousands get much at
    /// once. Buffers that grow use up what the kernel has for all connections; then it drops what is on its way, and
    /// whoever sent it waits for a timer.
    pub(crate) fn counting(receive_buffer_bytes: usize) -> Self {
        Self { samples: false, receive_buffer_bytes: Some(receive_buffer_bytes), ..Self::new() }
    }

    /// Opens one more subscriber and hands its socket to the poller, under its number.
    pub(crate) fn join(
        &mut self,
        address: SocketAddr,
        project: &str,
        seat: &Seat,
        poller: &Poller,
    ) -> anyhow::Result<()> {
        self.take(Handshake::seated(address, self.subscribers.len(), project, seat)?, poller)
    }

    /// Takes a socket that is open, and hands it to the poller under the next number.
    pub(crate) fn take(&mut self, handshake: Handshake, poller: &Poller) -> anyhow::Result<()> {
        let number = self.subscribers.len();
        let (stream, early) = handshake.into_parts();
        ensure!(early.is_empty(), "an event came before the first write: {}", String::from_utf8_lossy(&early));
        stream.set_nonblocking(true)?;
        if let Some(bytes) = self.receive_buffer_bytes {
            SockRef::from(&stream).set_recv_buffer_size(bytes)?;
        }
        poller.add(&stream, number as u64, Interest::Read)?;
        let reader = match number % SAMPLED_ONE_IN {
            0 if self.samples => Reader::Sampling(Vec::new()),
            _ => Reader::Counting(FrameCounter::default()),
        };
        self.subscribers.push(Subscriber { stream: Some(stream), reader });
        Ok(())
    }

    /// Writes a whole frame to a socket with nothing under way.
    pub(crate) fn write(&mut self, number: usize, frame: &[u8]) -> anyhow::Result<()> {
        let stream = self.subscribers.get_mut(number).and_then(|one| one.stream.as_mut());
        let sent = stream.context("a socket was closed")?.write(frame).context("a socket was closed")?;
        ensure!(sent == frame.len(), "a socket with nothing under way takes a frame as a whole");
        Ok(())
    }

    /// How many subscribers were opened.
    pub(crate) fn len(&self) -> usize {
        self.subscribers.len()
    }

    /// How many of them the target has closed since.
    pub(crate) fn closed(&self) -> usize {
        self.closed
    }

    /// Reads once from a subscriber that is ready.
    pub(crate) fn read(&mut self, number: usize, clock: Clock, tally: &mut Tally) -> anyhow::Result<()> {
        let subscriber = self.subscribers.get_mut(number).context("the poller names a subscriber that was opened")?;
        let Some(stream) = &mut subscriber.stream else { return Ok(()) };
        let count = match stream.read(&mut self.buffer) {
            Ok(count) if count > 0 => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(()),
            // The server closed it: the measurement goes on, and the report says how many are missing.
            Ok(_) | Err(_) => {
                subscriber.stream = None;
                self.closed += 1;
                return Ok(());
            }
        };
        let bytes = &self.buffer[..count];
        let now = clock.now_us();
        let deliveries = match &mut subscriber.reader {
            Reader::Counting(counter) => counter.feed(bytes).messages,
            Reader::Sampling(inbox) => {
                inbox.extend_from_slice(bytes);
                sample(inbox, now, &mut tally.latency_us)
            }
        };
        if deliveries > 0 {
            tally.deliveries += deliveries;
            tally.last_delivery_us = now;
        }
        Ok(())
    }

    /// Lets every subscriber send the ping that the SDKs send, so that none counts as dead.
    pub(crate) fn ping(&mut self) -> anyhow::Result<()> {
        let ping = client_text(r#"{"type":"ping"}"#);
        for stream in self.subscribers.iter_mut().filter_map(|subscriber| subscriber.stream.as_mut()) {
            let sent = stream.write(&ping).context("a subscriber cannot send a ping")?;
            ensure!(sent == ping.len(), "a socket with nothing under way takes a ping as a whole");
        }
        Ok(())
    }
}

/// Takes the whole frames out of the inbox and counts those that are messages.
fn sample(inbox: &mut Vec<u8>, now_us: u64, latency_us: &mut Histogram<u64>) -> u64 {
    let mut messages = 0;
    let mut used = 0;
    while let Some(frame) = first_frame(&inbox[used..]) {
        used += frame.frame_bytes;
        if frame.kind == FrameKind::Message {
            messages += 1;
            if let Some(moment_us) = stamp::read(&frame.payload) {
                latency_us.saturating_record(now_us.saturating_sub(moment_us));
            }
        }
    }
    inbox.drain(..used);
    messages
}

#[cfg(test)]
mod tests {
    use super::{Tally, sample};
    use crate::frames::server_text;

    #[test]
    fn a_latency_of_seconds_is_kept() {
        let mut tally = Tally::new().expect("three figures are allowed");
        let mut inbox = server_text(br#"{"status":"t=0000000000000000"}"#);
        sample(&mut inbox, 9_000_000, &mut tally.latency_us);
        assert!(tally.latency_us.equivalent(tally.latency_us.max(), 9_000_000));
    }

    #[test]
    fn a_sampled_subscriber_counts_every_message_and_times_those_with_a_stamp() {
        let mut tally = Tally::new().expect("three figures are allowed");
        let mut inbox = server_text(br#"{"type":"pong"}"#);
        inbox.extend(server_text(br#"{"status":"t=0000000000000100"}"#));
        inbox.extend([0x81]);
        assert_eq!(sample(&mut inbox, 350, &mut tally.latency_us), 2);
        assert_eq!((tally.latency_us.len(), tally.latency_us.max()), (1, 250));
        assert_eq!(inbox, [0x81], "the beginning of the next frame is kept");
    }
}
