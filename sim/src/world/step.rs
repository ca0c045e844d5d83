//! What the next step is.

use super::World;

impl World {
    pub(super) fn step(&mut self) {
        let random = self.random();
        match random.below(100) {
            0..=57 => self.work(),
            58..=88 => self.act(),
            89..=93 if random.chance(self.faults_percent) => self.go_wrong(),
            89..=94 => self.pass_a_little(),
            95 if random.chance(30) => self.pass_long(),
            96 | 97 => self.be_quiet(),
            _ => self.work(),
        }
    }

    /// One piece of what is under way.
    fn work(&mut self) {
        match self.random().below(10) {
            0..=3 if !self.around.executor.ready().is_empty() => self.poll_one(),
            4 | 5 if self.server.has_entries() => self.pump_some(),
            6 => self.server.flush(),
            7 => self.server.keep(),
            8 => self.carry_up(),
            _ => self.carry_down(),
        }
    }

    /// Somebody does something.
    fn act(&mut self) {
        match self.random().below(100) {
            0..=21 => self.reconnect(),
            22..=47 => self.send_presence(),
            48..=57 => self.send_subscribe(),
            58 => self.send_unsubscribe(),
            59..=61 => self.send_ping(),
            62..=84 => self.request(),
            85..=89 => self.log_in_or_out(),
            90..=95 => self.change_roles(),
            96 => self.block_or_unblock(),
            97 if self.random().chance(40) => self.delete_user(),
            97 => self.leave_in_a_hurry(),
            _ => self.close_cleanly(),
        }
    }

    fn go_wrong(&mut self) {
        match self.random().below(100) {
            0..=34 => self.cut(),
            35..=59 => self.notice_cut(),
            60..=73 => self.pause(),
            74..=87 => self.unpause(),
            88..=92 => self.change_disk(),
            93..=97 => self.crash(),
            _ => self.restart(),
        }
    }
}
