//! Moments in which nothing is under way, and what must hold in them.

use std::time::Duration;

use herenow_core::tracker::{HolderKey, SOCKET_EXPIRY};

use super::World;
use crate::{disk::Mood, server::LEASE};

impl World {
    /// Lets everything happen that is under way, then looks at all there is.
    pub(super) fn be_quiet(&mut self) {
        self.spawn_expiry();
        self.settle();
        let (now, reading) = (self.now(), self.reading());
        for id in reading {
            self.around.oracle.borrow_mut().quiet(id, now);
        }
        self.check_sockets();
        self.check_holders();
    }

    /// Connections whose client has read everything.
    fn reading(&self) -> Vec<herenow_core::ConnectionId> {
        let open = self.server.open_sockets();
        let links = self.tabs.iter().filter_map(|tab| tab.link.as_ref()).filter(|link| !link.paused);
        links.map(|link| link.id).filter(|id| open.iter().any(|(known, ..)| known == id)).collect()
    }

    /// Every open socket is its session's, with the roles that its user has now.
    fn check_sockets(&self) {
        let accounts = self.around.accounts.borrow();
        let open = self.server.open_sockets();
        if self.server.hub.counts().connections != open.len() || self.server.hub.counts().wishes != 0 {
            self.fail(format!("{} sockets are open, and the hub has {:?}", open.len(), self.server.hub.counts()));
        }
        for (id, user, session) in open.into_iter().filter(|(id, ..)| !self.server.is_closing(*id)) {
            let (Some(user), Some(session)) = (user, session) else { continue };
            if accounts.user_of(&session).as_ref() != Some(&user) || !accounts.is_welcome(&user) {
                self.fail(format!("{id:?} is open, and {session:?} of {user:?} is over"));
            }
            let viewer = accounts.viewer(&user);
            if self.server.hub.viewer(id) != viewer || self.around.oracle.borrow().viewer(id) != viewer.as_ref() {
                self.fail(format!("{id:?} hears as {:?}, and is {viewer:?}", self.server.hub.viewer(id)));
            }
        }
    }

    /// Nobody holds a presence who is not there, or may not be.
    fn check_holders(&self) {
        let (accounts, oracle) = (self.around.accounts.borrow(), self.around.oracle.borrow());
        let open = self.server.open_sockets();
        let mut wrong = Vec::new();
        for (id, being) in &oracle.model.beings {
            if !accounts.is_welcome(&being.user) {
                wrong.push(format!("{id} is of {:?}, who is gone", being.user));
            }
            for hold in &being.holds {
                let HolderKey::Socket(connection) = hold.key else { continue };
                let socket = open.iter().find(|(known, ..)| *known == connection);
                if hold.grace.is_none() && socket.is_none() {
                    wrong.push(format!("{id} is held by {connection:?}, which is not open"));
                }
                let over = hold.session.as_ref().is_none_or(|session| accounts.user_of(session).is_none());
                // What a former process did not live to keep ends with its grace.
                let former = hold.written <= self.first_seq && hold.grace.is_some();
                if over && !former && !self.server.is_closing(connection) {
                    wrong.push(format!("{id} is held by {connection:?} of {:?}, which is over", hold.session));
                }
            }
        }
        drop(oracle);
        if let Some(wrong) = wrong.into_iter().next() {
            self.fail(wrong);
        }
    }

    /// Lets all lines break and all leases end: nobody is left.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.say(|| "the end".to_owned());
        self.around.disk.set_mood(Mood::Well);
        self.server.keep();
        self.unpause_all();
        self.be_quiet();
        self.check()?;
        if self.promises() && !self.server.is_kept() {
            return Err("at rest, and not everything is kept".to_owned());
        }
        for line in &self.lines {
            line.pipe.cut();
        }
        self.drop_broken_links();
        self.notice_all();
        self.be_quiet();
        self.check()?;
        self.pass(Duration::from_secs(60));
        self.be_quiet();
        self.check()?;
        let ghost = self
            .around
            .oracle
            .borrow()
            .model
            .beings
            .iter()
            .find_map(|(id, being)| being.holds.iter().any(|hold| hold.key != HolderKey::Rest).then(|| id.clone()));
        if let Some(id) = ghost {
            return Err(format!("{id} is held by a socket after all grace has passed"));
        }
        self.pass(LEASE);
        self.be_quiet();
        self.check()?;
        // A record that a key moved keeps the expiry that its socket had.
        self.pass_long_after(SOCKET_EXPIRY);
        self.check()?;
        let left = self.around.oracle.borrow().model.beings.len();
        if left > 0 { Err(format!("{left} records are left after all leases have ended")) } else { Ok(()) }
    }
}
