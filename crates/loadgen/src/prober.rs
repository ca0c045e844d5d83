//! Requests at a fixed rate beside something else: do they notice it?

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;

use crate::connect::connect;
use crate::crowd::latencies;
use crate::http::{expect_success, first_message};
use crate::pace::{Pace, Rate};
use crate::poller::{Interest, Poller};

/// Where the tokens of its connections usually begin.
pub(crate) const PROBER_TOKENS: u64 = 1 << 33;

/// What a prober is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProberPlan {
    /// At full speed, each connection sends again when it was answered.
    pub(crate) rate: Rate,
    /// When the first request is due.
    pub(crate) start_us: u64,
    /// What is due while all of them wait keeps its planned moment.
    pub(crate) connections: usize,
    /// Its poller knows its connections by these and the following numbers.
    pub(crate) tokens: u64,
}

struct Probe {
    stream: TcpStream,
    inbox: Vec<u8>,
    planned_us: u64,
}

/// Sends its requests in turn; their latency is counted from the planned moment.
pub(crate) struct Prober {
    pace: Pace,
    requests: Vec<Vec<u8>>,
    next: usize,
    tokens: u64,
    probes: Vec<Probe>,
    /// The one that has been idle for longest is the next: none starves into an idle timeout.
    idle: VecDeque<usize>,
    /// Of the answers since it was last taken.
    pub(crate) latency_us: Histogram<u64>,
}

impl Prober {
    /// Connects.
    pub(crate) fn open(
        address: SocketAddr,
        requests: Vec<Vec<u8>>,
        plan: ProberPlan,
        poller: &Poller,
    ) -> anyhow::Result<Self> {
        let mut probes = Vec::new();
        for index in 0..plan.connections {
            let stream = connect(address, 0)?;
            stream.set_nonblocking(true)?;
            poller.add(&stream, plan.tokens + index as u64, Interest::Read)?;
            probes.push(Probe { stream, inbox: Vec::new(), planned_us: 0 });
        }
        let (pace, idle) = (Pace::new(plan.rate, plan.start_us), (0..plan.connections).collect());
        Ok(Self { pace, requests, next: 0, tokens: plan.tokens, probes, idle, latency_us: latencies()? })
    }

    /// Whether every request was answered.
    pub(crate) fn is_done(&self) -> bool {
        self.idle.len() == self.probes.len()
    }

    /// Sends what is due; answers when to come again.
    pub(crate) fn send_due(&mut self, now_us: u64) -> anyhow::Result<u64> {
        while !self.idle.is_empty() {
            let Some(planned_us) = self.pace.take(now_us) else { return Ok(self.pace.next_due_us(now_us)) };
            let probe = &mut self.probes[self.idle.pop_front().context("one is idle")?];
            let request = &self.requests[self.next % self.requests.len()];
            self.next += 1;
            probe.planned_us = planned_us;
            let sent = probe.stream.write(request).context("a probe was closed")?;
            ensure!(sent == request.len(), "an idle connection takes a request as a whole");
        }
        // An answer wakes the caller before that.
        Ok(now_us + 100_000)
    }

    /// Reads an answer.
    pub(crate) fn on_readable(&mut self, token: u64, now_us: u64) -> anyhow::Result<()> {
        let index = usize::try_from(token - self.tokens)?;
        let probe = self.probes.get_mut(index).context("the poller names a probe that was opened")?;
        let mut chunk = [0; 16 << 10];
        let count = match probe.stream.read(&mut chunk) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(()),
            other => other.context("a probe was closed")?,
        };
        ensure!(count > 0, "the server closed a probe");
        probe.inbox.extend_from_slice(&chunk[..count]);
        if let Some(message) = first_message(&probe.inbox)? {
            expect_success(&message)?;
            self.latency_us.saturating_record(now_us.saturating_sub(probe.planned_us));
            probe.inbox.clear();
            self.idle.push_back(index);
        }
        Ok(())
    }
}
