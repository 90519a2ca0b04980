//! The inventory against a list of tokens that is kept by hand.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::{Expiry, LastUse, Owner, Page, State, TokenId};

pub(crate) fn context(name: &str) -> ContextName {
    ContextName::parse(name).expect("a lawful name")
}

pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("in range")
}

/// Few values, so that they collide.
fn text() -> impl Strategy<Value = Untrusted> {
    prop::sample::select(vec![
        "",
        "ci",
        "CI",
        "ci-deploy",
        "Ärger",
        "ärger",
        "a\u{1f}b",
        "deploy-bot-1",
        "deploy-bot-12",
        "ΣΑΣ",
        "paypal",
        "pаypal",
    ])
    .prop_map(Untrusted::from)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (0..40_i64).prop_map(|days| second(days * 86_400)),
        (0..3_i64, 0..3_i32).prop_map(|(s, n)| Timestamp::new(s, n * 50).expect("in range")),
        Just(Timestamp::MAX),
    ]
}

pub(crate) fn any_token() -> impl Strategy<Value = Token> {
    let id = prop::sample::select(vec![
        "1",
        "2",
        "3",
        "a1",
        "A1",
        "xa1",
        "id-000001",
        "id-100001",
        "ID-100001",
        "日本000001",
    ]);
    let name = prop::sample::select(vec!["ana", "Ana", "bo", "Zoë"]);
    let owner = (name, 0..3).prop_map(|(name, kind)| match kind {
        0 => Owner::Unknown,
        1 => Owner::Known(name.into()),
        _ => Owner::Removed(name.into()),
    });
    let role = prop::sample::select(vec!["admin", "Reader", "ci"]).prop_map(Untrusted::from);
    let roles = prop::option::of(prop::collection::vec(role, 0..3));
    let used = prop_oneof![Just(LastUse::Never), Just(LastUse::NotReported), moment().prop_map(LastUse::At)];
    let expires = prop_oneof![Just(Expiry::Never), Just(Expiry::NotReported), moment().prop_map(Expiry::At)];
    let state = prop::sample::select(vec![
        State::Live,
        State::Live,
        State::Live,
        State::Disabled,
        State::Expired,
        State::Revoked,
    ]);
    let created = prop::option::of((0..3_i64).prop_map(second));
    ((id, text(), owner, prop::option::of(text())), (roles, prop::option::of(text()), created), (used, expires, state))
        .prop_map(|((id, label, owner, creator), (roles, masked, created), (last_used, expires, state))| Token {
            id: TokenId::parse(id).expect("a lawful id"),
            label,
            owner,
            creator,
            roles,
            masked,
            created,
            last_used,
            expires,
            state,
            parent: None,
            version: None,
            extra: Vec::new(),
        })
}

/// What can happen to an inventory.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Extend(usize, Vec<Token>),
    Put(usize, Token),
    Hide(u32),
    Merge,
    Replace(usize, Vec<Vec<Token>>, Vec<Token>),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let page = || prop::collection::vec(any_token(), 0..8);
    let step = prop_oneof![
        4 => (0..2_usize, page()).prop_map(|(context, page)| Step::Extend(context, page)),
        4 => (0..2_usize, any_token()).prop_map(|(context, token)| Step::Put(context, token)),
        1 => (0..30_u32).prop_map(Step::Hide),
        2 => Just(Step::Merge),
        1 => (0..2_usize, prop::collection::vec(page(), 0..3), page()).prop_map(|(context, pages, keep)| Step::Replace(context, pages, keep)),
    ];
    prop::collection::vec(step, 0..8)
}

pub(crate) fn contexts() -> [ContextName; 2] {
    [context("prod"), context("eu-1")]
}

/// Takes a step, and the same by hand: each row number's context and token, and whether it is hidden.
pub(crate) fn take(inventory: &Inventory, list: &mut Vec<(ContextName, Token, bool)>, step: &Step) -> Inventory {
    match step {
        Step::Extend(at, tokens) => {
            let context = &contexts()[*at];
            list.extend(tokens.iter().map(|token| (context.clone(), token.clone(), false)));
            inventory.extend(Arc::new(Page::from_tokens(context, tokens)))
        }
        Step::Put(at, token) => {
            let context = &contexts()[*at];
            let (next, row) = inventory.put(context, token);
            let place = index(row.0);
            if place == list.len() {
                list.push((context.clone(), token.clone(), false));
            }
            assert_eq!((&list[place].0, &list[place].1.id), (context, &token.id));
            list[place].1 = token.clone();
            for (other, (of, that, hidden)) in list.iter_mut().enumerate() {
                if other != place && of == context && that.id == token.id && that.state != State::Revoked {
                    *hidden = true;
                }
            }
            next
        }
        Step::Hide(row) => {
            if let Some((_, _, hidden)) = list.get_mut(index(*row)) {
                *hidden = true;
            }
            inventory.hide(Row(*row))
        }
        Step::Merge => inventory.merged(),
        Step::Replace(at, pages, keep) => replace(inventory, list, &contexts()[*at], pages, keep),
    }
}

fn replace(
    inventory: &Inventory,
    list: &mut Vec<(ContextName, Token, bool)>,
    context: &ContextName,
    pages: &[Vec<Token>],
    keep: &[Token],
) -> Inventory {
    let arcs = pages.iter().map(|page| Arc::new(Page::from_tokens(context, page))).collect();
    let (next, map) = inventory.replace(context, arcs, keep);
    let mut new: Vec<(ContextName, Token, bool)> =
        pages.iter().flatten().map(|token| (context.clone(), token.clone(), false)).collect();
    let listed: Vec<TokenKey> = new.iter().map(|(_, token, _)| token.key(context)).collect();
    let gone = keep.iter().filter(|token| !listed.contains(&token.key(context)));
    new.extend(gone.map(|token| (context.clone(), Token { state: State::Revoked, ..token.clone() }, false)));
    let first = list.iter().position(|(of, ..)| of == context).unwrap_or(list.len());
    let others = |(of, ..): &&(ContextName, Token, bool)| of != context;
    let before: Vec<_> = list[..first].iter().filter(others).cloned().collect();
    let after: Vec<_> = list[first..].iter().filter(others).cloned().collect();
    let replaced: Vec<_> = before.into_iter().chain(new).chain(after).collect();
    for (row, (of, token, hidden)) in list.iter().enumerate() {
        let now = map.get(Row(number(row)));
        let key = token.key(of);
        let is_there = replaced.iter().any(|(of, token, _)| token.key(of) == key);
        if of != context || (!hidden && is_there) {
            assert_eq!(now.and_then(|row| next.key(row)), Some(key));
        } else {
            assert_eq!(now, None);
        }
    }
    *list = replaced;
    next
}

pub(crate) fn check(inventory: &Inventory, list: &[(ContextName, Token, bool)]) {
    assert_eq!(inventory.numbers(), list.len());
    assert_eq!(inventory.len(), list.iter().filter(|(_, _, hidden)| !hidden).count());
    let mut roles: BTreeMap<String, usize> = BTreeMap::new();
    for (row, (context, token, hidden)) in list.iter().enumerate() {
        let row = Row(number(row));
        assert_eq!(inventory.is_visible(row), !hidden);
        let read = inventory.get(row).expect("a row");
        if !hidden {
            assert_eq!(read.token(), *token);
            assert_eq!(
                inventory.find(&token.key(context)).and_then(|row| inventory.key(row)),
                Some(token.key(context))
            );
            let names: std::collections::BTreeSet<&str> = token.roles.iter().flatten().map(Untrusted::raw).collect();
            for role in names {
                *roles.entry(role.to_owned()).or_default() += 1;
            }
        }
        assert_eq!(read.context(), context);
        let visible = || list.iter().filter(|(of, _, hidden)| of == context && !hidden);
        let same = visible().filter(|(_, other, _)| other.label == token.label).count();
        assert_eq!(inventory.labelled(context, token.label.raw()), same);
        let end = inventory.unique_id_end(row).expect("a row");
        let id = token.id.raw();
        assert!(id.ends_with(&end) && (end.chars().count() >= 6 || end == id));
        let has_end = |end: &str| {
            let others = list
                .iter()
                .enumerate()
                .filter(|(at, (of, _, hidden))| number(*at) != row.0 && of == context && !hidden);
            others.filter(|(_, (_, other, _))| other.id.raw().ends_with(end)).count()
        };
        assert!(end == id || has_end(&end) == 0, "{end} of {id}");
        let shorter = end.char_indices().nth(1).map_or("", |(at, _)| &end[at..]);
        assert!(end.chars().count() <= 6 || has_end(shorter) > 0, "{end} of {id}");
    }
    assert_eq!(inventory.roles(), roles.into_iter().collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn every_step_leaves_the_rows_that_it_should(steps in steps()) {
        let (mut inventory, mut list) = (Inventory::new(), Vec::new());
        for step in &steps {
            inventory = take(&inventory, &mut list, step);
            check(&inventory, &list);
        }
    }

    #[test]
    fn what_came_while_a_merge_ran_stays(before in steps(), during in steps()) {
        let (mut inventory, mut list) = (Inventory::new(), Vec::new());
        for step in &before {
            inventory = take(&inventory, &mut list, step);
        }
        let merged = MergeJob { inventory: inventory.clone() }.run();
        for step in &during {
            inventory = take(&inventory, &mut list, step);
        }
        check(&inventory.adopt(&merged), &list);
    }
}

#[test]
fn what_came_while_a_replacement_ran_is_put_again() {
    let [prod, _] = contexts();
    let token = |id: &str| crate::domain::token::tests::token(id, id);
    let page = |tokens: &[Token]| Arc::new(Page::from_tokens(&contexts()[0], tokens));
    let before = Inventory::new().extend(page(&[token("1"), token("2"), token("3")]));
    let job = ReplaceJob {
        inventory: before.clone(),
        context: prod.clone(),
        pages: vec![Slice::whole(page(&[token("2"), token("1")]))],
        keep: vec![],
    };
    let replaced = job.run();
    let (now, _) = before.put(&prod, &Token { state: State::Revoked, ..token("1") });
    let (now, new) = now.put(&prod, &token("4"));
    let (after, map) = now.adopt_replaced(&replaced).expect("the same epoch");
    let shown: Vec<_> = after
        .rows()
        .filter_map(|row| after.get(row))
        .map(|row| (row.token_id().raw().to_owned(), row.state()))
        .collect();
    assert_eq!(
        shown,
        [("2", State::Live), ("1", State::Revoked), ("4", State::Live)].map(|(id, state)| (id.to_owned(), state))
    );
    assert_eq!([Row(0), Row(1), Row(2), new].map(|row| map.get(row)), [Some(Row(1)), Some(Row(0)), None, Some(Row(2))]);
    assert!(after.adopt_replaced(&replaced).is_none());
}

#[test]
fn look_alikes_are_other_labels_with_the_same_skeleton() {
    let [prod, other] = contexts();
    let tokens = ["paypal", "modern", "ci"].map(|label| crate::domain::token::tests::token(label, label));
    let inventory = Inventory::new().extend(Arc::new(Page::from_tokens(&prod, &tokens)));
    for (label, row) in
        [("pаypаl", Some(Row(0))), ("rnodern", Some(Row(1))), ("ci", None), ("modern", None), ("c1", None)]
    {
        assert_eq!(inventory.alike(&prod, label), row, "{label}");
    }
    assert_eq!(inventory.alike(&other, "rnodern"), None);
}

#[test]
fn many_changes_stay_cheap_to_share() {
    let [prod, _] = contexts();
    let tokens: Vec<Token> = (0..3000).map(|n| crate::domain::token::tests::token(&format!("t{n}"), "x")).collect();
    let mut inventory = Inventory::new().extend(Arc::new(Page::from_tokens(&prod, &tokens)));
    for token in &tokens {
        inventory = inventory.put(&prod, &Token { state: State::Revoked, ..token.clone() }).0;
    }
    assert!(inventory.wants_merge());
    let merged = inventory.merged();
    assert!(!merged.wants_merge());
    assert_eq!(merged, inventory);
    assert!(merged.rows().all(|row| merged.get(row).is_some_and(|row| row.state() == State::Revoked)));
}
