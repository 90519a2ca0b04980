//! What every request handler shares.

use super::{
    fault::Faults,
    keys::Keys,
    ladder::Ladder,
    store::{Readers, Usage, Writer},
};
use std::sync::Arc;

/// The parts of a running server that requests use.
pub(crate) struct Service {
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    pub(crate) usage: Arc<Usage>,
    pub(crate) pepper: Keys,
    pub(crate) ladder: Ladder,
    pub(crate) faults: Faults,
}
