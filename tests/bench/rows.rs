//! Rows for the benches: what an inventory of a large organisation looks like.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use tokendeck::app::inventory::Inventory;
use tokendeck::domain::{ContextName, Expiry, LastUse, OwnerRef, Page, PageBuilder, State, TokenRow};

const FIRST: [&str; 16] = [
    "ana", "boris", "chidi", "dmitri", "elena", "farid", "grace", "hiro", "ines", "jonas", "kavya", "lucia", "maria",
    "noah", "olga", "quinn",
];
const KIND: [&str; 8] = ["ci-deploy", "backup", "metrics", "terraform", "laptop", "grafana", "release", "sync-job"];
const ROLES: [&[&str]; 5] = [&["reader"], &["writer"], &["admin"], &["reader", "writer"], &["deploy"]];

/// The moment of the benches, in seconds.
pub(crate) const NOW: i64 = 1_795_000_000;

/// Numbers that look random and are always the same.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).expect("small")]
    }
}

pub(crate) fn context() -> ContextName {
    ContextName::parse("prod").expect("a lawful name")
}

fn moment(numbers: &mut Numbers, days: u64) -> Timestamp {
    let age = i64::try_from(numbers.below(days * 86_400)).expect("small");
    Timestamp::from_second(NOW - age).expect("in range")
}

/// Makes a page of rows as they come from a decoder.
pub(crate) fn page(numbers: &mut Numbers, first: usize, rows: usize) -> Page {
    let mut builder = PageBuilder::new(context());
    let [mut id, mut label, mut owner, mut masked] = [const { String::new() }; 4];
    for row in first..first + rows {
        [&mut id, &mut label, &mut owner, &mut masked].into_iter().for_each(String::clear);
        let (high, low) = (numbers.below(1 << 32), row);
        write!(id, "{high:08x}{low:08x}").expect("a string");
        write!(label, "{}-{}-{:05}", numbers.one(&KIND), numbers.one(&FIRST), numbers.below(100_000))
            .expect("a string");
        write!(owner, "{}.{:04}", numbers.one(&FIRST), numbers.below(300)).expect("a string");
        write!(masked, "tok_{:04x}…{:04x}", numbers.below(65_536), numbers.below(65_536)).expect("a string");
        let created = moment(numbers, 900);
        let last_used = match numbers.below(10) {
            0 | 1 => LastUse::Never,
            2..5 => LastUse::At(moment(numbers, 7)),
            _ => LastUse::At(moment(numbers, 400)),
        };
        let expires = match numbers.below(4) {
            0 => Expiry::Never,
            _ => Expiry::At(
                Timestamp::from_second(NOW + 86_400 * 90 - (NOW - moment(numbers, 120).as_second())).expect("in range"),
            ),
        };
        let state = if numbers.below(20) == 0 { State::Revoked } else { State::Live };
        let taken = builder.push(&TokenRow {
            owner: OwnerRef::Known(&owner),
            creator: Some(&owner),
            roles: Some(numbers.one(&ROLES)),
            masked: Some(&masked),
            created: Some(created),
            last_used,
            expires,
            state,
            ..TokenRow::new(&id, &label)
        });
        taken.expect("a lawful row");
    }
    builder.finish()
}

/// Makes an inventory from pages of a thousand rows, merged as the program does.
pub(crate) fn inventory(rows: usize) -> Inventory {
    let mut numbers = Numbers::new();
    let mut inventory = Inventory::new();
    for first in (0..rows).step_by(1000) {
        inventory = inventory.extend(Arc::new(page(&mut numbers, first, 1000.min(rows - first))));
        if inventory.wants_merge() {
            inventory = inventory.merged();
        }
    }
    inventory.merged()
}
