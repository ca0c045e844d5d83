//! Open files: every socket is one.

use std::{fs::File, io};

use rustix::{
    io::fcntl_dupfd_cloexec,
    process::{Resource, getrlimit, setrlimit},
};

/// So many have room from the start: half a megabyte of the kernel's.
const MOST_ROOM: usize = 65_536;

/// Raises the soft limit of open files to the hard one, since every socket needs one; answers with it.
pub(super) fn raise_limit() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let limit = getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(usize::MAX);
    if let Err(error) = make_room(limit.min(MOST_ROOM)) {
        tracing::debug!(%error, "the table of open files grows as they come");
    }
    limit
}

/// Has the kernel make its table of open files large at once. Each time that one of a process with threads grows, whoever
/// opens a file waits until all processors have passed a quiet moment: under load that held a thread of the runtime, with
/// everybody it serves, for up to 1.5 s.
fn make_room(files: usize) -> io::Result<()> {
    let last = i32::try_from(files.saturating_sub(1)).unwrap_or(i32::MAX);
    drop(fcntl_dupfd_cloexec(File::open("/dev/null")?, last)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_the_sockets_of_clients_from_the_start() {
        let limit = raise_limit();
        let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
        let room = status.lines().find_map(|line| line.strip_prefix("FDSize:")).expect("it is told");
        let room: usize = room.trim().parse().expect("a number");
        assert!(room >= limit.min(MOST_ROOM), "{room} of {limit}");
    }
}
