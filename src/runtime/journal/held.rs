//! How a journal that is open stands with the keyrings.

use std::sync::Arc;

use super::chain::{Chain, Hash, Key};
use super::check::Checked;
use super::keeper::{self, Keeper, Kept, Looked, Name};
use crate::domain::{Failure, FailureKind};
use crate::runtime::vault::Places;

/// How a journal that is open stands with the keyrings.
#[derive(Debug, Default)]
pub(super) struct Held {
    state: State,
    /// What there is to tell.
    pub(super) told: Vec<Failure>,
}

#[derive(Debug, Default)]
enum State {
    /// No keyring has to do with it: none was asked, none is there, or one does not say.
    #[default]
    Without,
    /// A keyring has nothing, and could keep a key: it is made with the first record, so that looking leaves nothing.
    Room(Arc<Places>, Name),
    /// A keyring has the key, and is told how far the journal has come.
    Kept(Keeper),
    /// A keyring has the key, and the journal is not as it was left: what is kept there stays as it is, since it proves it.
    Witness,
}

impl Held {
    /// Takes what the keyrings answered, and what became of the file since; returns the key for what is written from now on.
    pub(super) fn take(
        &mut self,
        looked: Looked,
        checked: Option<&Checked>,
        places: &Arc<Places>,
        name: Name,
    ) -> Option<Key> {
        let changed = checked.and_then(|checked| checked.changed.first());
        if let Some(changed) = changed {
            let summary = format!("the journal is not as it was left: {}", changed.words());
            let hint = "Look at `tokendeck journal verify`; after a restored backup, add --accept";
            self.told.push(Failure::new(FailureKind::Changed, summary, hint));
        }
        let key = looked.kept.into_iter().next().map(|(_, kept)| kept.key);
        if key.is_none() && checked.is_some_and(|checked| checked.foreign.is_some()) && looked.silent.is_none() {
            let hint = "The kernel's keyring forgets at a restart; `tokendeck journal verify` says what is not known";
            self.told.push(Failure::local("the key that the journal was written under is in no keyring here", hint));
        }
        self.state = match (&key, looked.silent) {
            (Some(_), _) if changed.is_some() => State::Witness,
            (Some(key), _) => Keeper::start(places.clone(), name, key.clone()).map_or(State::Without, State::Kept),
            (None, Some(silent)) => {
                let hint = format!("What is recorded now no key vouches for. {}", silent.hint);
                self.told.push(Failure {
                    summary: format!("the journal has no key: {}", silent.summary),
                    hint,
                    ..silent
                });
                State::Without
            }
            (None, None) if looked.room => State::Room(places.clone(), name),
            (None, None) => State::Without,
        };
        key
    }

    /// Makes the key before the first record that it is for, where a keyring has room for it: one that is not kept would
    /// vouch for nothing.
    pub(super) fn make_key(&mut self, chain: &mut Chain, count: u64) {
        if !matches!(self.state, State::Room(..)) {
            return;
        }
        let State::Room(places, name) = std::mem::take(&mut self.state) else { return };
        let Some(key) = Key::new() else { return };
        match keeper::keep(&places, &name, &Kept { key: key.clone(), count, hash: chain.hash }) {
            Ok(()) => {
                chain.key = Some(key.clone());
                self.state = Keeper::start(places, name, key).map_or(State::Without, State::Kept);
            }
            Err(failure) => {
                let hint = format!("What is recorded now no key vouches for. {}", failure.hint);
                let summary = format!("the journal has no key: {}", failure.summary);
                self.told.push(Failure { summary, hint, ..failure });
            }
        }
    }

    /// Notes how far the journal has come.
    pub(super) fn note(&self, count: u64, hash: Hash) {
        if let State::Kept(keeper) = &self.state {
            keeper.note(count, hash);
        }
    }
}
