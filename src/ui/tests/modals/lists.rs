//! What is only read: reports, messages, help, the palette.

use std::sync::Arc;

use super::questions::many;
use super::scene;

use super::super::build::{ago, failure, name, now};
use crate::app::effect::Ticket;
use crate::app::field::Field;
use crate::app::identify::{Answered, How, LookJob, Place, Says, Way};
use crate::app::key::Key;
use crate::app::modal::{
    Arming, Asks, Help, Identify, Leftover, Looking, Modal, Palette, QuestionId, QuitAsk, Recover, Report, Trace,
};
use crate::app::model::Model;
use crate::app::run::{Item, ItemState, Phase, Run, Runs};
use crate::domain::shape::tests::{jwt, own, value_of};
use crate::domain::shape::{Check, Shown, ValueForm};
use crate::domain::{CallId, Deed, FailureKind, Nonce, Outcome, Secret, Sequence, TokenId};

pub(in super::super) fn run(phase: Phase) -> Runs {
    let mut runs = Runs::default();
    runs.add(run_in("demo", phase));
    runs
}

/// Two contexts, one of which goes on.
pub(in super::super) fn two(first: Phase) -> Runs {
    let mut runs = run(first);
    runs.add(run_in("prod", Phase::Going));
    runs
}

fn run_in(context: &str, phase: Phase) -> Run {
    let states = [
        ItemState::Over(Outcome::VerifiedDead),
        ItemState::Over(Outcome::Failed("the backend refused: it is protected".to_owned())),
        ItemState::Over(Outcome::Changed),
        ItemState::Over(Outcome::Unverified("no answer in time".to_owned())),
        ItemState::Unproved("the backend could not be asked again".to_owned()),
        ItemState::Over(Outcome::StillAnswering("40 s later the backend still shows it alive".to_owned())),
        ItemState::Over(Outcome::AlreadyGone),
        ItemState::Over(Outcome::NotSent),
        ItemState::Waiting,
        ItemState::Recording(Ticket(1)),
        ItemState::Sending(CallId(1)),
    ];
    let items = many(10).into_iter().zip(states);
    let items = items.map(|(frozen, state)| Item::new(frozen, state));
    Run { phase, ..Run::new(name(context), items.collect(), ago(0)) }
}

/// What an earlier run of the program left open: one of each kind.
pub(in super::super) fn left_open() -> Vec<Leftover> {
    let id = TokenId::parse("tk_abd0f1").expect("a lawful id");
    let deed = |label: &str| Deed::Create { label: label.to_owned(), roles: Vec::new(), nonce: Nonce::new("n") };
    let traces =
        [Trace::NoResult, Trace::StillAnswering, Trace::SecretNotAcknowledged(Some(id.clone())), Trace::Orphan(id)];
    let left = |(number, trace)| Leftover {
        intent: Sequence(number),
        context: name("demo"),
        at: None,
        deed: deed("grafana"),
        trace,
    };
    (4..).zip(traces).map(left).collect()
}

/// A leaked value: pasted, found in a list or not, and about to be sent.
pub(super) fn leaked() -> Vec<(&'static str, Model)> {
    let mut pasted = Identify::default();
    pasted.input.paste(&Secret::new("canary-pasted\nof two lines".into()));
    let opens = |screen| scene(Modal::Identify(Box::new(screen)));
    let mut model = opens(Identify { stage: Looking::Over, ..Identify::default() });
    let token = model.tokens.inventory.rows().next().and_then(|row| model.tokens.inventory.token(row));
    let own_id = token.expect("a token").id;
    let value = format!("tdk_a_{}9f3c", own(own_id.raw(), 1).replace('_', "-"));
    let form = ValueForm { begins: vec!["tdk_".to_owned()], shown: Shown::Some, ..ValueForm::unknown() };
    let slack = value_of("Slack", "bot token", 2);
    let text = format!("first\n{value}\n{value}0\n{} {slack}\n{}", own_id.raw(), jwt("https://sso.example", "j"));
    let place = Place { name: name("demo"), title: "Tokens".to_owned(), form, says: Says::NotThere };
    let text = Arc::new(Secret::new(text.into()));
    let looked = LookJob { text, inventory: model.tokens.inventory.clone(), places: vec![place] }.run();
    let mut screen = Identify { stage: Looking::Over, findings: looked.findings, cut: true, ..Identify::default() };
    screen.findings[0].candidate.check = Check::Wrong;
    screen.findings[0].hits.drain(5..);
    screen.findings[0].hits.drain(..3);
    screen.findings[0].hits[0].how = How::IdInside;
    screen.findings[0].asked = vec![(name("demo"), Answered::Refused)];
    let whom = vec![(name("demo"), Way::Used), (name("other"), Way::Told)];
    let asks = Identify { asks: Some(Asks { finding: 1, whom, at: 0 }), ..screen.clone() };
    model.modals = vec![Modal::Identify(Box::new(screen))];
    let nothing = opens(Identify { stage: Looking::Over, said: "nothing was sent".to_owned(), ..Identify::default() });
    vec![
        ("identify", opens(Identify::default())),
        ("identify_pasted", opens(pasted)),
        ("identify_looking", opens(Identify { stage: Looking::Going(1), ..Identify::default() })),
        ("identify_found", model),
        ("identify_asks", opens(asks)),
        ("identify_nothing", nothing),
    ]
}

pub(super) fn lists() -> Vec<(&'static str, Model)> {
    let mut report = scene(Modal::Report(Report::default()));
    report.runs = run(Phase::Over);
    let mut paused = scene(Modal::Report(Report::default()));
    paused.runs = run(Phase::Paused(failure(FailureKind::Credential)));
    let mut several = scene(Modal::Report(Report::default()));
    several.runs = two(Phase::Paused(failure(FailureKind::Credential)));
    let mut recover = scene(Modal::Recover(Recover { cursor: 1, arming: Arming::Ready }));
    recover.leftovers = left_open();
    let unseen = Arming::Unseen(QuestionId(1));
    let unarmed = Model { modals: vec![Modal::Recover(Recover { cursor: 1, arming: unseen })], ..recover.clone() };
    let mut messages = scene(Modal::Messages(0));
    messages.messages.say(now(), "sorted by label");
    messages.messages.fail(now(), &failure(FailureKind::Offline));
    let mut filter = Field::default();
    for key in ["o", "f", "f"] {
        filter.press(Key::parse(key).expect("a key"));
    }
    let reasons = vec!["a revocation is going".to_owned(), "a secret was not declared stored".to_owned()];
    let palette = |text: &str, said: &str| {
        scene(Modal::Palette(Palette { input: Field::with(text), cursor: 1, said: said.to_owned() }))
    };
    let mut read_only = scene(Modal::Help(Help { filter, scroll: 0 }));
    read_only.contexts[0].context.access = crate::domain::Access::ReadOnly;
    vec![
        ("report", report),
        ("report_paused", paused),
        ("report_contexts", several),
        ("recover_unarmed", unarmed),
        ("recover", recover),
        ("messages", messages),
        ("help", scene(Modal::Help(Help::default()))),
        ("help_end", scene(Modal::Help(Help { scroll: 500, ..Help::default() }))),
        ("help_filtered", read_only),
        ("palette", palette("", "")),
        ("palette_typed", palette("re", "there is no command `re`; Tab completes")),
        ("quit", scene(Modal::Quit(QuitAsk { reasons }))),
    ]
}
