//! Requests and answers as bytes on a connection.

use super::speech::Say;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{interval, timeout},
};
use tokio_rustls::server::TlsStream;

/// The longest that anything is waited for that a fault of the program could keep from happening.
pub(super) const AT_LAST: Duration = Duration::from_mins(1);

/// A request in bytes.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

/// Says one thing to the program.
pub(super) async fn say(stream: &mut TlsStream<TcpStream>, one: Say) -> io::Result<()> {
    match one {
        Say::Bytes(bytes) => stream.write_all(&bytes).await?,
        Say::Drip(bytes, gap) => {
            let mut clock = interval(gap);
            for byte in bytes {
                clock.tick().await;
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
            }
        }
        Say::Pause(_) | Say::Silence => {
            stream.flush().await?;
            // Whatever comes, the program goes at some time.
            let gone = async { while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {} };
            timeout(AT_LAST, gone).await.map_err(|_| io::ErrorKind::TimedOut)?;
        }
    }
    Ok(())
}

/// Reads one request; nothing at the end of the connection.
pub(super) async fn hear(stream: &mut TlsStream<TcpStream>, rest: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let mut chunk = [0; 4096];
    loop {
        if let Some(length) = whole(rest).filter(|length| rest.len() >= *length) {
            let bytes: Vec<u8> = rest.drain(..length).collect();
            let line = String::from_utf8_lossy(&bytes);
            let mut words = line.split(' ').map(str::to_owned);
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            return Ok(Some(Request { method, path, bytes }));
        }
        match stream.read(&mut chunk).await? {
            0 => return Ok(None),
            count => rest.extend_from_slice(&chunk[..count]),
        }
    }
}

/// How long a message is whose head is there.
pub(super) fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    assert!(!text.contains("transfer-encoding"), "neither side speaks in chunks: {text}");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    Some(head + length.unwrap_or(0))
}
