//! Sixty tokens to try things on: every status, role, scope and expiry, and labels that a screen has to cope with.

use super::{
    Numbers, event,
    row::{Row, statement},
    user,
};
use crate::server::{
    error::Error,
    keys::Keys,
    role::{Kind, Roles, Scope},
    store::{Secretless, leave_notice},
    value,
};
use rusqlite::Connection;

mod table;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Everybody who owns a sample token, and how many days ago they were removed.
const PEOPLE: [(&str, Option<i64>); 9] = [
    ("ada", None),
    ("barbara", None),
    ("dennis", None),
    ("grace", None),
    ("ken", None),
    ("linus", None),
    ("margaret", None),
    ("radia", None),
    ("mallory", Some(12)),
];

/// A token of the table, in times relative to now.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) label: &'static str,
    pub(super) owner: &'static str,
    pub(super) roles: i64,
    pub(super) scope: Scope,
    /// Whether it is a refresh token.
    pub(super) kind: Kind,
    pub(super) made_days_ago: i64,
    /// `None`: never used.
    pub(super) used_hours_ago: Option<i64>,
    /// `None`: never expires; negative: expired so many days ago.
    pub(super) expires_in_days: Option<i64>,
    pub(super) end: End,
    /// The label of the token that it hangs on.
    pub(super) parent: Option<&'static str>,
    pub(super) description: &'static str,
}

/// What was done to a sample token by hand, and how many days ago.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    None,
    Disabled(i64),
    Revoked(i64),
}

/// Something that happened to a sample token.
struct Past {
    at: i64,
    action: &'static str,
    actor: &'static str,
    sample: Sample,
    id: String,
    masked: String,
}

/// Fills in the tokens with the events and notices of their lives.
///
/// # Errors
/// When the database refuses or the system gives no random bytes.
pub(crate) fn fill(connection: &Connection, audit: &Keys, now: i64) -> Result<(), Error> {
    let mut people = connection.prepare("INSERT INTO users (name, created, removed) VALUES (?, ?, ?)")?;
    for (name, removed) in PEOPLE {
        people.execute((name, now - 500 * DAY, removed.map(|days| now - days * DAY)))?;
    }
    let mut samples = table::samples();
    samples.sort_by_key(|sample| -sample.made_days_ago);
    let mut numbers = Numbers(0x5EED);
    let ids: Vec<String> = samples.iter().map(|_| numbers.digits(value::ID_LENGTH)).collect();
    let mut statement = statement(connection)?;
    let mut history = Vec::new();
    for (sample, id) in samples.iter().zip(&ids) {
        let parent = samples.iter().position(|other| Some(other.label) == sample.parent).map(|at| ids[at].as_str());
        let last4 = numbers.digits(4);
        let owner = user(connection, sample.owner)?;
        let from = format!("10.{}.{}.{}", numbers.below(4), numbers.below(256), 1 + numbers.below(254));
        let uses = 1 + i64::try_from(numbers.below(20_000)).unwrap_or(0);
        sample.row(id, &last4, owner, parent, now, (&from, uses)).insert(&mut statement)?;
        sample.remember(id, &last4, now, &mut history);
    }
    history.sort_by_key(|past| past.at);
    for past in &history {
        past.record(connection, audit)?;
    }
    Ok(())
}

impl Sample {
    fn row<'a>(
        &self,
        id: &'a str,
        last4: &'a str,
        owner: i64,
        parent: Option<&'a str>,
        now: i64,
        (from, uses): (&'a str, i64),
    ) -> Row<'a> {
        let (disabled, revoked) = match self.end {
            End::None => (None, None),
            End::Disabled(days) => (Some(now - days * DAY), None),
            End::Revoked(days) => (None, Some(now - days * DAY)),
        };
        Row {
            id,
            kind: self.kind,
            scope: self.scope,
            owner,
            creator: self.owner,
            roles: Roles::from_bits(self.roles),
            last4,
            label: self.label,
            description: self.description,
            created: self.made(now),
            last_used: self.used_hours_ago.map(|hours| now - hours * HOUR - 7 * 60),
            last_used_from: self.used_hours_ago.map(|_| from),
            use_count: self.used_hours_ago.map_or(0, |_| uses),
            expires: self.expires_in_days.map(|days| now + days * DAY + 2 * HOUR),
            disabled,
            revoked,
            parent,
        }
    }

    fn made(&self, now: i64) -> i64 {
        now - self.made_days_ago * DAY - 3 * HOUR
    }

    fn remember(&self, id: &str, last4: &str, now: i64, history: &mut Vec<Past>) {
        let mut add = |at, action, actor| {
            let masked = value::masked(self.kind, last4);
            history.push(Past { at, action, actor, sample: *self, id: id.to_owned(), masked });
        };
        add(self.made(now), "token.created", self.owner);
        match self.end {
            End::None => {}
            End::Disabled(days) => add(now - days * DAY, "token.disabled", "grace"),
            End::Revoked(days) => add(now - days * DAY, "token.revoked", "radia"),
        }
    }
}

impl Past {
    fn record(&self, connection: &Connection, audit: &Keys) -> Result<(), Error> {
        let Sample { label, owner, .. } = self.sample;
        let face = Secretless { id: &self.id, label, owner, masked: self.masked.clone() };
        event(connection, audit, self.at, self.action, self.actor, &face)?;
        if self.sample.scope == Scope::Organization && self.action != "token.disabled" {
            leave_notice(connection, self.at, self.action, self.actor, &face)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Kind, PEOPLE, Scope, table::samples};

    #[test]
    fn the_samples_show_everything_there_is() {
        let all = samples();
        let count = |test: &dyn Fn(&super::Sample) -> bool| all.iter().filter(|sample| test(sample)).count();
        let live =
            |sample: &super::Sample| sample.end == End::None && sample.expires_in_days.is_none_or(|days| days >= 0);
        assert_eq!(all.len(), 59, "with the operator's there are 60");
        assert!(count(&|sample| live(sample) && sample.roles < 4) >= 35);
        let admins = count(&|sample| sample.roles >= 4);
        assert!((14..=20).contains(&admins), "{admins}");
        for end in [0, 1, 2] {
            let kind = |sample: &super::Sample| match sample.end {
                End::None => 0,
                End::Disabled(_) => 1,
                End::Revoked(_) => 2,
            };
            assert!(count(&|sample| kind(sample) == end) >= 3);
        }
        assert!(count(&|sample| live(sample) && sample.used_hours_ago.is_none()) >= 5);
        assert!(count(&|sample| live(sample) && sample.used_hours_ago.is_some_and(|hours| hours < 168)) >= 5);
        assert!(count(&|sample| live(sample) && sample.used_hours_ago.is_some_and(|hours| hours > 168)) >= 5);
        assert!(count(&|sample| sample.end == End::None && sample.expires_in_days.is_some_and(|days| days < 0)) >= 3);
        assert!(count(&|sample| sample.expires_in_days.is_some_and(|days| (0..7).contains(&days))) >= 2);
        assert!(count(&|sample| sample.expires_in_days.is_some_and(|days| (7..30).contains(&days))) >= 2);
        assert!(count(&|sample| sample.kind == Kind::Refresh) >= 3);
        for scope in [Scope::User, Scope::Organization] {
            assert!(count(&|sample| sample.owner == "mallory" && sample.scope == scope && live(sample)) >= 1);
        }
        for sample in &all {
            assert!(PEOPLE.iter().any(|(name, _)| *name == sample.owner), "{}", sample.owner);
            let used = sample.used_hours_ago.unwrap_or(0);
            assert!(used < sample.made_days_ago * 24 + 3, "{} was used before it was made", sample.label);
            let Some(parent) = sample.parent else { continue };
            let parents: Vec<_> = all.iter().filter(|other| other.label == parent).collect();
            assert_eq!(parents.len(), 1, "{parent}");
            assert!(parents[0].made_days_ago > sample.made_days_ago, "{parent} comes first");
        }
    }
}
