//! The server's own work, one piece at a time.

use std::{
    future::Future,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use super::World;
use crate::server::{Around, Server, Settings};

/// More turns than these without coming to rest are a failure.
const MAX_TURNS: usize = 2_000;

/// Starts a server: nothing in it waits.
pub(super) fn start(around: Around, settings: Settings, run: u64) -> Rc<Server> {
    let mut starting = std::pin::pin!(Server::start(around, settings, run));
    match starting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(server) => server,
        Poll::Pending => unreachable!("opening a project does not wait"),
    }
}

impl World {
    pub(super) fn poll_one(&mut self) {
        let ready = self.around.executor.ready();
        if let Some(id) = self.random().pick(&ready) {
            let name = self.around.executor.poll(*id);
            self.say(|| format!("  task {id} ({}) runs", name.unwrap_or_default()));
        }
    }

    pub(super) fn pump_some(&mut self) {
        for _ in 0..self.random().between(1, 4) {
            if !self.server.pump() {
                return;
            }
        }
    }

    pub(super) fn spawn_expiry(&self) {
        self.around.executor.spawn("expiry", self.server.clone().expire());
    }

    /// Lets the server do all that it can, while nothing passes over the lines; whether there was anything.
    pub(super) fn settle_server(&mut self) -> bool {
        let mut worked = false;
        for _ in 0..MAX_TURNS {
            let mut again = false;
            for id in self.around.executor.ready() {
                self.around.executor.poll(id);
                again = true;
            }
            while self.server.pump() {
                again = true;
            }
            self.server.flush();
            self.server.keep();
            again |= !self.around.executor.ready().is_empty();
            if !again {
                return worked;
            }
            worked = true;
        }
        self.fail("the server does not come to rest");
        worked
    }

    /// Lets everything happen that is under way.
    pub(super) fn settle(&mut self) {
        for _ in 0..MAX_TURNS {
            let mut again = self.settle_server();
            again |= self.carry_everything();
            if !again {
                return;
            }
        }
        self.fail("the simulation does not come to rest");
    }
}
