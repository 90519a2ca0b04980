//! OSC 52: the terminal is told, and does not answer.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use zeroize::Zeroizing;

use super::{BY_HAND, Cleared, Clipboard, Copied, Road, Send52};
use crate::domain::{Failure, Secret};

/// The most that is sent, encoded: terminals drop what is longer, without a word.
const MOST_ENCODED: usize = 74_994;

/// The most that GNU screen passes on at once.
const PIECE: usize = 700;

/// The terminal as a clipboard.
pub(super) struct Osc52 {
    send: Send52,
    way: Way,
}

/// How a sequence gets to the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As it is.
    Bare,
    /// Through GNU screen, which passes on what stands in a string of its own, in pieces.
    Pieces,
}

impl Osc52 {
    pub(super) fn new(send: Send52) -> Self {
        Self { send, way: Way::Bare }
    }

    /// The same behind GNU screen.
    pub(super) fn in_pieces(send: Send52) -> Self {
        Self { send, way: Way::Pieces }
    }

    fn send(&self, sequence: Vec<u8>) -> Result<(), Failure> {
        let sent = match self.way {
            Way::Bare => (self.send)(sequence),
            Way::Pieces => (self.send)(pieces(&Zeroizing::new(sequence))),
        };
        if sent { Ok(()) } else { Err(Failure::local("the terminal is not there", BY_HAND)) }
    }
}

impl fmt::Debug for Osc52 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Osc52")
    }
}

impl Clipboard for Osc52 {
    fn road(&self) -> Road {
        match self.way {
            Way::Bare => Road::Terminal,
            Way::Pieces => Road::Screen,
        }
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        let sequence =
            sequence(&text).ok_or_else(|| Failure::local("too long for the clipboard of a terminal", BY_HAND))?;
        self.send(sequence).map(|()| Copied::SentToTerminal)
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        Ok(Cleared::Unknown)
    }

    /// Most terminals take an empty text for the wish to empty their clipboard.
    fn empty(&mut self) -> Result<Cleared, Failure> {
        self.send([BEGIN, END].concat()).map(|()| Cleared::Told)
    }
}

const BEGIN: &[u8] = b"\x1b]52;c;";
const END: &[u8] = b"\x1b\\";

/// Builds the sequence; `None` when the text is too long. The one place that does.
fn sequence(text: &Secret) -> Option<Vec<u8>> {
    let encoded = base64::encoded_len(text.len(), true).filter(|encoded| *encoded <= MOST_ENCODED)?;
    let mut payload = Zeroizing::new(vec![0; encoded]);
    let written = base64::engine::general_purpose::STANDARD.encode_slice(text.expose(), payload.as_mut_slice()).ok()?;
    let mut bytes = Vec::with_capacity(BEGIN.len() + encoded + END.len());
    bytes.extend_from_slice(BEGIN);
    bytes.extend_from_slice(payload.get(..written)?);
    bytes.extend_from_slice(END);
    Some(bytes)
}

/// Puts each piece of a sequence into a string for screen. The end of the sequence is BEL here: its own end would end
/// the string around it.
fn pieces(sequence: &[u8]) -> Vec<u8> {
    let body = sequence.strip_suffix(END).unwrap_or(sequence);
    let whole = Zeroizing::new([body, b"\x07"].concat());
    let count = whole.len().div_ceil(PIECE);
    let mut bytes = Vec::with_capacity(whole.len() + count * 4);
    for piece in whole.chunks(PIECE) {
        bytes.extend_from_slice(b"\x1bP");
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(END);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_terminal_gets_one_sequence() {
        let (sender, sent) = mpsc::channel();
        let mut clipboard = Osc52::new(Arc::new(move |bytes| sender.send(bytes).is_ok()));
        let copied = clipboard.copy(Arc::new(Secret::new("s3cret".into())));
        assert_eq!(copied, Ok(Copied::SentToTerminal));
        assert_eq!(sent.try_recv().expect("one"), b"\x1b]52;c;czNjcmV0\x1b\\");
        assert_eq!(clipboard.clear(), Ok(Cleared::Unknown));
        assert!(sent.try_recv().is_err());
    }

    #[test]
    fn what_a_terminal_would_drop_is_refused() {
        let mut clipboard = Osc52::new(Arc::new(|_| true));
        // 74,994 is no multiple of 4: the longest encoding that fits has 74,992 bytes, from 56,244.
        assert!(clipboard.copy(Arc::new(Secret::from_string("x".repeat(56_244)))).is_ok());
        assert!(clipboard.copy(Arc::new(Secret::from_string("x".repeat(56_245)))).is_err());
    }

    #[test]
    fn a_terminal_that_is_gone_is_said() {
        assert!(Osc52::new(Arc::new(|_| false)).copy(Arc::new(Secret::new("x".into()))).is_err());
    }

    #[test]
    fn screen_gets_pieces_that_make_up_the_sequence() {
        let (sender, sent) = mpsc::channel();
        let mut clipboard = Osc52::in_pieces(Arc::new(move |bytes| sender.send(bytes).is_ok()));
        let text = "x".repeat(3_000);
        assert!(clipboard.copy(Arc::new(Secret::from_string(text.clone()))).is_ok());
        let bytes = String::from_utf8(sent.try_recv().expect("sent")).expect("text");
        let pieces: Vec<&str> =
            bytes.split("\x1bP").skip(1).map(|piece| piece.strip_suffix("\x1b\\").expect("ended")).collect();
        assert!(pieces.len() == 6 && pieces.iter().all(|piece| piece.len() <= PIECE), "{}", pieces.len());
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        assert_eq!(pieces.concat(), format!("\x1b]52;c;{encoded}\x07"));
    }
}
