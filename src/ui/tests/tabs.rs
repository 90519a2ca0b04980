//! Pictures of the tabs.

use std::sync::Arc;

use jiff::SignedDuration;

use super::build::{
    ago, capabilities, check, context, empty, failure, filter, go, model, name, now, pictures, tokens, with,
};
use super::modals::{left_open, run};
use crate::app::activity::{Source, Told};
use crate::app::contexts::{Asked, ListExtent};
use crate::app::field::Field;
use crate::app::filter::{Column, Direction, Sort};
use crate::app::incident::{Choice, Incident, Known, Reach, Work};
use crate::app::messages::Messages;
use crate::app::model::{Model, Tab};
use crate::app::run::Phase;
use crate::app::sift::Sift;
use crate::app::tokens::{Detail, Focus, RowNote};
use crate::domain::{
    Access, Budget, Capabilities, Deed, Event, EventKind, FailureKind, Nonce, Outcome, Protection, Query, Record,
    RecordBody, Rotation, Sequence, Status, Support, Target, TokenId,
};

const SMALL: [(u16, u16); 2] = [(80, 24), (44, 12)];
const ALL: [(u16, u16); 4] = [(80, 24), (44, 12), (120, 40), (200, 24)];

/// Two contexts, marks, notes and a message.
fn busy() -> Model {
    let mut prod = context("prod");
    prod.context.protection = Protection::Protected;
    let mut lab = context("lab");
    lab.context.access = Access::ReadOnly;
    lab.context.active_window = SignedDuration::from_hours(24);
    lab.list.failure = Some(failure(FailureKind::Offline));
    lab.list.data_at = Some(ago(2));
    lab.skew = Some(SignedDuration::from_secs(-95));
    let rows = tokens().into_iter().enumerate();
    let mut model =
        with(vec![prod, lab], rows.map(|(index, token)| (name(if index % 3 == 0 { "lab" } else { "prod" }), token)));
    model.tokens.sort = Sort { column: Column::Label, direction: Direction::Ascending };
    filter(&mut model);
    let rows = model.tokens.view.rows.clone();
    model.tokens.marks.extend(rows.iter().skip(2).take(3));
    let notes = [
        RowNote::Waiting,
        RowNote::Revoking,
        RowNote::Revoked,
        RowNote::VerifiedDead,
        RowNote::Lives,
        RowNote::Gone,
        RowNote::Changed,
        RowNote::Failed("the backend refused".to_owned()),
        RowNote::Unverified,
    ];
    model.tokens.notes.extend(rows.iter().copied().zip(notes));
    model.messages.warn(now(), "a thing went wrong", "look at it");
    model.messages.warn(now(), "lab: no connection to 127.0.0.1:8443", "check that it runs");
    go(&mut model, 3);
    model
}

#[test]
fn the_table_shows_every_status_and_drops_columns_where_it_is_narrow() {
    check("tokens", &pictures(&model(), &ALL));
}

#[test]
fn several_contexts_stand_in_the_table_and_in_the_header() {
    check("tokens_busy", &pictures(&busy(), &ALL));
}

#[test]
fn a_run_that_goes_on_says_how_far_it_is() {
    let mut model = model();
    let scenes = [Phase::Going, Phase::Paused(failure(FailureKind::Credential)), Phase::Cancelling].map(|phase| {
        model.runs = run(phase);
        model.messages.say(now(), "sorted by label");
        pictures(&model, &[(80, 12), (44, 12)])
    });
    check("run", &scenes.join("\n"));
}

#[test]
fn what_was_left_open_is_said_until_it_is_settled() {
    let mut scenes = Vec::new();
    for mut model in [model(), busy()] {
        model.messages.say(now(), "sorted by label");
        model.leftovers = left_open();
        scenes.push(pictures(&model, &[(80, 12), (44, 12)]));
        model.runs = run(Phase::Going);
        scenes.push(pictures(&model, &[(80, 12), (44, 12)]));
    }
    check("left_open", &scenes.join("\n"));
}

#[test]
fn details_stand_beside_below_or_over_the_table() {
    let mut model = model();
    let row = model.tokens.cursor;
    let token = Asked::There(Box::new(model.tokens.inventory.token(row.expect("a row")).expect("a token")));
    model.tokens.detail = Detail::Open { row, token, scroll: 0 };
    let there = pictures(&model, &[(80, 24), (44, 12), (120, 40)]);
    model.tokens.detail = Detail::Open { row, token: Asked::Failed(failure(FailureKind::Forbidden)), scroll: 99 };
    check("details", &format!("{there}\nscrolled, failed\n{}", pictures(&model, &[(80, 24), (44, 12)])));
}

#[test]
fn a_query_shows_its_cursor_its_mistake_and_what_it_left_out() {
    let mut model = model();
    let text = "used>1h -label:trial";
    model.tokens.query.field = Field::with(text);
    model.tokens.query.query = Arc::new(Query::parse(text, now()).expect("a query"));
    filter(&mut model);
    let left_out = pictures(&model, &SMALL);
    model.tokens.role = Some("developer".to_owned());
    model.tokens.status = Some(Status::Active);
    model.tokens.query.focus = Focus::Here;
    filter(&mut model);
    let good = pictures(&model, &SMALL);
    let text = "status:inactive rolle:admin";
    model.tokens.query.field = Field::with(text);
    model.tokens.query.error = Query::parse(text, now()).err();
    let bad = pictures(&model, &SMALL);
    let text = "status:inactive owner:ana label:something-that-is-long created<soon";
    model.tokens.query.field = Field::with(text);
    model.tokens.query.error = Query::parse(text, now()).err();
    check(
        "query",
        &format!("{left_out}\npresets\n{good}\nmistake\n{bad}\nmistake at the end\n{}", pictures(&model, &SMALL)),
    );
}

#[test]
fn five_states_without_rows_look_different() {
    let mut scenes = Vec::new();
    let mut scene = |title: &str, model: &Model| scenes.push(format!("{title}\n{}", pictures(model, &[(80, 14)])));
    let mut bare = context("demo");
    bare.list.extent = ListExtent::Nothing;
    bare.list.data_at = None;
    scene("not asked yet", &empty(vec![bare.clone()]));
    let mut asking = bare.clone();
    asking.list.extent = ListExtent::Loading;
    scene("asking", &empty(vec![asking.clone()]));
    scene("there, and empty", &empty(vec![context("demo")]));
    let mut none = model();
    none.tokens.query.field = Field::with("nothing-like-it");
    none.tokens.query.query = Arc::new(Query::parse("nothing-like-it", now()).expect("a query"));
    none.tokens.status = Some(Status::Expired);
    filter(&mut none);
    scene("nothing matches", &none);
    let mut offline = bare.clone();
    offline.list.failure = Some(failure(FailureKind::Offline));
    scene("offline", &empty(vec![offline.clone()]));
    let mut dead = bare.clone();
    dead.credential = Asked::Failed(failure(FailureKind::Credential));
    scene("no credential", &empty(vec![dead]));
    let mut partial = context("demo");
    partial.list.extent = ListExtent::Partial("the backend named a page twice".to_owned());
    scene("partial", &empty(vec![partial]));
    scene(
        "several",
        &empty(vec![asking, {
            offline.context.name = name("prod");
            offline
        }]),
    );
    scene("no context", &empty(Vec::new()));
    check("empty", &scenes.join("\n"));
}

#[test]
fn old_data_says_so_in_words() {
    let mut model = model();
    for (minutes, words) in
        [(0, "data 12:03:41Z"), (1, " (1 min+)"), (5, " (5 min+)"), (15, " (15 min+)"), (60, " (1 h+)")]
    {
        model.contexts[0].list.data_at = now().checked_sub(SignedDuration::from_mins(minutes)).ok();
        let picture = pictures(&model, &[(80, 12)]);
        let header = picture.lines().nth(1).unwrap_or_default();
        assert!(header.ends_with(&format!("{words}|")), "{header}");
    }
}

#[test]
fn what_is_not_there_yet_is_said() {
    let model = Model { tab: Tab::Review, ..model() };
    check("later", &pictures(&model, &[(80, 12), (44, 12)]));
}

#[test]
fn an_incident_is_red_until_each_token_is_dead() {
    let mut model = Model { tab: Tab::Incident, ..model() };
    let none = pictures(&model, &SMALL);
    let outcomes = [
        None,
        Some(Outcome::VerifiedDead),
        Some(Outcome::Done(None)),
        Some(Outcome::StillAnswering("40 s later the backend still shows it alive".to_owned())),
        Some(Outcome::Failed("forbidden: missing the right to revoke".to_owned())),
        Some(Outcome::Unverified("no answer".to_owned())),
    ];
    let work = |(token, outcome)| Work { context: name("demo"), target: Target::from(&token), outcome, row: None };
    let mut worklist: Vec<Work> = tokens().into_iter().zip(outcomes).map(work).collect();
    let mut open = Incident {
        ticket: "INC-42".to_owned(),
        reason: "laptop stolen".to_owned(),
        opened: ago(1),
        choice: Choice::Open,
        worklist: Vec::new(),
        cursor: 0,
        known: Known::default(),
    };
    model.incident = Some(open.clone());
    let empty = pictures(&model, &SMALL);
    let rows: Vec<_> = worklist.iter().map(|work| model.tokens.inventory.find(&work.key())).collect();
    worklist.iter_mut().zip(rows).for_each(|(work, row)| work.row = row);
    let reach = |at| Reach { children: Some(at), siblings: (at != 2).then_some(9), owner_gone: at == 4 };
    open.known = Known { born: 2, reach: (0..6).map(reach).collect(), ..Known::default() };
    open.worklist = worklist;
    model.incident = Some(open.clone());
    let undecided = pictures(&model, &SMALL);
    model.incident = Some(Incident { choice: Choice::Now, cursor: 4, ..open });
    let decided = pictures(&model, &[(80, 24), (44, 12), (120, 40)]);
    check("incident", &[none, empty, undecided, decided].join("\n"));
}

fn journal() -> Vec<Record> {
    let id = TokenId::parse("tk_abd0f1").expect("a lawful id");
    let revoke = Deed::Revoke { id: id.clone(), label: "ci-deploy".to_owned(), created: Some(ago(99)), run: None };
    let create =
        Deed::Create { label: "grafana".to_owned(), roles: vec!["reader".to_owned()], nonce: Nonce::new("n-1") };
    let bodies = [
        RecordBody::Intent(create),
        RecordBody::Result { of: Sequence(1), outcome: Outcome::Done(Some(id)) },
        RecordBody::Acknowledged { of: Sequence(1), how: "copied".to_owned() },
        RecordBody::Intent(revoke),
        RecordBody::Result { of: Sequence(4), outcome: Outcome::Unverified("no answer in time".to_owned()) },
        RecordBody::Result { of: Sequence(4), outcome: Outcome::VerifiedDead },
    ];
    let record =
        |(number, body)| Record { sequence: Sequence(number), at: ago(1), context: name("demo"), incident: None, body };
    (1..).zip(bodies).map(record).collect()
}

#[test]
fn activity_has_three_lists() {
    let mut model = model();
    model.tab = Tab::Activity;
    let mut scenes = vec![pictures(&model, &SMALL)];
    model.activity.journal = Asked::There(journal());
    model.activity.cursor = 2;
    scenes.push(pictures(&model, &ALL));
    // Filtered: while it is typed, kept, and with nothing left.
    model.activity.cursor = 0;
    model.activity.sift.field = Field::with("revoke incident:INC-42");
    model.activity.sift.shown = Some(vec![3]);
    model.activity.sift.focus = Focus::Here;
    scenes.push(pictures(&model, &SMALL));
    model.activity.sift.focus = Focus::Elsewhere;
    model.activity.sift.shown = Some(vec![]);
    scenes.push(pictures(&model, &SMALL));
    model.activity.sift = Sift::default();
    model.activity.cursor = 2;
    let event = Event {
        kind: EventKind::Notice,
        at: Some(ago(5)),
        actor: Some("bert\u{202e}".into()),
        action: "token.create".into(),
        subject: Some("tdk_o_…77aa".into()),
    };
    model.activity.source = Source::Notices;
    let answers = vec![(name("demo"), Asked::There(()))];
    let told = Told { answers, rows: vec![(name("demo"), event.clone()); 2].into() };
    model.activity.notices = Asked::There(told.clone());
    scenes.push(pictures(&model, &SMALL));
    model.activity.source = Source::Events;
    model.activity.events = Asked::Failed(failure(FailureKind::NotOffered));
    scenes.push(pictures(&model, &SMALL));
    let mut answers = told.answers.clone();
    answers.push((name("lab"), Asked::Failed(failure(FailureKind::Offline))));
    answers.push((name("prod"), Asked::Asking));
    for rows in [told.rows.clone(), Vec::new().into()] {
        model.activity.events = Asked::There(Told { answers: answers.clone(), rows });
        scenes.push(pictures(&model, &SMALL));
    }
    let only = vec![(name("demo"), Asked::Failed(failure(FailureKind::Forbidden)))];
    model.activity.events = Asked::There(Told { answers: only, rows: Vec::new().into() });
    scenes.push(pictures(&model, &SMALL));
    check("activity", &scenes.join("\n"));
}

#[test]
fn backends_tell_what_is_known_of_a_context() {
    let mut model = busy();
    model.tab = Tab::Backends;
    model.contexts[1].health = Asked::Failed(failure(FailureKind::Offline));
    model.contexts[1].credential = Asked::Failed(failure(FailureKind::Credential));
    model.contexts[1].latency = None;
    model.messages = Messages::default();
    let first = pictures(&model, &ALL);
    model.backend_cursor = 1;
    check("backends", &format!("{first}\nthe second\n{}", pictures(&model, &[(80, 24), (120, 40)])));
}

#[test]
fn backends_tell_of_delays_and_limits() {
    let mut model = busy();
    model.tab = Tab::Backends;
    let budget = Some(Budget { requests: 1200, seconds: 300 });
    let delay = "A revoked token may work for up to an hour.".to_owned();
    model.contexts[0].context.capabilities = Arc::new(Capabilities { delay, budget, ..capabilities() });
    let picture = pictures(&model, &[(120, 40)]);
    assert!(picture.contains("A revoked token may work for up to an hour."), "{picture}");
    assert!(picture.contains("requests in 300 s"), "{picture}");
}

#[test]
fn a_new_secret_is_no_ability_of_a_backend_that_makes_or_ends_nothing() {
    let words = |create, revoke| {
        let mut model = model();
        let able = Capabilities { rotate: Rotation::Emulated, create, revoke, ..capabilities() };
        model.contexts[0].context.capabilities = Arc::new(able);
        model.tab = Tab::Backends;
        let picture = pictures(&model, &[(120, 50)]);
        let cannot = picture.lines().find(|line| line.contains("cannot")).expect("it says so").to_owned();
        cannot.contains("rotate")
    };
    assert!(!words(Support::Yes, Support::Yes));
    assert!(words(Support::No, Support::Yes) && words(Support::Yes, Support::No));
}

#[test]
fn a_closed_backend_says_why_and_one_that_tells_little_is_not_ill() {
    let mut closed = context("mdca");
    let why = "There is no public interface for its tokens: see the portal.".to_owned();
    closed.context.capabilities = Arc::new(Capabilities { closed: Some(why), ..capabilities() });
    let mut silent = context("npm");
    let able = Capabilities { health: Support::No, whoami: Support::No, ..capabilities() };
    silent.context.capabilities = Arc::new(able);
    (silent.health, silent.identity) = (Asked::Not, Asked::Not);
    let rows = tokens().into_iter().map(|token| (name("npm"), token));
    let mut model = with(vec![closed, silent], rows);
    model.tab = Tab::Backends;
    let first = pictures(&model, &[(80, 24), (44, 12)]);
    model.backend_cursor = 1;
    check("backends_closed", &format!("{first}\n{}", pictures(&model, &[(80, 24)])));
}

#[test]
fn a_backend_without_a_list_says_why_and_nothing_is_amiss() {
    let mut crates = context("crates");
    let unlisted = Some("It lists to browsers only.".to_owned());
    let unproved = Some("a revoked token is shown like a living one".to_owned());
    crates.context.capabilities = Arc::new(Capabilities { unlisted, unproved, ..capabilities() });
    crates.list.extent = ListExtent::Nothing;
    crates.list.data_at = None;
    let mut model = empty(vec![crates]);
    let tokens = pictures(&model, &[(80, 24), (44, 12)]);
    model.tab = Tab::Backends;
    check("backends_unlisted", &format!("{tokens}\n{}", pictures(&model, &[(80, 24)])));
}
