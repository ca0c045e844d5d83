//! The HTTP upgrade (RFC 6455, section 4), written by hand so that a test controls every byte of it.

use std::{str, time::Duration};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha1::{Digest, Sha1};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{Assembly, Socket, SocketOptions};
use crate::{Response, random_bytes};

/// From the connect to the whole answer.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
/// More than any head of the server's.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// The constant that RFC 6455 has the server join to the key.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What became of a handshake.
#[derive(Debug)]
pub enum Opened {
    /// A connection.
    Socket(Box<Socket>),
    /// An HTTP answer other than 101.
    Refused(Response),
}

pub(super) async fn open(options: SocketOptions) -> Result<Opened> {
    let target = options.target.clone();
    timeout(OPEN_DEADLINE, shake_hands(options))
        .await
        .with_context(|| format!("{target}: no handshake within {OPEN_DEADLINE:?}"))?
        .with_context(|| format!("{target}: no handshake"))
}

async fn shake_hands(options: SocketOptions) -> Result<Opened> {
    let mut stream = connect(&options).await?;
    let key = options.handshake_key.clone().unwrap_or_else(|| STANDARD.encode(random_bytes::<16>()));
    stream.write_all(request(&options, &key).as_bytes()).await?;
    let mut buffer = BytesMut::new();
    let mut response = read_head(&mut stream, &mut buffer).await?;
    if response.status != StatusCode::SWITCHING_PROTOCOLS {
        response.body = read_body(&mut stream, buffer, &response).await?;
        return Ok(Opened::Refused(response));
    }
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{ACCEPT_SUFFIX}")));
    ensure!(response.header("sec-websocket-accept") == Some(&accept), "a wrong accept key: {:?}", response.headers);
    for (name, value) in [("upgrade", "websocket"), ("connection", "upgrade")] {
        let is_there = response.header(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
        ensure!(is_there, "no header {name}: {value}: {:?}", response.headers);
    }
    Ok(Opened::Socket(Box::new(Socket {
        stream,
        buffer,
        assembly: Assembly::default(),
        masking: options.masking,
        replies: options.replies,
        sent_close: false,
        handshake: response,
    })))
}

async fn connect(options: &SocketOptions) -> Result<TcpStream> {
    let socket = if options.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(bytes) = options.receive_buffer_bytes {
        // Before the connect, since it decides the window that the handshake announces.
        socket.set_recv_buffer_size(bytes)?;
    }
    let stream = socket.connect(options.address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn request(options: &SocketOptions, key: &str) -> String {
    let SocketOptions { target, host, .. } = options;
    let mut request = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    );
    for (name, value) in &options.headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request
}

/// Reads up to the empty line; what comes behind it stays in the buffer.
async fn read_head(stream: &mut TcpStream, buffer: &mut BytesMut) -> Result<Response> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        ensure!(buffer.len() < MAX_HEAD_BYTES, "an answer without an end");
        ensure!(stream.read_buf(buffer).await? > 0, "the connection ended within the answer's head");
    };
    let head = buffer.split_to(end + 4);
    parse_head(str::from_utf8(&head)?.trim_end()).context("no HTTP answer")
}

fn parse_head(head: &str) -> Result<Response> {
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let rest = status_line.strip_prefix("HTTP/1.1 ").with_context(|| format!("status line {status_line:?}"))?;
    let status = rest.get(..3).unwrap_or_default().parse::<StatusCode>()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').with_context(|| format!("header line {line:?}"))?;
        headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value.trim())?);
    }
    Ok(Response { status, headers, body: Bytes::new() })
}

/// A refusal's body, to its stated length or else to the end of the connection.
async fn read_body(stream: &mut TcpStream, mut body: BytesMut, head: &Response) -> Result<Bytes> {
    let length = head.header("content-length").map(str::parse::<usize>).transpose()?;
    while length.is_none_or(|length| body.len() < length) && stream.read_buf(&mut body).await? > 0 {}
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_key_is_that_of_the_standard_s_example() {
        let accept = STANDARD.encode(Sha1::digest(format!("dGhlIHNhbXBsZSBub25jZQ=={ACCEPT_SUFFIX}")));
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn an_answer_s_head_is_taken_apart() {
        let response =
            parse_head("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nvary:Origin").expect("an answer");
        assert_eq!(response.status, 429);
        assert_eq!((response.header("retry-after"), response.header("Vary")), (Some("3"), Some("Origin")));
        parse_head("SSH-2.0-OpenSSH").expect_err("another protocol");
    }
}
