//! `herenow health`: what a container's health check runs. Speaks just enough HTTP for one question.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use herenow_server::{Config, config::OpsListen};

use crate::{arguments::Settings, serve};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The answer is a few lines; more is not read.
const MOST_BYTES: u64 = 8 * 1024;

/// Asks the server that this configuration starts.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let config = serve::config(&settings.flags())?;
    let address = address(&config)?;
    let status = ask(address).with_context(|| format!("nothing answers at http://{address}/readyz"))?;
    match status {
        200 => Ok(()),
        503 => bail!("the server at {address} does not take writes now: it starts, stops, or has no room on its disk"),
        status => bail!("http://{address}/readyz answers {status}: is this a Herenow server?"),
    }
}

/// Where the server answers to who is on its machine.
fn address(config: &Config) -> Result<SocketAddr> {
    let mut address = match config.ops_listen {
        OpsListen::WithApi => config.listen,
        OpsListen::At(address) => address,
        OpsListen::Nowhere => bail!("ops_listen is empty, so nothing answers: name an address, or leave it out"),
    };
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(address)
}

fn ask(address: SocketAddr) -> Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer)?;
    let line = String::from_utf8_lossy(&answer);
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).context("the answer is not HTTP")
}
