//! The way through a proxy for what goes past the HTTP client: the method CONNECT of RFC 9110.

use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::domain::{Failure, FailureKind, Origin};

/// The longest head of an answer that is read.
const MOST_BYTES: usize = 16 << 10;

/// Returns whether a proxy is spoken to in the clear, which is what [`open`] can do; a scheme that is left out is `http`.
pub(super) fn is_plain(proxy: &str) -> bool {
    proxy.split_once("://").is_none_or(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
}

/// Asks a proxy, to which `stream` is connected, for a way to an origin. What follows on the stream is the origin's.
///
/// # Errors
/// When it opens none, or does not speak HTTP.
pub(super) fn open(stream: &mut (impl Read + Write), proxy: &str, origin: &Origin) -> Result<(), Failure> {
    let answer = ask(stream, proxy, origin).map_err(|error| {
        let summary = format!("the proxy opens no way to {origin}: {}", error.kind());
        Failure::new(
            FailureKind::Offline,
            summary,
            "check `proxy` of the context, and that it speaks HTTP on this port",
        )
    })?;
    match answer {
        Some(200..300) => Ok(()),
        Some(407) => {
            let summary = format!("the proxy asks for a name and a password before it opens a way to {origin}");
            Err(Failure::new(
                FailureKind::Offline,
                summary,
                "write them into `proxy` of the context: http://NAME:WORD@…",
            ))
        }
        Some(status) => {
            let summary = format!("the proxy opens no way to {origin}: it answered {status}");
            Err(Failure::new(
                FailureKind::Offline,
                summary,
                "ask those who run the proxy whether it lets this host through",
            ))
        }
        None => {
            let summary = format!("what is at the address of the proxy does not speak HTTP: no way to {origin}");
            Err(Failure::new(FailureKind::Offline, summary, "check `proxy` of the context"))
        }
    }
}

/// Returns the status of the answer; `None` where it is none of HTTP.
fn ask(stream: &mut (impl Read + Write), proxy: &str, origin: &Origin) -> io::Result<Option<u16>> {
    let to = origin.as_str().trim_start_matches("https://");
    let user = user(proxy).map(|user| Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", user.as_str())));
    let user = user.as_ref().map_or("", |line| line.as_str());
    let request = Zeroizing::new(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{user}\r\n"));
    stream.write_all(request.as_bytes())?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    // Byte by byte: what comes behind the head is for whoever asked.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MOST_BYTES {
            return Ok(None);
        }
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    Ok(status.and_then(|status| str::from_utf8(status).ok()?.parse().ok()))
}

/// The name and the password that a proxy's URL may hold, as a header has them; `None` for none.
fn user(proxy: &str) -> Option<Zeroizing<String>> {
    let whole = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let url = url::Url::parse(&whole).ok()?;
    let (name, word) = (url.username(), url.password().unwrap_or_default());
    if name.is_empty() && word.is_empty() {
        return None;
    }
    let mut both = Zeroizing::new(percent_decode_str(name).collect::<Vec<u8>>());
    both.push(b':');
    both.extend(percent_decode_str(word));
    Some(Zeroizing::new(STANDARD.encode(&*both)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proxy that has its answer ready, and keeps what it is asked.
    struct Ready(io::Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Ready {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Ready {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn asked(proxy: &str, answer: &str) -> (Result<(), Failure>, String, u64) {
        let mut ready = Ready(io::Cursor::new(answer.as_bytes().to_vec()), Vec::new());
        let opened = open(&mut ready, proxy, &Origin::new("https://bao.example.org:8200"));
        (opened, String::from_utf8(ready.1).expect("text"), ready.0.position())
    }

    #[test]
    fn the_way_is_asked_for_by_name_and_what_follows_is_left_alone() {
        let answer = "HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n";
        let (opened, said, read) = asked("http://proxy.example:3128", &format!("{answer}\x16\x03"));
        assert_eq!(opened, Ok(()));
        assert_eq!(said, "CONNECT bao.example.org:8200 HTTP/1.1\r\nHost: bao.example.org:8200\r\n\r\n");
        assert_eq!(read, answer.len() as u64);
        let (_, said, _) = asked("me:w%40rd@proxy.example:3128", answer);
        assert!(said.contains("\r\nProxy-Authorization: Basic bWU6d0ByZA==\r\n"), "{said}");
    }

    #[test]
    fn a_way_that_is_not_opened_is_said_without_the_password() {
        for (answer, says) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "asks for a name and a password"),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", "it answered 403"),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not speak HTTP"),
            ("HTTP/1.1 200 OK\r\n", "opens no way"),
            ("", "opens no way"),
        ] {
            let failure = asked("http://me:s3cret@proxy.example", answer).0.expect_err("no way");
            assert!(failure.to_string().contains(says), "{failure}");
            assert!(!format!("{failure:?}").contains("s3cret"));
        }
        let (endless, ..) = asked("http://proxy.example", &"x".repeat(MOST_BYTES * 2));
        assert!(endless.expect_err("no way").to_string().contains("does not speak HTTP"));
    }

    #[test]
    fn what_is_spoken_to_in_the_clear_is_told_by_the_scheme() {
        for (proxy, plain) in
            [("http://a", true), ("a:3128", true), ("HTTP://a", true), ("https://a", false), ("socks5://a", false)]
        {
            assert_eq!(is_plain(proxy), plain, "{proxy}");
        }
    }
}
