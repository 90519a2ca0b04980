//! The desktop's clipboard: held while the program runs, kept out of histories, cleared if unchanged.

use std::fmt;
use std::sync::Arc;

use super::{BY_HAND, Cleared, Clipboard, Copied, Road};
use crate::domain::{Failure, Secret};

/// The desktop's clipboard. Nothing is connected before the first use.
#[derive(Default)]
pub(super) struct Native {
    /// The connection. On X11 the text goes when this does.
    handle: Option<arboard::Clipboard>,
    /// What was handed over and not cleared since.
    held: Option<Arc<Secret>>,
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Native {
    fn handle(&mut self) -> Result<&mut arboard::Clipboard, Failure> {
        match &mut self.handle {
            Some(handle) => Ok(handle),
            unconnected @ None => Ok(unconnected.insert(arboard::Clipboard::new().map_err(|e| none(&e))?)),
        }
    }
}

impl Clipboard for Native {
    fn road(&self) -> Road {
        Road::Desktop
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        let set = exclude_from_history(self.handle()?.set()).text(text.expose());
        if let Err(error) = set {
            // A connection that failed once (a desktop that was left) is not asked again.
            self.handle = None;
            return Err(none(&error));
        }
        self.held = Some(text);
        Ok(Copied::Desktop)
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        let (Some(held), Some(handle)) = (self.held.take(), self.handle.as_mut()) else {
            return Ok(Cleared::Emptied);
        };
        match handle.get_text().map(Secret::from_string) {
            Ok(now) if now == *held => handle.clear().map(|()| Cleared::Emptied).map_err(|error| none(&error)),
            // Empty, or a picture: not ours any more.
            Ok(_) | Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => {
                Ok(Cleared::Changed)
            }
            Err(error) => {
                self.held = Some(held);
                Err(none(&error))
            }
        }
    }

    fn empty(&mut self) -> Result<Cleared, Failure> {
        if let Err(error) = self.handle()?.clear() {
            self.handle = None;
            return Err(none(&error));
        }
        self.held = None;
        Ok(Cleared::Emptied)
    }
}

/// The text goes with the program.
impl Drop for Native {
    fn drop(&mut self) {
        if let Err(failure) = self.clear() {
            tracing::warn!(%failure, "the clipboard was not cleared");
        }
    }
}

/// Words of ours: arboard says that an X server timed out where there is none.
fn none(error: &arboard::Error) -> Failure {
    tracing::info!(%error, "native clipboard");
    Failure::local("no desktop clipboard in this session", BY_HAND)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn exclude_from_history(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(target_os = "macos")]
fn exclude_from_history(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

#[cfg(windows)]
fn exclude_from_history(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows as _;
    set.exclude_from_cloud().exclude_from_history().exclude_from_monitoring()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_handed_over_is_nothing_to_clear() {
        let mut clipboard = Native::default();
        assert_eq!(clipboard.clear(), Ok(Cleared::Emptied));
        assert!(clipboard.handle.is_none(), "the desktop was not asked");
    }
}
