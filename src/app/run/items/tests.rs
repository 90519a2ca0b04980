//! What the index knows is what a look at every token shows.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::ContextName;
use crate::domain::token::tests::token;

fn state() -> impl Strategy<Value = ItemState> {
    let moment = |seconds: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
    prop_oneof![
        Just(ItemState::Waiting),
        Just(ItemState::Reading(CallId(1))),
        Just(ItemState::Sending(CallId(2))),
        Just(ItemState::Proving(CallId(3))),
        Just(ItemState::ToProve),
        (0..9_i64).prop_map(move |seconds| ItemState::Later(moment(seconds))),
        Just(ItemState::Listing),
        Just(ItemState::Unproved("a cut".to_owned())),
        Just(ItemState::Over(Outcome::VerifiedDead)),
        Just(ItemState::Over(Outcome::Failed("a refusal".to_owned()))),
        Just(ItemState::Over(Outcome::NotSent)),
    ]
}

fn item(number: usize, state: ItemState) -> Item {
    let token = token(&number.to_string(), "ci");
    Item::new(
        Frozen {
            context: ContextName::parse("demo").expect("a lawful name"),
            row: None,
            token,
            admin: false,
            own: false,
            children: 0,
        },
        state,
    )
}

proptest! {
    #[test]
    fn what_is_known_without_looking_is_what_a_look_at_all_of_them_shows(
        first in prop::collection::vec(state(), 1..12),
        changes in prop::collection::vec((0..12_usize, state()), 0..40),
    ) {
        let mut items: Items = first.into_iter().enumerate().map(|(number, state)| item(number, state)).collect();
        for (ticket, (index, state)) in changes.into_iter().enumerate() {
            // Each ticket is given once.
            let ticket = Ticket(u64::try_from(ticket).expect("few"));
            let state = if index == 3 { ItemState::Recording(ticket) } else { state };
            items.set(index, state);
        }
        let states: Vec<&ItemState> = items.iter().map(Item::state).collect();
        let those = |test: &dyn Fn(&ItemState) -> bool| -> Vec<usize> {
            (0..states.len()).filter(|index| test(states[*index])).collect()
        };
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(4);
        let due = items.to_prove(now);
        prop_assert_eq!(due.is_some(), !those(&|state| state.is_to_prove(now)).is_empty());
        prop_assert!(due.is_none_or(|index| states[index].is_to_prove(now)));
        prop_assert_eq!(items.in_flight(), those(&ItemState::is_in_flight).len());
        prop_assert!(items.waiting().iter().copied().eq(those(&|state| *state == ItemState::Waiting)));
        prop_assert!(items.listing().iter().copied().eq(those(&|state| *state == ItemState::Listing)));
        let later = states.iter().filter_map(|state| state.later()).filter(|moment| *moment > now).min();
        prop_assert_eq!(items.next_later(now), later);
        for index in those(&|state| matches!(state, ItemState::Recording(_))) {
            let ItemState::Recording(ticket) = states[index] else { unreachable!("one of those") };
            prop_assert_eq!(items.recording(*ticket), Some(index));
        }
        let again: Items = items.iter().cloned().collect();
        prop_assert_eq!(items, again);
    }
}
