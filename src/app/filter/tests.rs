//! The fast filter against one that looks at every token by itself.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::app::inventory::Row;
use crate::app::inventory::tests::{Step, contexts, second, steps, take};
use crate::domain::{Bound, Expiry, LastUse, Owner, Scope, Term, Test, Token, Untrusted, When, status_of};

type List = Vec<(ContextName, Token, bool)>;

/// Lowers letter by letter, as the query line does.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Tells whether a term matches; `None` if it compares with a time that is never or unknown.
fn term_matches(term: &Term, context: &ContextName, token: &Token, status: Status) -> Option<bool> {
    let all = |scope: Scope| {
        let mut fields: Vec<(Scope, String)> =
            vec![(Scope::Label, token.label.raw().into()), (Scope::Id, token.id.raw().into())];
        fields.extend(token.owner.name().map(|name| (Scope::Owner, name.raw().into())));
        fields.extend(token.creator.as_ref().map(|name| (Scope::Creator, name.raw().into())));
        fields.extend(token.roles.iter().flatten().map(|name| (Scope::Role, name.raw().into())));
        fields.extend(token.masked.as_ref().map(|name| (Scope::Anywhere, name.raw().into())));
        fields.into_iter().filter(move |(of, _)| scope == Scope::Anywhere || *of == scope).map(|(_, text)| lower(&text))
    };
    let matches = match &term.test {
        Test::Text(scope, word) => all(*scope).any(|field| field.contains(&**word)),
        Test::Context(word) => lower(context.as_str()).contains(&**word),
        Test::Status(asked) => status == *asked,
        Test::Time(when, bound) => {
            let (time, is_never) = match when {
                When::Created => (token.created, false),
                When::Used => (
                    if let LastUse::At(at) = token.last_used { Some(at) } else { None },
                    token.last_used == LastUse::Never,
                ),
                When::Expires => {
                    (if let Expiry::At(at) = token.expires { Some(at) } else { None }, token.expires == Expiry::Never)
                }
            };
            match (bound, time) {
                (Bound::Before(moment), Some(time)) => time < *moment,
                (Bound::After(moment), Some(time)) => time > *moment,
                (Bound::Never, time) => time.is_none() && is_never,
                (Bound::Unknown, time) => time.is_none() && !is_never,
                (_, None) if term.negated => false,
                (_, None) => return None,
            }
        }
    };
    Some(matches != term.negated)
}

#[derive(Debug, PartialEq)]
struct Naive {
    rows: Vec<Row>,
    of: usize,
    status_counts: [u32; 8],
    role_counts: Vec<(String, u32)>,
    left_out: usize,
}

fn naive(list: &List, job: &FilterJob) -> Naive {
    let mut rows: Vec<(Row, &ContextName, &Token, Status)> = Vec::new();
    let mut status_counts = [0; 8];
    let mut role_counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut left_out = 0;
    for (row, (context, token, hidden)) in list.iter().enumerate() {
        let status = status_of(token.state, token.expires, token.last_used, job.now, job.window(context));
        let verdicts: Vec<Option<bool>> =
            job.query.terms().iter().map(|term| term_matches(term, context, token, status)).collect();
        if *hidden || verdicts.contains(&Some(false)) {
            continue;
        }
        let roles: BTreeSet<&str> = token.roles.iter().flatten().map(Untrusted::raw).collect();
        let is_status = job.status.is_none_or(|preset| preset == status);
        let is_role = job.role.as_deref().is_none_or(|preset| roles.contains(preset));
        if verdicts.contains(&None) {
            left_out += usize::from(is_status && is_role);
            continue;
        }
        if is_role {
            status_counts[0] += 1;
            let place = Status::ALL.iter().position(|other| *other == status).expect("a status");
            status_counts[1 + place] += 1;
        }
        if is_status {
            for role in &roles {
                *role_counts.entry((*role).to_owned()).or_default() += 1;
            }
        }
        if is_status && is_role {
            rows.push((Row(crate::domain::number(row)), context, token, status));
        }
    }
    rows.sort_by(|(a, in_a, this, is_a), (b, in_b, that, is_b)| {
        compare(job.sort, (in_a, this, *is_a), (in_b, that, *is_b)).then(a.cmp(b))
    });
    let of = list.iter().filter(|(_, _, hidden)| !hidden).count();
    Naive {
        rows: rows.into_iter().map(|(row, ..)| row).collect(),
        of,
        status_counts,
        role_counts: role_counts.into_iter().collect(),
        left_out,
    }
}

/// A value, or how far behind all values something else is.
type Cell<T> = Result<T, u8>;

fn ordered<T: Ord>(direction: Direction, this: Cell<T>, that: Cell<T>) -> Ordering {
    match (this, that) {
        (Ok(this), Ok(that)) if direction == Direction::Ascending => this.cmp(&that),
        (Ok(this), Ok(that)) => that.cmp(&this),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(this), Err(that)) => this.cmp(&that),
    }
}

fn compare(sort: Sort, this: (&ContextName, &Token, Status), that: (&ContextName, &Token, Status)) -> Ordering {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(lower).ok_or(2);
    let owner = |token: &Token| {
        text(match &token.owner {
            Owner::Unknown => None,
            Owner::Known(name) | Owner::Removed(name) => Some(name.raw()),
        })
    };
    let roles =
        |token: &Token| text(Some(&token.roles.iter().flatten().map(Untrusted::raw).collect::<Vec<_>>().join(", ")));
    let used = |token: &Token| match token.last_used {
        LastUse::At(at) => Ok(at),
        LastUse::Never => Err(1),
        LastUse::NotReported => Err(2),
    };
    let expires = |token: &Token| match token.expires {
        Expiry::At(at) => Ok(at),
        Expiry::Never => Err(1),
        Expiry::NotReported => Err(2),
    };
    let status = |status: Status| if status == Status::Unknown { Err(2) } else { Ok(status) };
    let way = sort.direction;
    match sort.column {
        Column::Status => ordered(way, status(this.2), status(that.2)),
        Column::Label => ordered(way, text(Some(this.1.label.raw())), text(Some(that.1.label.raw()))),
        Column::Owner => ordered(way, owner(this.1), owner(that.1)),
        Column::Role => ordered(way, roles(this.1), roles(that.1)),
        Column::LastUsed => ordered(way, used(this.1), used(that.1)),
        Column::Expires => ordered(way, expires(this.1), expires(that.1)),
        Column::Created => ordered(way, this.1.created.ok_or(2), that.1.created.ok_or(2)),
        Column::Masked => {
            let masked = |token: &Token| text(token.masked.as_ref().map(Untrusted::raw));
            ordered(way, masked(this.1), masked(that.1))
        }
        Column::Context => ordered(way, Ok(lower(this.0.as_str())), Ok(lower(that.0.as_str()))),
    }
}

fn same(view: &View, list: &List, job: &FilterJob) {
    let naive = naive(list, job);
    let fast = Naive {
        rows: view.rows.to_vec(),
        of: view.of,
        status_counts: view.status_counts,
        role_counts: view.role_counts.clone(),
        left_out: view.left_out,
    };
    assert_eq!(fast, naive, "{job:?}");
    for (place, row) in naive.rows.iter().enumerate() {
        assert_eq!(view.position(*row), Some(place));
    }
    for row in (0..list.len()).map(|row| Row(crate::domain::number(row))).filter(|row| !naive.rows.contains(row)) {
        assert_eq!(view.position(row), None);
    }
}

fn queries() -> impl Strategy<Value = String> {
    let term = prop::sample::select(vec![
        "c",
        "ci",
        "ci-d",
        "CI",
        "-ci",
        "ä",
        "ärger",
        "σ",
        "a1",
        "id:a1",
        "label:ci",
        "owner:an",
        "creator:c",
        "role:ad",
        "-role:ci",
        "context:eu",
        "-context:prod",
        "status:active",
        "-status:revoked",
        "status:unknown",
        "used>1970-01-10",
        "used<1970-01-20",
        "-used>1970-01-10",
        "used:never",
        "-used:never",
        "used:unknown",
        "expires<1970-01-30",
        "expires:never",
        "created>1970-01-01",
        "created<1970-01-01T00:00:02Z",
        "created:unknown",
        "0001",
        "pаy",
        "\"y bot\"",
        "-",
    ]);
    prop::collection::vec(term, 0..4).prop_map(|terms| terms.join(" "))
}

fn sorts() -> impl Strategy<Value = Sort> {
    let direction = prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    (prop::sample::select(Column::ALL.to_vec()), direction).prop_map(|(column, direction)| Sort { column, direction })
}

/// What a person does to a view.
#[derive(Debug, Clone)]
enum Deed {
    /// Types this, key by key.
    Type(String),
    Status(Option<Status>),
    Role(Option<&'static str>),
    Sort(Sort),
    Step(Box<Step>),
    Wait(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => queries().prop_map(Deed::Type),
        1 => prop::option::of(prop::sample::select(Status::ALL.to_vec())).prop_map(Deed::Status),
        1 => prop::option::of(prop::sample::select(vec!["admin", "Reader", "none"])).prop_map(Deed::Role),
        2 => sorts().prop_map(Deed::Sort),
        1 => (0..20_i64).prop_map(Deed::Wait),
    ];
    let steps = steps().prop_map(|steps| steps.into_iter().map(|step| Deed::Step(Box::new(step))).collect::<Vec<_>>());
    (steps, prop::collection::vec(prop_oneof![2 => deed, 1 => steps_one()], 1..8))
        .prop_map(|(steps, deeds)| steps.into_iter().chain(deeds).collect())
}

fn steps_one() -> impl Strategy<Value = Deed> {
    steps().prop_filter_map("a step", |steps| steps.into_iter().next().map(|step| Deed::Step(Box::new(step))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn the_fast_filter_agrees_with_the_plain_one(deeds in deeds(), threads in 1..3_usize) {
        let mut list: List = Vec::new();
        let mut job = FilterJob::all(Inventory::new(), second(20 * 86_400));
        job.windows = vec![(contexts()[1].clone(), SignedDuration::from_hours(24))];
        for deed in deeds {
            let keys: Vec<String> = match &deed {
                Deed::Type(text) => (0..=text.chars().count()).map(|keys| text.chars().take(keys).collect()).collect(),
                Deed::Status(_) | Deed::Role(_) | Deed::Sort(_) | Deed::Step(_) | Deed::Wait(_) => Vec::new(),
            };
            match deed {
                Deed::Type(_) => {}
                Deed::Status(status) => job.status = status,
                Deed::Role(role) => job.role = role.map(str::to_owned),
                Deed::Sort(sort) => job.sort = sort,
                Deed::Step(step) => job.inventory = take(&job.inventory, &mut list, &step),
                Deed::Wait(days) => job.now = job.now.checked_add(SignedDuration::from_hours(24 * days)).expect("in range"),
            }
            let lines = keys.iter().filter_map(|line| Query::parse(line, job.now).ok()).map(Arc::new);
            for query in lines.chain([job.query.clone()]) {
                job.query = query;
                let view = job.clone().run(threads);
                same(&view, &list, &job);
                job.previous = Some(Arc::new(view));
            }
        }
    }
}

#[test]
fn many_rows_on_two_threads_are_those_of_one() {
    let tokens: Vec<Token> = (0..70_000)
        .map(|n: u32| {
            let label = format!("deploy-bot-{}", n.wrapping_mul(2_654_435_761) % 5000);
            Token {
                created: Some(second(i64::from(n % 1000))),
                ..crate::domain::token::tests::token(&format!("t{n}"), &label)
            }
        })
        .collect();
    let mut inventory = Inventory::new();
    for page in tokens.chunks(9_999) {
        inventory = inventory.extend(Arc::new(crate::domain::Page::from_tokens(&contexts()[0], page)));
    }
    let list: List = tokens.into_iter().map(|token| (contexts()[0].clone(), token, false)).collect();
    for inventory in [inventory.clone(), inventory.merged()] {
        let mut job = FilterJob::all(inventory, second(0));
        for (query, column) in [
            ("", Column::Created),
            ("bot-1", Column::Created),
            ("bot-12", Column::Label),
            ("-bot-12", Column::Label),
            ("t69999", Column::Owner),
        ] {
            job.query = Arc::new(Query::parse(query, job.now).expect("a query"));
            job.sort.column = column;
            let view = job.clone().run(2);
            assert_eq!(naive(&list, &job).rows, *view.rows, "{query}");
            assert_eq!(job.clone().run(1).rows, view.rows, "{query}");
            assert_eq!(view.rows.get(500).and_then(|row| view.position(*row)), view.rows.get(500).map(|_| 500));
            job.previous = Some(Arc::new(view));
        }
    }
}
