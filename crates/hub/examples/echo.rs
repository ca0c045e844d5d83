//! Echoes every message with the server's own handshake and framing, for fuzzing clients: `echo [ADDRESS:PORT]`.
//! Exists in test builds only; knows HTTP just enough to be upgraded.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use herenow_hub::frame::deflate::{Agreement, Deflated, negotiate};
use herenow_hub::frame::handshake::UpgradeRequest;
use herenow_hub::frame::{CloseCode, Compression, Decoder, Event, encode};

/// Fuzzing clients send messages of 16 MiB; the server itself allows far less.
const MAX_MESSAGE_BYTES: usize = 64 << 20;
const MAX_HEAD_BYTES: usize = 64 << 10;
const READ_BYTES: usize = 64 << 10;
/// How long a client has to close its side after the close frames.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address)?;
    println!("echo: listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = serve(stream) {
                eprintln!("echo: a connection was lost: {error}");
            }
        });
    }
    Ok(())
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (head, early) = read_head(&mut stream)?;
    let (answer, compression) = upgrade(&head)?;
    stream.write_all(answer.as_bytes())?;
    echo(&mut stream, early, compression)?;
    // Unread bytes would turn the end into a reset that eats the close frame.
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(CLOSE_PATIENCE))?;
    let mut rest = vec![0; READ_BYTES];
    while stream.read(&mut rest).is_ok_and(|bytes| bytes > 0) {}
    Ok(())
}

/// Reads a request up to its empty line; what came behind it belongs to the frames.
fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let early = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), early));
        }
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece)?;
        if length == 0 || bytes.len() > MAX_HEAD_BYTES {
            return Err(invalid("a request without an end"));
        }
        bytes.extend_from_slice(&piece[..length]);
    }
}

/// The answer that switches protocols, and what was agreed on.
fn upgrade(head: &str) -> io::Result<(String, Compression)> {
    let values = |name: &str| -> Vec<&str> {
        let headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    };
    let (upgrade, connection) = (values("upgrade"), values("connection"));
    let request = UpgradeRequest {
        upgrade: &upgrade,
        connection: &connection,
        version: values("sec-websocket-version").first().copied(),
        key: values("sec-websocket-key").first().copied(),
    };
    let accept = request.accept().map_err(|error| invalid(&error.to_string()))?;
    let agreement = negotiate(&values("sec-websocket-extensions"));
    let (compression, extensions) = match agreement {
        Some(Agreement { compression, answer }) => (compression, format!("Sec-WebSocket-Extensions: {answer}\r\n")),
        None => (Compression::None, String::new()),
    };
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{extensions}\r\n"
    );
    Ok((answer, compression))
}

/// Echoes until one side ends it.
fn echo(stream: &mut TcpStream, mut bytes: Vec<u8>, compression: Compression) -> io::Result<()> {
    let mut decoder = Decoder::with_compression(MAX_MESSAGE_BYTES, compression);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let (answers, goes_on) = answer(&mut decoder, &mut bytes, compression);
        stream.write_all(&answers)?;
        if goes_on == GoesOn::No {
            return Ok(());
        }
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        bytes = buffer[..length].to_vec();
    }
}

#[derive(PartialEq, Eq)]
enum GoesOn {
    Yes,
    No,
}

/// What answers all that these bytes complete.
fn answer(decoder: &mut Decoder, mut input: &mut [u8], compression: Compression) -> (Vec<u8>, GoesOn) {
    let mut out = Vec::new();
    loop {
        match decoder.decode(&mut input) {
            Ok(None) => return (out, GoesOn::Yes),
            Ok(Some(Event::Text(text))) => match deflated(text.as_bytes(), compression) {
                Some(deflated) => deflated.write_text(&mut out, [b"", b""]),
                None => encode::write_text(&mut out, &[text.as_bytes()]),
            },
            Ok(Some(Event::Binary(bytes))) => match deflated(&bytes, compression) {
                Some(deflated) => deflated.write_binary(&mut out),
                None => encode::write_binary(&mut out, &bytes),
            },
            Ok(Some(Event::Ping(payload))) => encode::write_pong(&mut out, &payload),
            Ok(Some(Event::Pong(_))) => {}
            Ok(Some(Event::Close(closing))) => {
                let code: Option<CloseCode> = closing.map(|closing| closing.code);
                encode::write_close_reply(&mut out, code);
                return (out, GoesOn::No);
            }
            Err(error) => {
                encode::write_close(&mut out, error.close_code(), &error.to_string());
                return (out, GoesOn::No);
            }
        }
    }
}

fn deflated(message: &[u8], compression: Compression) -> Option<Deflated> {
    let Compression::Deflate(window) = compression else { return None };
    Deflated::of(message).filter(|deflated| deflated.takes(0, window))
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
