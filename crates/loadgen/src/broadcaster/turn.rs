//! The loop: one turn gathers the events that are there, then sends them to everybody.

use std::net::TcpListener;

use super::connection::{Connection, Ended, Role};
use super::rooms::Rooms;
use super::{Event, Mode};
use crate::poller::{Interest, Poller, Ready};
use crate::template::Template;

/// Sockets that one turn looks at.
const TURN_EVENTS: usize = 1024;
const READ_BYTES: usize = 64 << 10;
const LISTENER: u64 = u64::MAX;

/// A connection, and whether the poller watches it for room to write.
struct Slot {
    connection: Connection,
    watched_for_room: bool,
    /// Frames of this turn, where not everybody hears the same.
    gathered: Vec<u8>,
}

/// The state of the reference.
pub(super) struct Broadcaster {
    listener: TcpListener,
    mode: Mode,
    template: Template,
    poller: Poller,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    rooms: Rooms,
    events: Vec<Event>,
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
            rooms: Rooms::default(),
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
                    self.send_one(*event)?;
                }
            }
            Mode::Joined if events.is_empty() => {}
            Mode::Joined if events.iter().all(|event| event.room.is_none()) => self.broadcast(&events)?,
            Mode::Joined => self.send_gathered(&events)?,
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
            self.slots[index] =
                Some(Slot { connection: Connection::new(stream), watched_for_room: false, gathered: Vec::new() });
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
            Ok(()) => {
                self.rooms.enter(index, std::mem::take(&mut slot.connection.rooms));
                self.watch(index)
            }
            Err(_) => {
                self.end(index);
                Ok(())
            }
        }
    }

    /// One send to every subscriber who hears the event.
    fn send_one(&mut self, event: Event) -> anyhow::Result<()> {
        let Some(room) = event.room else { return self.broadcast(&[event]) };
        self.frames.clear();
        self.template.append_frame(&event.stamp, &mut self.frames);
        for index in self.rooms.members(room).to_vec() {
            let Some(slot) = &mut self.slots[index] else { continue };
            let sent = slot.connection.send(&self.frames);
            self.after_send(index, sent)?;
        }
        Ok(())
    }

    /// One send to every subscriber.
    fn broadcast(&mut self, events: &[Event]) -> anyhow::Result<()> {
        self.frames.clear();
        for event in events {
            self.template.append_frame(&event.stamp, &mut self.frames);
        }
        for index in 0..self.slots.len() {
            let Some(slot) = &mut self.slots[index] else { continue };
            if slot.connection.role != Role::Subscriber {
                continue;
            }
            let sent = slot.connection.send(&self.frames);
            self.after_send(index, sent)?;
        }
        Ok(())
    }

    /// One send to every subscriber who hears any of the events, with those that it hears.
    fn send_gathered(&mut self, events: &[Event]) -> anyhow::Result<()> {
        let mut touched = Vec::new();
        for event in events {
            self.frames.clear();
            self.template.append_frame(&event.stamp, &mut self.frames);
            let hearers = match event.room {
                Some(room) => self.rooms.members(room).to_vec(),
                None => (0..self.slots.len()).collect(),
            };
            for index in hearers {
                let Some(slot) = &mut self.slots[index] else { continue };
                if slot.connection.role == Role::Subscriber {
                    if slot.gathered.is_empty() {
                        touched.push(index);
                    }
                    slot.gathered.extend_from_slice(&self.frames);
                }
            }
        }
        for index in touched {
            let Some(slot) = &mut self.slots[index] else { continue };
            let sent = slot.connection.send(&slot.gathered);
            slot.gathered.clear();
            self.after_send(index, sent)?;
        }
        Ok(())
    }

    fn after_send(&mut self, index: usize, sent: Result<(), Ended>) -> anyhow::Result<()> {
        if sent.is_err() {
            self.end(index);
            return Ok(());
        }
        match &self.slots[index] {
            Some(slot) if slot.connection.owes() => self.watch(index),
            _ => Ok(()),
        }
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
        self.rooms.leave(index);
        self.free.push(index);
    }
}
