//! Everything that happens in one simulation: who is there, and what each step does. All of it follows from the seed.

mod account;
mod client;
mod faults;
mod machine;
mod presence;
mod quiet;
mod step;
mod time;

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use herenow_broker::Acknowledge;
use herenow_core::{ConnectionId, UserId, time::Clock};

use self::client::Tab;
use crate::{
    accounts::Accounts,
    clock::ManualClock,
    disk::Disk,
    executor::Executor,
    oracle::{Counts, Oracle},
    pipe::Pipe,
    random::Random,
    server::{Around, Server, Settings},
};

/// A line between a client and the server.
struct Line {
    id: ConnectionId,
    pipe: Arc<Pipe>,
    /// Who reads it; nobody: what comes is thrown away.
    tab: Option<u64>,
}

/// One simulation.
pub(crate) struct World {
    around: Around,
    settings: Settings,
    server: Rc<Server>,
    run: u64,
    /// The last number before this run began.
    first_seq: u64,
    users: Vec<UserId>,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    next_connection: u64,
    next_tab: u64,
    next_subscription: u64,
    window: usize,
    /// How many of the faults that could happen do.
    faults_percent: u64,
    trace: Trace,
}

/// Whether every step is told on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// It is.
    On,
    /// Nothing is said.
    Off,
}

impl World {
    pub(crate) fn new(seed: u64, trace: Trace) -> Self {
        let random = Rc::new(Random::new(seed));
        let settings = Settings {
            acknowledge: if random.chance(85) { Acknowledge::WhenKept } else { Acknowledge::AtOnce },
            disconnect_grace: Duration::from_secs(if random.chance(85) { 15 } else { 0 }),
            close_grace: Duration::from_secs(if random.chance(80) { 0 } else { 4 }),
            outbox_bytes: *random.pick(&[1_500, 6_000, 100_000]).expect("there are some"),
        };
        let window = *random.pick(&[300, 2_000, 64_000]).expect("there are some");
        let faults_percent = *random.pick(&[15, 60, 100]).expect("there are some");
        let around = Around {
            clock: Arc::new(ManualClock::default()),
            disk: if random.chance(50) { Disk::with_journal() } else { Disk::default() },
            accounts: Rc::new(RefCell::new(Accounts::default())),
            oracle: Rc::new(RefCell::new(Oracle::default())),
            executor: Rc::new(Executor::default()),
            random,
        };
        let server = machine::start(around.clone(), settings, 0);
        let mut world = Self {
            around,
            settings,
            server,
            run: 0,
            first_seq: 0,
            users: Vec::new(),
            tabs: Vec::new(),
            lines: Vec::new(),
            next_connection: 1,
            next_tab: 0,
            next_subscription: 0,
            window,
            faults_percent,
            trace,
        };
        for _ in 0..world.random().between(2, 4) {
            let user = world.around.accounts.borrow_mut().add_user();
            world.users.push(user);
        }
        for _ in 0..world.random().between(3, 7) {
            world.add_tab();
        }
        world
    }

    /// Does `steps` things, then lets everything come to an end.
    pub(crate) fn run(&mut self, steps: u64) -> Result<Counts, String> {
        for number in 0..steps {
            self.say(|| format!("step {number} at {}", self.around.clock.now()));
            self.step();
            self.check()?;
        }
        self.end()?;
        Ok(self.around.oracle.borrow().counts)
    }

    fn random(&self) -> Rc<Random> {
        self.around.random.clone()
    }

    fn check(&self) -> Result<(), String> {
        match self.around.oracle.borrow().failure() {
            Some(failure) => Err(failure.to_owned()),
            None => Ok(()),
        }
    }

    fn fail(&self, difference: impl Into<String>) {
        self.around.oracle.borrow_mut().fail(difference);
    }

    fn say(&self, text: impl FnOnce() -> String) {
        if self.trace == Trace::On {
            eprintln!("{}", text());
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Tasks hold the server, and the server the executor.
        self.around.executor.clear();
    }
}
