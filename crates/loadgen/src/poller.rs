//! Readiness of many sockets: a thin layer over epoll.

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

/// What a socket is watched for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Interest {
    /// Bytes to read.
    Read,
    /// Bytes to read, and room to write.
    ReadWrite,
}

/// A socket that is ready, named by the token under which it was added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready {
    /// The token given to [`Poller::add`].
    pub(crate) token: u64,
    /// Whether the socket can take bytes and was watched for that.
    pub(crate) writable: bool,
}

/// A level-triggered epoll instance.
pub(crate) struct Poller {
    epoll: OwnedFd,
    events: Vec<Event>,
    ready: Vec<Ready>,
}

impl Poller {
    /// A poller that reports at most `batch` sockets at a time.
    pub(crate) fn new(batch: usize) -> anyhow::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(batch), ready: Vec::with_capacity(batch) })
    }

    /// Watches a socket; closing it ends the watch.
    pub(crate) fn add(&self, socket: impl AsFd, token: u64, interest: Interest) -> anyhow::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(token), flags(interest))?)
    }

    /// Changes what a socket is watched for.
    pub(crate) fn change(&self, socket: impl AsFd, token: u64, interest: Interest) -> anyhow::Result<()> {
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(token), flags(interest))?)
    }

    /// Waits until sockets are ready; empty after `timeout_us`. `None` waits without end.
    pub(crate) fn wait(&mut self, timeout_us: Option<u64>) -> anyhow::Result<&[Ready]> {
        self.events.clear();
        self.ready.clear();
        let timeout = timeout_us.map(timespec);
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.events), timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        self.ready.extend(self.events.iter().map(|event| {
            let (flags, data) = (event.flags, event.data);
            Ready { token: data.u64(), writable: flags.contains(EventFlags::OUT) }
        }));
        Ok(&self.ready)
    }
}

/// Microseconds as the kernel wants them.
pub(crate) fn timespec(us: u64) -> Timespec {
    let seconds = i64::try_from(us / 1_000_000).unwrap_or(i64::MAX);
    let nanoseconds = (us % 1_000_000) * 1_000;
    Timespec { tv_sec: seconds, tv_nsec: nanoseconds.try_into().unwrap_or(0) }
}

fn flags(interest: Interest) -> EventFlags {
    match interest {
        Interest::Read => EventFlags::IN,
        Interest::ReadWrite => EventFlags::IN | EventFlags::OUT,
    }
}
