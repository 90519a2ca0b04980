//! Which key does what. One table for matching, footer and help.

use std::collections::BTreeMap;

use super::action::Action;
use super::key::Key;

/// The built-in keys.
const DEFAULT: &str = include_str!("../../assets/keymap.toml");

/// Which key does what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(BTreeMap<Action, Vec<Key>>);

impl Default for Keymap {
    fn default() -> Self {
        let (keymap, mistakes) = Self(BTreeMap::new()).with(DEFAULT);
        debug_assert!(mistakes.is_empty(), "{mistakes:?}");
        keymap
    }
}

impl Keymap {
    /// Lays a table of `action = ["key", …]` over this one; returns every mistake in it.
    #[must_use]
    pub fn with(mut self, text: &str) -> (Self, Vec<String>) {
        let table: BTreeMap<String, Vec<String>> = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => return (self, vec![error.message().to_owned()]),
        };
        let mut mistakes = Vec::new();
        for (name, keys) in table {
            let Some(action) = Action::parse(&name) else {
                mistakes.push(format!("there is no action `{name}`"));
                continue;
            };
            let known = |key: &String| Key::parse(key).ok_or_else(|| format!("{name}: there is no key `{key}`"));
            let (good, bad): (Vec<_>, Vec<_>) = keys.iter().map(known).partition(Result::is_ok);
            mistakes.extend(bad.into_iter().filter_map(Result::err));
            let good: Vec<Key> = good.into_iter().filter_map(Result::ok).collect();
            for other in self.0.values_mut() {
                other.retain(|key| !good.contains(key));
            }
            self.0.insert(action, good);
        }
        (self, mistakes)
    }

    /// Returns what a key does.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.0.iter().find(|(_, keys)| keys.contains(&key.pressed())).map(|(action, _)| *action)
    }

    /// Returns the keys of an action.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.0.get(&action).map_or(&[], Vec::as_slice)
    }

    /// Returns the first key of an action, as shown in the footer.
    pub fn hint(&self, action: Action) -> Option<String> {
        self.keys(action).first().map(|key| key.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_and_every_key_one_action() {
        let keymap = Keymap::default();
        for action in Action::all() {
            assert!(!keymap.keys(action).is_empty(), "{action:?}");
            for key in keymap.keys(action) {
                assert_eq!(keymap.action(*key), Some(action));
            }
        }
    }

    #[test]
    fn a_key_that_is_given_away_leaves_its_old_action() {
        let (keymap, mistakes) = Keymap::default().with("refresh = [\"j\"]\nfly = [\"x\"]\nquit = [\"hyper-q\"]");
        assert_eq!(keymap.action(Key::parse("j").expect("a key")), Some(Action::Refresh));
        assert_eq!(keymap.action(Key::parse("down").expect("a key")), Some(Action::Down));
        assert_eq!(mistakes, ["there is no action `fly`", "quit: there is no key `hyper-q`"]);
    }

    #[test]
    fn the_tilde_is_no_key_of_ours() {
        assert_eq!(Keymap::default().action(Key::parse("~").expect("a key")), None);
    }
}
