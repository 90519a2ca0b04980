//! Any number of generated tokens, as varied as those of a large organization.

use super::{
    Numbers,
    row::{Row, statement},
};
use crate::server::{
    error::Error,
    role::{Kind, Role, Roles, Scope},
};
use rusqlite::Connection;

const DAY: i64 = 86_400;
/// The oldest sample token was made so long ago.
const SPAN: i64 = 900 * DAY;
const PEOPLE: u64 = 240;

const NAMES: [&str; 24] = [
    "ada", "alan", "barbara", "brian", "dennis", "edsger", "frances", "grace", "hedy", "jean", "joan", "john", "karen",
    "ken", "leslie", "linus", "margaret", "niklaus", "radia", "rosalind", "shafi", "sophie", "tim", "vint",
];
const TEAMS: [&str; 12] = [
    "billing", "search", "mobile", "platform", "identity", "payments", "data", "growth", "support", "security", "edge",
    "ml",
];
const PARTS: [&str; 14] = [
    "deploy",
    "ci",
    "backup",
    "scraper",
    "importer",
    "webhook",
    "export",
    "grafana",
    "terraform",
    "bot",
    "gateway",
    "notebook",
    "migration",
    "probe",
];
const STAGES: [&str; 5] = ["prod", "staging", "dev", "eu-west", "us-east"];
const ODD: [&str; 8] = [
    "日本語のトークン",
    "مفتاح النشر",
    "Κλειδί ανάγνωσης",
    "🚀 launch pad",
    "ключ для копий",
    "\u{1b}[31mred\u{1b}[0m",
    "user\u{202e}gnp.exe",
    "zero\u{200b}width",
];

/// Fills in `rows` tokens, oldest first.
///
/// # Errors
/// When the database refuses or the system gives no random bytes.
pub(crate) fn fill(connection: &Connection, now: i64, rows: usize) -> Result<(), Error> {
    let mut numbers = Numbers(0x00DE_C0DE);
    let people = people(connection, &mut numbers, now)?;
    let mut statement = statement(connection)?;
    let total = i64::try_from(rows).unwrap_or(i64::MAX).max(1);
    // The last access token: a refresh token made next can hang on it.
    let mut parent: Option<(String, i64)> = None;
    for (index, left) in (1..=total).rev().take(rows).enumerate() {
        let created = now - (SPAN / total).max(1) * left - i64::try_from(numbers.below(600)).unwrap_or(0);
        let id = numbers.digits(crate::server::value::ID_LENGTH);
        let life = Life::new(&mut numbers, now, created);
        let refresh = parent.as_ref().filter(|_| numbers.below(100) < 4);
        let person = usize::try_from(numbers.below(PEOPLE)).unwrap_or(0);
        let owner = refresh.map_or(person, |(_, owner)| usize::try_from(*owner).unwrap_or(0));
        let label = label(&mut numbers, index);
        let address = format!("10.{}.{}.{}", numbers.below(8), numbers.below(256), 1 + numbers.below(254));
        let row = Row {
            id: &id,
            kind: if refresh.is_some() { Kind::Refresh } else { Kind::Access },
            scope: if numbers.below(5) == 0 { Scope::Organization } else { Scope::User },
            owner: people[owner].0,
            creator: &people[if numbers.below(4) == 0 { person } else { owner }].1,
            roles: roles(&mut numbers),
            last4: &numbers.digits(4),
            label: &label,
            description: if numbers.below(6) == 0 { "asked for by the team, reviewed yearly" } else { "" },
            created,
            last_used: life.last_used,
            last_used_from: life.last_used.map(|_| address.as_str()),
            use_count: life.uses,
            expires: life.expires,
            disabled: life.disabled,
            revoked: life.revoked,
            parent: refresh.map(|(id, _)| id.as_str()),
        };
        row.insert(&mut statement)?;
        if row.kind == Kind::Access {
            parent = Some((id.clone(), i64::try_from(owner).unwrap_or(0)));
        }
    }
    Ok(())
}

/// Makes the owners; one in thirty was removed since. Answers the number and name of each.
fn people(connection: &Connection, numbers: &mut Numbers, now: i64) -> Result<Vec<(i64, String)>, Error> {
    let mut statement = connection.prepare("INSERT INTO users (name, created, removed) VALUES (?, ?, ?)")?;
    let mut people = Vec::new();
    for index in 0..PEOPLE {
        let first = NAMES[usize::try_from(index).unwrap_or(0) % NAMES.len()];
        let name = format!("{first}.{}", index / NAMES.len() as u64 + 1);
        let removed = (numbers.below(30) == 0).then_some(now - 20 * DAY);
        statement.execute((&name, now - SPAN - DAY, removed))?;
        people.push((connection.last_insert_rowid(), name));
    }
    Ok(people)
}

fn label(numbers: &mut Numbers, index: usize) -> String {
    if numbers.below(60) == 0 {
        return format!("{} {index}", numbers.pick(&ODD));
    }
    let (team, part, stage) = (numbers.pick(&TEAMS), numbers.pick(&PARTS), numbers.pick(&STAGES));
    format!("{team}-{part}-{stage}-{index}")
}

fn roles(numbers: &mut Numbers) -> Roles {
    match numbers.below(100) {
        0..=59 => Roles::of(Role::Reader),
        60..=89 => Roles::of(Role::Developer),
        90..=92 => Roles::from_bits(Role::Reader.bit() | Role::Admin.bit()),
        _ => Roles::of(Role::Admin),
    }
}

/// How a token fared after it was made.
struct Life {
    last_used: Option<i64>,
    uses: i64,
    expires: Option<i64>,
    disabled: Option<i64>,
    revoked: Option<i64>,
}

impl Life {
    fn new(numbers: &mut Numbers, now: i64, created: i64) -> Self {
        let age = (now - created).max(1);
        let within = |numbers: &mut Numbers, span: i64| {
            let span = u64::try_from(span.max(1)).unwrap_or(1);
            i64::try_from(numbers.below(span)).unwrap_or(0)
        };
        let last_used = match numbers.below(100) {
            0..=17 => None,
            18..=57 => Some(now - within(numbers, age.min(7 * DAY))),
            _ => Some(now - within(numbers, age)),
        };
        let expires = match numbers.below(100) {
            0..=44 => None,
            45..=56 => Some(created + within(numbers, age)),
            57..=62 => Some(now + 1 + within(numbers, 30 * DAY)),
            _ => Some(now + 1 + within(numbers, 365 * DAY)),
        };
        let end = now - within(numbers, age);
        Self {
            last_used,
            uses: last_used.map_or(0, |_| 1 + within(numbers, 40_000)),
            expires,
            disabled: (numbers.below(25) == 0).then_some(end),
            revoked: (numbers.below(20) == 0).then_some(end),
        }
    }
}
