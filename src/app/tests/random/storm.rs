//! Random keys.

use proptest::prelude::*;

use super::config;
use crate::app::key::tests::keys;
use crate::app::message::Message;
use crate::app::testing::*;
use crate::domain::{Deed, RecordBody};

/// What can be typed at any time.
#[expect(clippy::too_many_lines, reason = "a flat list of what may happen")]
fn storm() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec![
            "y",
            "y",
            "y",
            "<enter>",
            "<enter>",
            "x",
            "x",
            "n",
            "q",
            "<esc>",
            "j",
            "k",
            " ",
            "*",
            "u",
            "1",
            "2",
            "8",
            "r",
            "t",
            "e",
            "v",
            "c",
            "d",
            "w",
            "p",
            "a",
            ":",
            "/",
            "?",
            "!",
            "<tab>",
            "<shift-tab>",
            "<up>",
            "<down>",
            "<left>",
            "<right>",
            "<backspace>",
            "<delete>",
            "<home>",
            "<end>",
            "<pgup>",
            "<pgdn>",
            "<ctrl-c>",
            "<ctrl-r>",
            "<ctrl-u>",
            "o",
            "s",
            "V",
            "i",
            "é",
            "\u{202e}",
            "revoke<enter>",
            "disable<enter>",
            "resume<enter>",
            "write<enter>",
        ]),
        1..80,
    )
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_storm_of_keys_makes_one_intent_a_confirmation_at_most(storm in storm(), gap in 0..2_i64, serve in any::<bool>()) {
        let mut talk = Talk::usual();
        let mut confirmed = 0_usize;
        for text in storm {
            for key in keys(text) {
                let runs = talk.model.runs.get(0).map(|run| run.began);
                talk.tell(Message::Key(key));
                let now = talk.model.runs.get(0).map(|run| run.began);
                if now != runs {
                    confirmed += talk.run().items.len();
                }
                talk.wait(gap);
                if serve && !talk.open.is_empty() {
                    talk.serve_at(0);
                }
            }
        }
        talk.settle();
        let intents = talk.journal().iter().filter(|record| matches!(&record.body, RecordBody::Intent(Deed::Revoke { .. }))).count();
        prop_assert!(intents <= confirmed);
        // Less than the arm delay passed over all of these keys: nothing may have been confirmed.
        if gap == 0 {
            prop_assert_eq!(talk.revoked().len(), 0);
        }
    }
}
