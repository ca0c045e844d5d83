//! What the next step is.

use super::World;

impl World {
    pub(super) fn step(&mut self) {
        match self.random().below(1000) {
            0..=299 => self.poll_one(),
            300..=399 => self.pump_some(),
            400..=459 => self.server.flush(),
            460..=519 => self.server.keep(),
            520..=619 => self.carry_up(),
            620..=719 => self.carry_down(),
            720..=754 => self.reconnect(),
            755..=789 => self.send_presence(),
            790..=819 => self.send_subscribe(),
            820..=829 => self.send_unsubscribe(),
            830..=836 => self.send_ping(),
            837..=866 => self.request(),
            867..=878 => self.log_in_or_out(),
            879..=888 => self.change_roles(),
            889..=891 => self.block_or_unblock(),
            892 => self.delete_user(),
            893..=900 => self.close_cleanly(),
            901..=912 => self.cut(),
            913..=925 => self.notice_cut(),
            926..=932 => self.pause(),
            933..=942 => self.unpause(),
            943..=945 => self.change_disk(),
            946..=947 => self.crash(),
            948 => self.restart(),
            949..=984 => self.pass_a_little(),
            985..=988 => self.pass_long(),
            _ => self.be_quiet(),
        }
    }
}
