//! Who hears which room, by the number of its socket.

use std::collections::HashMap;

/// Sockets by room. Who is in no room hears what is for everybody alone.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    members: HashMap<u32, Vec<usize>>,
    entered: HashMap<usize, Vec<u32>>,
}

impl Rooms {
    /// The socket hears these rooms from now on.
    pub(super) fn enter(&mut self, index: usize, rooms: Vec<u32>) {
        if rooms.is_empty() {
            return;
        }
        for room in &rooms {
            self.members.entry(*room).or_default().push(index);
        }
        self.entered.entry(index).or_default().extend(rooms);
    }

    /// The socket is gone; its number may be another's.
    pub(super) fn leave(&mut self, index: usize) {
        for room in self.entered.remove(&index).unwrap_or_default() {
            self.members.entry(room).or_default().retain(|member| *member != index);
        }
    }

    /// Who hears a room.
    pub(super) fn members(&self, room: u32) -> &[usize] {
        self.members.get(&room).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::Rooms;

    #[test]
    fn a_socket_that_is_gone_is_in_no_room() {
        let mut rooms = Rooms::default();
        rooms.enter(3, vec![1, 2]);
        rooms.enter(4, vec![2]);
        assert_eq!((rooms.members(1), rooms.members(2)), ([3].as_slice(), [3, 4].as_slice()));
        rooms.leave(3);
        assert_eq!((rooms.members(1), rooms.members(2)), ([].as_slice(), [4].as_slice()));
    }
}
