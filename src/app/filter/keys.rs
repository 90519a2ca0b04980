//! Sorting all rows: every column becomes numbers that are quick to compare.

use super::{Column, Direction, FilterJob, split, strings};
use crate::app::inventory::{Changed, Inventory, Row, Segment};
use crate::domain::{Moments, Page, Stamp, Status, StatusRule, Token, Untrusted, fold, index, number};

/// A row behind what it is sorted by.
pub(super) type Pair = (u64, u32);

/// The keys of what a row does not have: last in both directions.
pub(super) const NEVER: u64 = u64::MAX - 1;
pub(super) const UNKNOWN: u64 = u64::MAX;

/// The largest key of what a row has.
const LARGEST: u64 = (1 << 63) - 1;

/// Returns all rows in the order that a job asks for.
pub(super) fn sorted(job: &FilterJob, threads: usize) -> Vec<Row> {
    let pairs = match job.sort.column {
        Column::Created => times(job, threads, |page| page.moments()[0], |token| token.created.into()),
        Column::LastUsed => times(job, threads, |page| page.moments()[1], |token| token.last_used.into()),
        Column::Expires => times(job, threads, |page| page.moments()[2], |token| token.expires.into()),
        Column::Label | Column::Masked => strings::sorted(job, threads),
        Column::Owner => {
            ranked(job, threads, &owners(), &|page, row| page.owner_number(row).map_or(0, |name| index(name) + 1))
        }
        Column::Role => ranked(job, threads, &roles(), &Page::role_set),
        Column::Context => ranked(job, threads, &contexts(), &|_, _| 0),
        Column::Status => statuses(job, threads),
    };
    pairs.into_iter().map(|(_, row)| Row(row)).collect()
}

/// Returns the key of the `key`th smallest of all values.
pub(super) const fn directed(direction: Direction, key: u64) -> u64 {
    match direction {
        Direction::Ascending => key,
        Direction::Descending => LARGEST - key,
    }
}

/// Returns all rows sorted by their keys.
pub(super) fn by_key(
    inventory: &Inventory,
    threads: usize,
    listed: impl Fn(usize, &Page, usize) -> u64 + Sync,
    changed: impl Fn(usize, &Segment, &Token) -> u64 + Sync,
) -> Vec<Pair> {
    let parts = split::ranges(inventory.numbers(), threads);
    let sorted = split::each(threads, parts.len(), |part| {
        let wanted = &parts[part];
        let mut pairs = Vec::with_capacity(wanted.len());
        for (at, segment) in inventory.segments().iter().enumerate() {
            let start = index(segment.start);
            let from = wanted.start.saturating_sub(start).min(segment.page.len());
            let to = wanted.end.saturating_sub(start).min(segment.page.len());
            let base = pairs.len();
            pairs.extend((from..to).map(|row| (listed(at, &segment.page, row), number(start + row))));
            for (row, change) in segment.changes().filter(|(row, _)| (from..to).contains(row)) {
                if let Changed::Token(token) = &change.to {
                    pairs[base + row - from].0 = changed(at, segment, token);
                }
            }
        }
        pairs.sort_unstable();
        pairs
    });
    sorted.into_iter().reduce(merged).unwrap_or_default()
}

/// Returns the pairs of two sorted lists, sorted.
fn merged(left: Vec<Pair>, right: Vec<Pair>) -> Vec<Pair> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(this), Some(that)) = (left.peek(), right.peek()) {
        let next = if this <= that { left.next() } else { right.next() };
        all.extend(next);
    }
    all.extend(left);
    all.extend(right);
    all
}

fn times(
    job: &FilterJob,
    threads: usize,
    column: impl Fn(&Page) -> &Moments + Sync,
    of: impl Fn(&Token) -> Stamp + Sync,
) -> Vec<Pair> {
    let direction = job.sort.direction;
    let key = |stamp: Stamp| match stamp {
        Stamp::NEVER => NEVER,
        Stamp::UNKNOWN => UNKNOWN,
        moment => directed(direction, moment.rough()),
    };
    let inventory = &job.inventory;
    let mut pairs = by_key(inventory, threads, |_, page, row| key(column(page).get(row)), |_, _, token| key(of(token)));
    let is_rough = |segment: &Segment| !column(&segment.page).are_whole() || segment.is_changed();
    if inventory.segments().iter().any(is_rough) {
        for run in pairs.chunk_by_mut(|this, that| this.0 == that.0).filter(|run| run.len() > 1) {
            exactly(run, inventory, job, &column, &of);
        }
    }
    pairs
}

/// Sorts rows whose moments are within the same 128 nanoseconds.
fn exactly(
    run: &mut [Pair],
    inventory: &Inventory,
    job: &FilterJob,
    column: &impl Fn(&Page) -> &Moments,
    of: &impl Fn(&Token) -> Stamp,
) {
    let mut exact: Vec<(Stamp, Pair)> = run
        .iter()
        .map(|pair| {
            let stamp = inventory.place(Row(pair.1)).map_or(Stamp::UNKNOWN, |(segment, at)| match segment.change(at) {
                Some(Changed::Token(token)) => of(token),
                Some(Changed::Hidden(_)) | None => column(&segment.page).get(at),
            });
            (stamp, *pair)
        })
        .collect();
    exact.sort_by(|(this, a), (that, b)| {
        let order = this.cmp(that);
        if job.sort.direction == Direction::Descending { order.reverse() } else { order }.then(a.1.cmp(&b.1))
    });
    run.iter_mut().zip(exact).for_each(|(pair, (_, exact))| *pair = exact);
}

/// A column of which many rows have the same text.
struct Ranked {
    /// The texts of a page, by the number that a row has.
    listed: fn(&Page) -> Vec<Vec<u8>>,
    /// The text of a changed row.
    changed: fn(&Segment, &Token) -> Vec<u8>,
}

fn owners() -> Ranked {
    Ranked {
        listed: |page| {
            let (_, names) = page.owner_numbers();
            let known = (0..number(names.len())).map(|name| names.lowered(name).to_vec());
            std::iter::once(Vec::new()).chain(known).collect()
        },
        changed: |_, token| token.owner.name().map(|name| fold(name.raw()).into_bytes()).unwrap_or_default(),
    }
}

fn roles() -> Ranked {
    Ranked {
        listed: |page| {
            let (_, sets) = page.role_numbers();
            (0..number(sets.len())).map(|set| sets.lowered(set).collect::<Vec<_>>().join(&b", "[..])).collect()
        },
        changed: |_, token| {
            let roles: Vec<String> = token.roles.iter().flatten().map(Untrusted::raw).map(fold).collect();
            roles.join(", ").into_bytes()
        },
    }
}

fn contexts() -> Ranked {
    Ranked {
        listed: |page| vec![fold(page.context().as_str()).into_bytes()],
        changed: |segment, _| fold(segment.page.context().as_str()).into_bytes(),
    }
}

fn ranked(
    job: &FilterJob,
    threads: usize,
    column: &Ranked,
    number_of: &(impl Fn(&Page, usize) -> usize + Sync),
) -> Vec<Pair> {
    let segments = job.inventory.segments();
    let listed: Vec<Vec<Vec<u8>>> = segments.iter().map(|segment| (column.listed)(&segment.page)).collect();
    let changed = segments.iter().flat_map(|segment| {
        segment.changes().filter_map(|(_, change)| match &change.to {
            Changed::Token(token) => Some((column.changed)(segment, token)),
            Changed::Hidden(_) => None,
        })
    });
    let mut all: Vec<Vec<u8>> =
        listed.iter().flatten().cloned().chain(changed).filter(|text| !text.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    let key = |text: &Vec<u8>| match all.binary_search(text) {
        Ok(rank) => directed(job.sort.direction, u64::from(number(rank))),
        Err(_) => UNKNOWN,
    };
    let tables: Vec<Vec<u64>> = listed.iter().map(|texts| texts.iter().map(key).collect()).collect();
    by_key(
        &job.inventory,
        threads,
        |at, page, row| tables[at][number_of(page, row)],
        |_, segment, token| key(&(column.changed)(segment, token)),
    )
}

fn statuses(job: &FilterJob, threads: usize) -> Vec<Pair> {
    let segments = job.inventory.segments().iter();
    let rules: Vec<StatusRule> =
        segments.map(|segment| StatusRule::new(job.now, job.window(segment.page.context()))).collect();
    let key = |status: Status| {
        let known = || directed(job.sort.direction, u64::from(number(status.place())));
        if status == Status::Unknown { UNKNOWN } else { known() }
    };
    by_key(
        &job.inventory,
        threads,
        |at, page, row| key(page.status(row, &rules[at])),
        |at, _, token| key(rules[at].status(token.state, token.expires.into(), token.last_used.into())),
    )
}
