//! What goes wrong: lines break, readers are slow, the disk is full, the process dies.

use std::time::Duration;

use herenow_broker::Acknowledge;
use herenow_core::ConnectionId;

use super::{World, machine};
use crate::{disk::Mood, server::Server};

impl World {
    /// A line breaks; the client knows at once, the server does not.
    pub(super) fn cut(&mut self) {
        let Some((_, id)) = self.connected_tab() else { return };
        self.say(|| format!("  {id:?} is cut"));
        for line in self.lines.iter().filter(|line| line.id == id) {
            line.pipe.cut();
        }
        self.drop_broken_links();
    }

    /// The server finds out about a line that broke.
    pub(super) fn notice_cut(&mut self) {
        let cut: Vec<usize> = (0..self.lines.len()).filter(|place| self.lines[*place].pipe.is_cut()).collect();
        if let Some(&place) = self.random().pick(&cut) {
            let line = self.lines.remove(place);
            line.pipe.reset();
            self.say(|| format!("  {:?} is found cut", line.id));
        }
    }

    /// A line breaks, and both ends know at once.
    pub(super) fn cut_off(&mut self, id: ConnectionId) {
        self.say(|| format!("  {id:?} is cut off"));
        for line in self.lines.iter().filter(|line| line.id == id) {
            line.pipe.reset();
        }
        self.drop_broken_links();
        self.lines.retain(|line| line.id != id);
    }

    pub(super) fn notice_all(&mut self) {
        for line in self.lines.iter().filter(|line| line.pipe.is_cut()) {
            line.pipe.reset();
        }
        self.lines.retain(|line| line.pipe.is_whole());
    }

    pub(super) fn pause(&mut self) {
        if let Some((index, _)) = self.connected_tab()
            && let Some(link) = &mut self.tabs[index].link
        {
            link.paused = true;
        }
    }

    pub(super) fn unpause(&mut self) {
        let paused: Vec<usize> = (0..self.tabs.len())
            .filter(|index| self.tabs[*index].link.as_ref().is_some_and(|link| link.paused))
            .collect();
        if let Some(&index) = self.random().pick(&paused)
            && let Some(link) = &mut self.tabs[index].link
        {
            link.paused = false;
        }
    }

    pub(super) fn unpause_all(&mut self) {
        for link in self.tabs.iter_mut().filter_map(|tab| tab.link.as_mut()) {
            link.paused = false;
        }
    }

    pub(super) fn change_disk(&mut self) {
        let mood = match (self.around.disk.mood(), self.random().below(3)) {
            (Mood::Well, 0) => Mood::Full,
            (Mood::Well, 1) => Mood::Failing,
            (Mood::Well, _) => Mood::Held,
            _ => Mood::Well,
        };
        self.say(|| format!("  the disk is {mood:?}"));
        self.around.disk.set_mood(mood);
    }

    /// The process dies between any two steps, and is started again some time later.
    pub(super) fn crash(&mut self) {
        self.say(|| "  the server dies".to_owned());
        self.begin_anew();
    }

    /// The server is stopped in order, and started again.
    pub(super) fn restart(&mut self) {
        self.say(|| "  the server stops".to_owned());
        self.server.close_all();
        for _ in 0..4 {
            self.settle();
            if self.around.executor.count("socket") + self.around.executor.count("request") == 0 {
                break;
            }
            self.pass(Duration::from_secs(1));
        }
        self.settle_server();
        let kept = self.server.is_kept();
        if !kept && self.around.disk.mood() == Mood::Well {
            self.fail("an orderly stop left changes that are not kept");
        }
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        self.around.executor.clear();
        for line in &self.lines {
            line.pipe.reset();
        }
        self.drop_broken_links();
        self.lines.clear();
        let away = Duration::from_millis(self.random().between(0, 30_000));
        self.around.clock.advance(away);
        self.around.disk.set_mood(Mood::Well);
        self.run += 1;
        let kept = self.around.disk.kept_up_to();
        let grace = self.now().plus(Server::grace_of_a_start(&self.settings));
        self.first_seq = kept;
        self.around.oracle.borrow_mut().crashed(kept, grace);
        self.server = machine::start(self.around.clone(), self.settings, self.run);
        self.spawn_expiry();
    }

    /// Whether what was acknowledged was promised to be kept.
    pub(super) fn promises(&self) -> bool {
        self.settings.acknowledge == Acknowledge::WhenKept
    }
}
