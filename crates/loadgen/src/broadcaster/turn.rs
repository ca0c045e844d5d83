//! The loop: one turn gathers the events that are there, then sends them to everybody.

use std::net::TcpListener;

use super::Mode;
use super::connection::{Connection, Role};
use crate::poller::{Interest, Poller, Ready};
use crate::stamp::STAMP_BYTES;
use crate::template::Template;

/// Sockets that one turn looks at.
const TURN_EVENTS: usize = 1024;
const READ_BYTES: usize = 64 << 10;
const LISTENER: u64 = u64::MAX;

/// A connection, and whether the poller watches it for room to write.
struct Slot {
    connection: Connection,
    watched_for_room: bool,
}

/// The state of the reference.
pub(super) struct Broadcaster {
    listener: TcpListener,
    mode: Mode,
    template: Template,
    poller: Poller,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    events: Vec<[u8; STAMP_BYTES]>,
    frames: Vec<u8>,
    buffer: Vec<u8>,
}

impl Broadcaster {
    /// Begins to listen.
    pub(super) fn new(listener: TcpListener, mode: Mode, template: Template) -> anyhow::Result<Self> {
        listener.set_nonblocking(true)?;
        let poller = Poller::new(TURN_EVENTS)?;
        poller.add(&listener, LISTENER, Interest::Read)?;
        Ok(Self {
            listener,
            mode,
            template,
            poller,
            slots: Vec::new(),
            free: Vec::new(),
            events: Vec::new(),
            frames: Vec::new(),
            buffer: vec![0; READ_BYTES],
        })
    }

    /// Waits, takes what is there, and sends the events of this turn.
    pub(super) fn turn(&mut self) -> anyhow::Result<()> {
        let ready = self.poller.wait(None)?.to_vec();
        for socket in ready {
            if socket.token == LISTENER {
                self.accept()?;
            } else {
                self.serve(socket)?;
            }
        }
        let events = std::mem::take(&mut self.events);
        match self.mode {
            Mode::Raw => {
                for event in &events {
                    self.broadcast(std::slice::from_ref(event))?;
                }
            }
            Mode::Joined if events.is_empty() => {}
            Mode::Joined => self.broadcast(&events)?,
        }
        self.events = events;
        self.events.clear();
        Ok(())
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        while let Ok((stream, _)) = self.listener.accept() {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let index = self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            });
            self.poller.add(&stream, index as u64, Interest::Read)?;
            self.slots[index] = Some(Slot { connection: Connection::new(stream), watched_for_room: false });
        }
        Ok(())
    }

    fn serve(&mut self, ready: Ready) -> anyhow::Result<()> {
        let index = usize::try_from(ready.token)?;
        let Some(slot) = &mut self.slots[index] else { return Ok(()) };
        let mut outcome = slot.connection.on_readable(&mut self.buffer, &mut self.events);
        if ready.writable {
            outcome = outcome.and_then(|()| slot.connection.on_writable());
        }
        match outcome {
            Ok(()) => self.watch(index),
            Err(_) => {
                self.end(index);
                Ok(())
            }
        }
    }

    /// One send to every subscriber.
    fn broadcast(&mut self, events: &[[u8; STAMP_BYTES]]) -> anyhow::Result<()> {
        self.frames.clear();
        for event in events {
            self.template.append_frame(event, &mut self.frames);
        }
        for index in 0..self.slots.len() {
            let Some(slot) = &mut self.slots[index] else { continue };
            if slot.connection.role != Role::Subscriber {
                continue;
            }
            if slot.connection.send(&self.frames).is_err() {
                self.end(index);
            } else if slot.connection.owes() {
                self.watch(index)?;
            }
        }
        Ok(())
    }

    fn watch(&mut self, index: usize) -> anyhow::Result<()> {
        let Some(slot) = &mut self.slots[index] else { return Ok(()) };
        let owes = slot.connection.owes();
        if owes != slot.watched_for_room {
            let interest = if owes { Interest::ReadWrite } else { Interest::Read };
            self.poller.change(&slot.connection.stream, index as u64, interest)?;
            slot.watched_for_room = owes;
        }
        Ok(())
    }

    fn end(&mut self, index: usize) {
        self.slots[index] = None;
        self.free.push(index);
    }
}
