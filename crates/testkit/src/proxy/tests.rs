//! The proxy against a peer that echoes bytes.

use std::io::ErrorKind;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, split},
    time::timeout,
};

use super::*;
use crate::await_until;

const SOON: Duration = Duration::from_secs(5);
/// Long enough for a byte to cross the loopback many times over; a black hole shows only by waiting.
const SILENCE: Duration = Duration::from_millis(100);

/// A peer that sends back what it hears; the address and the running task.
async fn echo_peer() -> (SocketAddr, Task) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
    let address = listener.local_addr().expect("its address");
    let task = spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(async move {
                let (mut reader, mut writer) = split(stream);
                let _ = copy(&mut reader, &mut writer).await;
                let _ = writer.shutdown().await;
            });
        }
    });
    (address, task)
}

async fn started() -> (CuttingProxy, Task) {
    let (target, peer) = echo_peer().await;
    (CuttingProxy::start(target).await.expect("a proxy"), peer)
}

async fn connect(proxy: &CuttingProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.expect("the proxy accepts")
}

async fn echoes(stream: &mut TcpStream, byte: u8) -> bool {
    let mut answer = [0];
    stream.write_all(&[byte]).await.is_ok()
        && matches!(timeout(SOON, stream.read_exact(&mut answer)).await, Ok(Ok(_)))
        && answer[0] == byte
}

#[tokio::test]
async fn bytes_and_the_orderly_end_pass_through() {
    let (proxy, _peer) = started().await;
    let mut stream = connect(&proxy).await;
    assert!(echoes(&mut stream, 7).await);
    stream.shutdown().await.expect("half a close");
    assert_eq!(timeout(SOON, stream.read(&mut [0])).await.expect("in time").expect("no reset"), 0);
    await_until("the proxy lets go", SOON, async || proxy.open_connections() == 0).await.expect("it does");
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn a_cut_connection_stays_open_and_silent_even_after_healing() {
    let (proxy, _peer) = started().await;
    let mut stream = connect(&proxy).await;
    assert!(echoes(&mut stream, 1).await);
    proxy.cut();
    proxy.heal();
    stream.write_all(&[2]).await.expect("the near side takes it");
    timeout(SILENCE, stream.read(&mut [0])).await.expect_err("neither bytes nor an end");
    assert!(echoes(&mut connect(&proxy).await, 3).await, "a new connection passes");
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn who_connects_during_a_cut_gets_through_once_it_heals() {
    let (proxy, _peer) = started().await;
    proxy.cut();
    let mut stream = connect(&proxy).await;
    await_until("the proxy has taken the connection", SOON, async || proxy.connections() == 1).await.expect("it does");
    stream.write_all(&[4]).await.expect("the near side takes it");
    timeout(SILENCE, stream.read(&mut [0])).await.expect_err("nothing passes yet");
    proxy.heal();
    let mut answer = [0];
    timeout(SOON, stream.read_exact(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(answer, [4]);
}

#[tokio::test]
async fn a_reset_ends_open_and_black_holed_connections() {
    let (proxy, _peer) = started().await;
    let mut hollow = connect(&proxy).await;
    assert!(echoes(&mut hollow, 5).await);
    proxy.cut();
    proxy.heal();
    let mut open = connect(&proxy).await;
    assert!(echoes(&mut open, 6).await);
    proxy.reset();
    for stream in [&mut hollow, &mut open] {
        let error = timeout(SOON, stream.read(&mut [0])).await.expect("in time").expect_err("a reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    assert!(echoes(&mut connect(&proxy).await, 8).await, "a new connection passes");
}

#[tokio::test]
async fn a_reset_by_one_side_reaches_the_other() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
    let proxy = CuttingProxy::start(listener.local_addr().expect("its address")).await.expect("a proxy");
    let client = connect(&proxy).await;
    let (mut server, _) = timeout(SOON, listener.accept()).await.expect("in time").expect("the proxy connects");
    client.set_zero_linger().expect("linger can be set");
    drop(client);
    let error = timeout(SOON, server.read(&mut [0])).await.expect("in time").expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}
