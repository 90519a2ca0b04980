//! OSC 52: the terminal is told, and does not answer.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use zeroize::Zeroizing;

use super::{BY_HAND, Cleared, Clipboard, Copied, Road};
use crate::domain::{Failure, Secret};

/// The most that is sent, encoded: terminals drop what is longer, without a word.
const MOST_ENCODED: usize = 74_994;

/// The terminal as a clipboard.
pub(super) struct Osc52<S> {
    send: S,
}

impl<S: Fn(Vec<u8>) -> bool + Send> Osc52<S> {
    pub(super) fn new(send: S) -> Self {
        Self { send }
    }
}

impl<S> fmt::Debug for Osc52<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Osc52")
    }
}

impl<S: Fn(Vec<u8>) -> bool + Send> Clipboard for Osc52<S> {
    fn road(&self) -> Road {
        Road::Terminal
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        let sequence =
            sequence(&text).ok_or_else(|| Failure::local("too long for the clipboard of a terminal", BY_HAND))?;
        if (self.send)(sequence) {
            Ok(Copied::SentToTerminal)
        } else {
            Err(Failure::local("the terminal is not there", BY_HAND))
        }
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        Ok(Cleared::Unknown)
    }
}

/// Builds the sequence; `None` when the text is too long. The one place that does.
fn sequence(text: &Secret) -> Option<Vec<u8>> {
    let (begin, end) = (b"\x1b]52;c;", b"\x1b\\");
    let encoded = base64::encoded_len(text.len(), true).filter(|encoded| *encoded <= MOST_ENCODED)?;
    let mut payload = Zeroizing::new(vec![0; encoded]);
    let written = base64::engine::general_purpose::STANDARD.encode_slice(text.expose(), payload.as_mut_slice()).ok()?;
    let mut bytes = Vec::with_capacity(begin.len() + encoded + end.len());
    bytes.extend_from_slice(begin);
    bytes.extend_from_slice(payload.get(..written)?);
    bytes.extend_from_slice(end);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_terminal_gets_one_sequence() {
        let (sender, sent) = mpsc::channel();
        let mut clipboard = Osc52::new(move |bytes| sender.send(bytes).is_ok());
        let copied = clipboard.copy(Arc::new(Secret::new("s3cret".into())));
        assert_eq!(copied, Ok(Copied::SentToTerminal));
        assert_eq!(sent.try_recv().expect("one"), b"\x1b]52;c;czNjcmV0\x1b\\");
        assert_eq!(clipboard.clear(), Ok(Cleared::Unknown));
        assert!(sent.try_recv().is_err());
    }

    #[test]
    fn what_a_terminal_would_drop_is_refused() {
        let mut clipboard = Osc52::new(|_| true);
        // 74,994 is no multiple of 4: the longest encoding that fits has 74,992 bytes, from 56,244.
        assert!(clipboard.copy(Arc::new(Secret::from_string("x".repeat(56_244)))).is_ok());
        assert!(clipboard.copy(Arc::new(Secret::from_string("x".repeat(56_245)))).is_err());
    }

    #[test]
    fn a_terminal_that_is_gone_is_said() {
        assert!(Osc52::new(|_| false).copy(Arc::new(Secret::new("x".into()))).is_err());
    }
}
