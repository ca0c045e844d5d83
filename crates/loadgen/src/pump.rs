//! Many requests as fast as the server takes them: pipelined over connections that stay open.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;

use crate::clock::Clock;
use crate::connect::connect;
use crate::crowd::latencies;
use crate::http::{expect_success, first_message};
use crate::poller::{Interest, Poller};

const READ_BYTES: usize = 64 << 10;
/// No answer takes longer.
const ANSWER_US: u64 = 20_000_000;
/// Answers between two words about progress.
const TOLD_EVERY: u64 = 4_096;

/// Over how many connections, and how many requests each has under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PumpPlan {
    pub(crate) connections: usize,
    pub(crate) depth: usize,
}

impl PumpPlan {
    /// For filling a server: as many under way as its queues gather well.
    pub(crate) const FILL: Self = Self { connections: 32, depth: 16 };
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Pumped {
    /// Requests answered with 2xx; there are no others.
    pub(crate) answered: u64,
    pub(crate) elapsed_us: u64,
    /// From sending to the answer.
    pub(crate) latency_us: Histogram<u64>,
}

impl Pumped {
    #[expect(clippy::cast_precision_loss, reason = "figures for people; no count comes near 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.answered as f64 * 1e6 / self.elapsed_us.max(1) as f64
    }
}

struct Pipe {
    stream: TcpStream,
    inbox: Vec<u8>,
    unsent: Vec<u8>,
    sent_at_us: VecDeque<u64>,
    watched_for_room: bool,
}

/// The connections.
pub(crate) struct Pump {
    clock: Clock,
    poller: Poller,
    pipes: Vec<Pipe>,
    depth: usize,
    buffer: Vec<u8>,
}

impl Pump {
    /// Connects.
    pub(crate) fn open(address: SocketAddr, plan: PumpPlan, clock: Clock) -> anyhow::Result<Self> {
        let poller = Poller::new(plan.connections)?;
        let mut pipes = Vec::new();
        for index in 0..plan.connections {
            let stream = connect(address, 0)?;
            stream.set_nonblocking(true)?;
            poller.add(&stream, index as u64, Interest::Read)?;
            let (inbox, unsent, sent_at_us) = (Vec::new(), Vec::new(), VecDeque::new());
            pipes.push(Pipe { stream, inbox, unsent, sent_at_us, watched_for_room: false });
        }
        Ok(Self { clock, poller, pipes, depth: plan.depth.max(1), buffer: vec![0; READ_BYTES] })
    }

    /// Sends all of them and waits for the answers; `tell` hears how many there are now and then.
    pub(crate) fn run(
        &mut self,
        requests: impl IntoIterator<Item = Vec<u8>>,
        mut tell: impl FnMut(u64),
    ) -> anyhow::Result<Pumped> {
        let start = self.clock.now_us();
        let mut requests = requests.into_iter().fuse();
        let mut pumped = Pumped { answered: 0, elapsed_us: 0, latency_us: latencies()? };
        let mut under_way = 0;
        for index in 0..self.pipes.len() {
            under_way += self.fill(index, &mut requests)?;
        }
        let mut told = 0;
        while under_way > 0 {
            let ready = self.poller.wait(Some(ANSWER_US))?.to_vec();
            ensure!(!ready.is_empty(), "{under_way} requests got no answer in time");
            for one in ready {
                let index = usize::try_from(one.token)?;
                under_way -= self.read(index, &mut pumped)?;
                under_way += self.fill(index, &mut requests)?;
            }
            if pumped.answered >= told + TOLD_EVERY {
                told = pumped.answered;
                tell(told);
            }
        }
        pumped.elapsed_us = self.clock.now_us() - start;
        Ok(pumped)
    }

    /// Refills a pipe that is half empty, in one send; answers how many requests went into it.
    fn fill(&mut self, index: usize, requests: &mut impl Iterator<Item = Vec<u8>>) -> anyhow::Result<usize> {
        let pipe = &mut self.pipes[index];
        let mut added = 0;
        if pipe.sent_at_us.len() <= self.depth / 2 {
            let now = self.clock.now_us();
            for request in requests.take(self.depth - pipe.sent_at_us.len()) {
                pipe.unsent.extend_from_slice(&request);
                pipe.sent_at_us.push_back(now);
                added += 1;
            }
        }
        if !pipe.unsent.is_empty() {
            match pipe.stream.write(&pipe.unsent) {
                Ok(count) => drop(pipe.unsent.drain(..count)),
                Err(error) if is_transient(error.kind()) => {}
                Err(error) => return Err(error).context("the server closed a connection"),
            }
        }
        let wants_room = !pipe.unsent.is_empty();
        if wants_room != pipe.watched_for_room {
            let interest = if wants_room { Interest::ReadWrite } else { Interest::Read };
            self.poller.change(&pipe.stream, index as u64, interest)?;
            pipe.watched_for_room = wants_room;
        }
        Ok(added)
    }

    fn read(&mut self, index: usize, pumped: &mut Pumped) -> anyhow::Result<usize> {
        let pipe = &mut self.pipes[index];
        match pipe.stream.read(&mut self.buffer) {
            Ok(0) => anyhow::bail!("the server closed a connection"),
            Ok(count) => pipe.inbox.extend_from_slice(&self.buffer[..count]),
            Err(error) if is_transient(error.kind()) => return Ok(0),
            Err(error) => return Err(error).context("the server closed a connection"),
        }
        let now = self.clock.now_us();
        let (mut used, mut answers) = (0, 0);
        while let Some(message) = first_message(&pipe.inbox[used..])? {
            expect_success(&message)?;
            used += message.message_bytes;
            let sent_at = pipe.sent_at_us.pop_front().context("an answer nobody asked for")?;
            pumped.latency_us.saturating_record(now - sent_at);
            answers += 1;
        }
        pipe.inbox.drain(..used);
        pumped.answered += answers as u64;
        Ok(answers)
    }
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
