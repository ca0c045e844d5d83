//! One loop that writes on schedule and reads what the subscribers hear.

use anyhow::{Context, ensure};

use crate::clock::Clock;
use crate::crowd::{Crowd, Tally};
use crate::pace::{Pace, Rate, Window};
use crate::poller::Poller;
use crate::writer::{WRITER_TOKENS, Writer};

/// Sockets looked at between two looks at the schedule: a write is late by this many reads at most.
const TURN_EVENTS: usize = 64;
/// Nothing came for so long: what is still missing is not coming any more.
const QUIET_US: u64 = 500_000;
/// After the last write the rest must arrive within this time.
const DRAIN_US: u64 = 20_000_000;
/// No `pong` takes longer.
const PING_US: u64 = 20_000_000;

/// What is asked of a target during one measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// How fast is written.
    pub(crate) rate: Rate,
    /// For how long is written.
    pub(crate) duration_us: u64,
    /// Events under way at full speed.
    pub(crate) window: u64,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Events written and acknowledged.
    pub(crate) written: u64,
    /// What the subscribers heard.
    pub(crate) tally: Tally,
    /// From the first write to the last delivery.
    pub(crate) elapsed_us: u64,
}

/// The generator's half of one target.
pub(crate) struct Engine {
    clock: Clock,
    poller: Poller,
    /// Who listens.
    pub(crate) crowd: Crowd,
    /// Who writes.
    pub(crate) writer: Writer,
    /// Subscribers who hear an event; none is all.
    pub(crate) hearers: Option<u64>,
}

impl Engine {
    /// An engine without subscribers.
    pub(crate) fn new(clock: Clock, writer: Writer) -> anyhow::Result<Self> {
        Ok(Self { clock, poller: Poller::new(TURN_EVENTS)?, crowd: Crowd::new(), writer, hearers: None })
    }

    /// The poller that new sockets are added to.
    pub(crate) fn parts(&mut self) -> (&mut Crowd, &mut Writer, &Poller) {
        (&mut self.crowd, &mut self.writer, &self.poller)
    }

    /// Pings over every socket and waits for all answers.
    pub(crate) fn keep_alive(&mut self) -> anyhow::Result<()> {
        let expected = (self.crowd.len() - self.crowd.closed()) as u64;
        self.crowd.ping()?;
        let mut pongs = Tally::new()?;
        let deadline = self.clock.now_us() + PING_US;
        while pongs.deliveries < expected {
            ensure!(self.clock.now_us() < deadline, "{} of {expected} subscribers answered a ping", pongs.deliveries);
            self.turn(QUIET_US, &mut pongs)?;
        }
        Ok(())
    }

    /// Writes under this load and counts until everything has arrived.
    pub(crate) fn measure(&mut self, load: Load) -> anyhow::Result<Outcome> {
        let start = self.clock.now_us();
        let end = start + load.duration_us;
        let mut pace = Pace::new(load.rate, start);
        let mut window = Window::new(load.rate, load.window);
        let mut tally = Tally::new()?;
        tally.last_delivery_us = start;
        loop {
            let now = self.clock.now_us();
            if now >= end {
                break;
            }
            let delivered = tally.deliveries / self.hearers();
            if !window.is_open(pace.written(), delivered) && now > tally.last_delivery_us + QUIET_US {
                window.give_up(pace.written(), delivered);
            }
            let may_write = self.write_due(&mut pace, &window, delivered)?;
            let wake = if may_write { pace.next_due_us(now).min(end) } else { end.min(now + QUIET_US) };
            self.turn(wake.saturating_sub(self.clock.now_us()), &mut tally)?;
        }
        self.drain(pace.written(), end, &mut tally)?;
        let elapsed_us = tally.last_delivery_us.max(end).saturating_sub(start);
        Ok(Outcome { written: pace.written(), tally, elapsed_us })
    }

    /// Writes what is due while there is room; tells whether only the schedule holds it back.
    fn write_due(&mut self, pace: &mut Pace, window: &Window, delivered: u64) -> anyhow::Result<bool> {
        while self.writer.is_free() && window.is_open(pace.written(), delivered) {
            let Some(moment) = pace.take(self.clock.now_us()) else { return Ok(true) };
            self.writer.write(moment)?;
        }
        Ok(false)
    }

    /// Waits for answers and deliveries; deliveries that stay away are the report's to tell.
    fn drain(&mut self, written: u64, end: u64, tally: &mut Tally) -> anyhow::Result<()> {
        let expected = written * self.hearers();
        loop {
            let now = self.clock.now_us();
            let quiet = now > tally.last_delivery_us.max(end) + QUIET_US;
            if self.writer.is_done() && (tally.deliveries >= expected || quiet || now > end + DRAIN_US) {
                return Ok(());
            }
            ensure!(now <= end + DRAIN_US, "writes were not answered within {} s", DRAIN_US / 1_000_000);
            self.turn(QUIET_US / 10, tally)?;
        }
    }

    fn turn(&mut self, timeout_us: u64, tally: &mut Tally) -> anyhow::Result<()> {
        for ready in self.poller.wait(Some(timeout_us)).context("waiting for sockets failed")? {
            if ready.token >= WRITER_TOKENS {
                self.writer.on_readable(ready.token)?;
            } else {
                self.crowd.read(usize::try_from(ready.token)?, self.clock, tally)?;
            }
        }
        Ok(())
    }

    /// How many subscribers hear an event; at least one.
    pub(crate) fn hearers(&self) -> u64 {
        self.hearers.unwrap_or(self.crowd.len() as u64).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{Engine, Load};
    use crate::broadcaster::{Mode, serve};
    use crate::clock::Clock;
    use crate::crowd::{Seat, room_row};
    use crate::http::Credentials;
    use crate::pace::Rate;
    use crate::template::{Template, stand_in_payload};
    use crate::writer::{Audience, Writer, WriterPlan};

    const SUBSCRIBERS: u64 = 45;
    /// Numbers 0, 20 and 40.
    const SAMPLED: u64 = 3;

    fn engine(mode: Mode) -> Engine {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let address = listener.local_addr().expect("bound");
        let template = Template::from_payload(stand_in_payload().as_bytes()).expect("the stand-in holds a stamp");
        std::thread::spawn(move || serve(listener, mode, template));
        let credentials = Credentials { project: "p".into(), key: "k".into() };
        let plan = WriterPlan { presences: 3, connections: 4 };
        let writer = Writer::prepare(address, &credentials, plan).expect("presences are taken");
        let mut engine = Engine::new(Clock::start(), writer).expect("epoll exists");
        let (crowd, writer, poller) = engine.parts();
        for _ in 0..SUBSCRIBERS {
            let seat = Seat::guest().expect("ids can be made");
            crowd.join(address, "p", &seat, poller).expect("subscribers are taken");
        }
        writer.connect(address, plan, poller).expect("writers are taken");
        engine
    }

    /// Two rooms: every third subscriber hears the second, the others the first.
    fn assert_each_hears_its_room(mode: Mode) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
        let address = listener.local_addr().expect("bound");
        let template = Template::from_payload(stand_in_payload().as_bytes()).expect("the stand-in holds a stamp");
        std::thread::spawn(move || serve(listener, mode, template));
        let credentials = Credentials { project: "p".into(), key: "k".into() };
        let plan = WriterPlan { presences: 2, connections: 1 };
        let audience = |number| Audience { permission: "read(\"any\")".into(), room: u32::try_from(number).ok() };
        let writer = Writer::prepare_for(address, &credentials, plan, audience).expect("presences are taken");
        let mut engine = Engine::new(Clock::start(), writer).expect("epoll exists");
        let (crowd, writer, poller) = engine.parts();
        for number in 0..30 {
            let row = room_row(&[u32::from(number % 3 == 0)]).expect("ids can be made");
            crowd.join(address, "p", &Seat { session: None, row }, poller).expect("subscribers are taken");
        }
        writer.connect(address, plan, poller).expect("writers are taken");
        // Both rooms have as many events, and 20 and 10 subscribers.
        engine.hearers = Some(15);
        let load = Load { rate: Rate::PerSecond(200), duration_us: 50_000, window: 8 };
        let outcome = engine.measure(load).expect("the reference takes the load");
        assert_eq!(outcome.written, 10);
        assert_eq!(outcome.tally.deliveries, 150);
    }

    #[test]
    fn each_hears_its_room_from_the_raw_reference() {
        assert_each_hears_its_room(Mode::Raw);
    }

    #[test]
    fn each_hears_its_room_from_the_joined_reference() {
        assert_each_hears_its_room(Mode::Joined);
    }

    #[track_caller]
    fn assert_everybody_hears_everything(mode: Mode, rate: Rate) {
        let mut engine = engine(mode);
        for _ in 0..2 {
            let load = Load { rate, duration_us: 50_000, window: 8 };
            let outcome = engine.measure(load).expect("the reference takes the load");
            assert!(outcome.written > 0);
            assert_eq!(outcome.tally.deliveries, outcome.written * SUBSCRIBERS);
            assert_eq!(outcome.tally.latency_us.len(), outcome.written * SAMPLED);
            engine.keep_alive().expect("everybody answers a ping");
        }
        assert_eq!(engine.crowd.closed(), 0);
    }

    #[test]
    fn everybody_hears_everything_from_the_raw_reference() {
        assert_everybody_hears_everything(Mode::Raw, Rate::PerSecond(200));
    }

    #[test]
    fn everybody_hears_everything_from_the_joined_reference_at_full_speed() {
        assert_everybody_hears_everything(Mode::Joined, Rate::FullSpeed);
    }
}
