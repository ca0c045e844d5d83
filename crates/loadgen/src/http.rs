//! As much HTTP/1.1 as the writer and the references need: whole messages with a length.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail, ensure};

use crate::connect::connect;

/// No message of a benchmark is larger.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Who writes, and where to.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// The project that everything happens in.
    pub(crate) project: String,
    /// The secret of an API key of that project.
    pub(crate) key: String,
}

/// Names to a reference the room that hears an event; the server knows no such header.
pub(crate) const ROOM_HEADER: &str = "X-Bench-Room";

/// A request with a JSON body, ready to be sent.
pub(crate) fn request(method: &str, path: &str, credentials: &Credentials, body: &str) -> Vec<u8> {
    request_with("", method, path, credentials, body)
}

/// The same with further headers, each with its line end.
pub(crate) fn request_with(headers: &str, method: &str, path: &str, credentials: &Credentials, body: &str) -> Vec<u8> {
    let Credentials { project, key } = credentials;
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         X-Appwrite-Project: {project}\r\nX-Appwrite-Key: {key}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request without a body, by a signed-in user.
pub(crate) fn get_as(path: &str, project: &str, session: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Appwrite-Project: {project}\r\n\
         X-Appwrite-Session: {session}\r\n\r\n"
    )
    .into_bytes()
}

/// A whole request or response at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message<'buffer> {
    /// First line and headers.
    pub(crate) head: &'buffer str,
    /// What follows them.
    pub(crate) body: &'buffer [u8],
    /// Bytes that the message takes in the buffer.
    pub(crate) message_bytes: usize,
}

/// The message at the start of the buffer; `None` while it is incomplete.
pub(crate) fn first_message(buffer: &[u8]) -> anyhow::Result<Option<Message<'_>>> {
    let Some(head_bytes) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        ensure!(buffer.len() < MESSAGE_BYTES_MAX, "the peer sends no end of an HTTP head");
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..head_bytes]).context("an HTTP head is not text")?;
    let body_start = head_bytes + 4;
    let length = match header(head, "content-length") {
        Some(length) => length.parse::<usize>().with_context(|| format!("content-length {length:?} is no number"))?,
        None if header(head, "transfer-encoding").is_some() => {
            bail!("the peer answers in chunks, which is not understood here")
        }
        None => 0,
    };
    ensure!(length < MESSAGE_BYTES_MAX, "the peer announces a body of {length} bytes");
    let message_bytes = body_start + length;
    Ok(buffer.get(body_start..message_bytes).map(|body| Message { head, body, message_bytes }))
}

/// The value of a header.
pub(crate) fn header<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The status of a response.
pub(crate) fn status(head: &str) -> Option<u16> {
    head.split(' ').nth(1)?.parse().ok()
}

/// A connection that stays open and waits for each answer.
pub(crate) struct HttpClient {
    stream: TcpStream,
    inbox: Vec<u8>,
}

impl HttpClient {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { stream: connect(address, 0)?, inbox: Vec::new() })
    }

    /// Sends one request and insists on a 2xx answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.exchange(request).map(drop)
    }

    /// Sends one request and reads the JSON of its answer.
    pub(crate) fn call(&mut self, request: &[u8]) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.exchange(request)?).context("an answer is not JSON")
    }

    fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.stream.write_all(request)?;
        loop {
            if let Some(message) = first_message(&self.inbox)? {
                expect_success(&message)?;
                let (used, body) = (message.message_bytes, message.body.to_vec());
                self.inbox.drain(..used);
                return Ok(body);
            }
            let mut chunk = [0; 4096];
            let count = self.stream.read(&mut chunk).context("no answer in time")?;
            ensure!(count > 0, "the server closed the connection instead of answering");
            self.inbox.extend_from_slice(&chunk[..count]);
        }
    }
}

/// Refuses every answer that is not 2xx, with what the server said.
pub(crate) fn expect_success(message: &Message<'_>) -> anyhow::Result<()> {
    match status(message.head) {
        Some(200..=299) => Ok(()),
        _ => bail!("a request was refused: {}\n{}", message.head, String::from_utf8_lossy(message.body)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Message, first_message, header, request, status};

    #[test]
    fn a_request_is_one_message_with_its_body() {
        let credentials = Credentials { project: "p".into(), key: "k".into() };
        let mut bytes = request("PUT", "/v1/x", &credentials, "{}");
        let whole = bytes.len();
        bytes.extend_from_slice(b"PUT /next");
        let message = first_message(&bytes).expect("well-formed").expect("whole");
        assert_eq!((message.body, message.message_bytes), (b"{}".as_slice(), whole));
        assert_eq!(header(message.head, "x-appwrite-key"), Some("k"));
    }

    #[test]
    fn a_message_is_waited_for_until_its_last_byte() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";
        for cut in 0..bytes.len() {
            assert_eq!(first_message(&bytes[..cut]).expect("well-formed"), None, "cut at {cut}");
        }
        assert!(matches!(first_message(bytes), Ok(Some(Message { body: b"abc", .. }))));
    }

    #[test]
    fn an_answer_of_unknown_length_is_refused() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(first_message(bytes).is_err());
    }

    #[test]
    fn the_status_is_the_second_word() {
        assert_eq!(status("HTTP/1.1 404 Not Found\r\na: b"), Some(404));
        assert_eq!(status("nonsense"), None);
    }
}
