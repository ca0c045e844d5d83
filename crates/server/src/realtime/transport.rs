//! A WebSocket over TCP as the outbox sees it.

use std::{io, sync::Arc, time::Duration};

use herenow_hub::{frame::Compression, transport::Transport};
use socket2::{SockRef, TcpKeepalive};
use tokio::{net::TcpStream, sync::Notify};

/// Unacknowledged bytes end a connection after so long.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// A silent connection is probed by the kernel after so long.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// The socket, the task's bell, and what was agreed on with the client.
pub(super) struct TcpTransport {
    pub(super) stream: Arc<TcpStream>,
    pub(super) bell: Arc<Notify>,
    pub(super) compression: Compression,
}

impl Transport for TcpTransport {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.try_write(bytes)
    }

    fn wake(&self) {
        self.bell.notify_one();
    }

    fn compression(&self) -> Compression {
        self.compression
    }

    fn frames_alike(&self) -> bool {
        self.compression == Compression::None
    }
}

/// Makes the kernel find a dead peer without the client's help.
pub(crate) fn watch(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(Duration::from_secs(10)))
}

/// Says that nothing more will be written.
pub(super) fn finish(stream: &TcpStream) {
    // A peer that is gone needs no telling.
    drop(SockRef::from(stream).shutdown(std::net::Shutdown::Write));
}
