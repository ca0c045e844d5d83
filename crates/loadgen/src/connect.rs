//! Opens client sockets and makes room for many of them.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

/// No handshake or set-up request takes longer.
const SETUP_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections from one source address; the usual range of free ports holds 28,000.
const CONNECTIONS_PER_SOURCE: usize = 20_000;
/// Descriptors that are not subscribers: writers, logs, pipes, epoll.
const SPARE_DESCRIPTORS: u64 = 128;

/// Connects the client of this number, blocking, with bounded waits and without Nagle's delay.
pub(crate) fn connect(address: SocketAddr, client: usize) -> anyhow::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    if let Some(source) = source_address(client) {
        socket.bind(&SocketAddr::from((source, 0)).into()).with_context(|| format!("cannot bind {source}"))?;
    }
    socket
        .connect_timeout(&address.into(), SETUP_TIMEOUT)
        .with_context(|| format!("client {client} cannot connect to {address}"))?;
    socket.set_tcp_nodelay(true)?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(SETUP_TIMEOUT))?;
    stream.set_write_timeout(Some(SETUP_TIMEOUT))?;
    Ok(stream)
}

/// The loopback address of this client; `None` leaves the choice to the kernel.
fn source_address(client: usize) -> Option<Ipv4Addr> {
    match client / CONNECTIONS_PER_SOURCE {
        0 => None,
        block => Some(Ipv4Addr::new(127, 0, 0, u8::try_from(block + 1).unwrap_or(u8::MAX))),
    }
}

/// Raises the limit on open files, which child processes inherit, to hold so many connections.
pub(crate) fn allow_connections(connections: usize) -> anyhow::Result<()> {
    let wanted = u64::try_from(connections)? + SPARE_DESCRIPTORS;
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    ensure!(wanted <= most, "{connections} connections need {wanted} open files, and the hard limit is {most}");
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{CONNECTIONS_PER_SOURCE, source_address};

    #[test]
    fn a_source_address_is_changed_before_its_ports_run_out() {
        assert_eq!(source_address(CONNECTIONS_PER_SOURCE - 1), None);
        assert_eq!(source_address(CONNECTIONS_PER_SOURCE), Some(Ipv4Addr::new(127, 0, 0, 2)));
        assert_eq!(source_address(3 * CONNECTIONS_PER_SOURCE), Some(Ipv4Addr::new(127, 0, 0, 4)));
    }
}
