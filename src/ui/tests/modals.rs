//! Pictures of the modals.

use std::sync::Arc;

use jiff::SignedDuration;

use super::build::{ago, capabilities, check, context, failure, frozen, model, name, now, pictures, token, tokens};
use crate::app::effect::Ticket;
use crate::app::field::{Field, HiddenField};
use crate::app::inventory::Row;
use crate::app::key::Key;
use crate::app::modal::{
    Arming, Check, Confirm, ContextForm, Create, CreateField, Edit, EditField, FirstRun, FormField, Frozen, HandOver,
    Held, Help, Leftover, Login, Modal, Palette, Passphrase, PassphraseFor, Purpose, QuestionId, QuitAsk, Recover,
    Report, Reread, Reveal, SecretOnce, Stage, Tier, Trace, Warning,
};
use crate::app::model::Model;
use crate::app::replacing::{Proof, Replacement, Stored};
use crate::app::run::{Item, ItemState, Listing, Phase, Run};
use crate::domain::{
    CallId, Capabilities, Deed, Failure, FailureKind, Input, Nonce, Offer, Outcome, OwnerChoice, Param, Protection,
    RoleChoice, Secret, Sequence, Support, Token, TokenId,
};

const SMALL: [(u16, u16); 2] = [(80, 24), (44, 12)];

fn confirm(tokens: Vec<Frozen>, tier: Tier) -> Confirm {
    Confirm {
        purpose: Purpose::Revoke,
        context: name("demo"),
        tokens,
        hidden: 0,
        tier,
        input: Field::default(),
        arming: Arming::Seen(now().checked_sub(SignedDuration::from_secs(1)).expect("in range")),
        held: Held::No,
        reread: Reread::Not,
        scroll: 0,
        said: String::new(),
    }
}

fn one() -> Confirm {
    confirm(vec![frozen(0, token(1, "ci-deploy"))], Tier::Yes)
}

fn many(number: usize) -> Vec<Frozen> {
    let labels = tokens();
    let make = |index: usize| {
        let like = labels[index % labels.len()].clone();
        let token = Token { id: token(index, "").id, ..like };
        Frozen { admin: index == 1, own: index == 1, children: index % 4 / 3, ..frozen(index, token) }
    };
    (0..number).map(make).collect()
}

/// Every state of every modal, by name.
pub(super) fn scenes() -> Vec<(&'static str, Model)> {
    let mut scenes = Vec::new();
    scenes.extend(confirmations());
    scenes.extend(creations());
    scenes.extend(logins());
    scenes.extend(passphrases());
    scenes.extend(first_runs());
    scenes.extend(secrets());
    scenes.extend(lists());
    scenes
}

fn scene(front: Modal) -> Model {
    let mut model = model();
    model.modals.push(front);
    model
}

fn asks(confirm: Confirm) -> Model {
    scene(Modal::Confirm(Box::new(confirm)))
}

fn confirmations() -> Vec<(&'static str, Model)> {
    let admin = Token { roles: Some(vec!["admin".into()]), ..token(2, "root-of-all") };
    let own = Frozen { own: true, admin: true, children: 2, ..frozen(1, admin) };
    let odd = frozen(3, Token { roles: None, ..token(11, "pr\u{202e}od") });
    let changed = vec!["label was \"ci-deploy\", is \"ci-deploy-2\"".to_owned(), "owner was ana, is bert".to_owned()];
    let mut protected = asks(Confirm {
        said: "that is not root-of-all: nothing was done".to_owned(),
        ..confirm(vec![own.clone()], Tier::Label("root-of-all".to_owned()))
    });
    protected.contexts[0].context.protection = Protection::Protected;
    let bulk = |number, tier| Confirm { hidden: 2, ..confirm(many(number), tier) };
    vec![
        ("confirm_one", asks(one())),
        ("confirm_unarmed", asks(Confirm { arming: Arming::Seen(now()), ..one() })),
        ("confirm_label", protected),
        ("confirm_id", asks(Confirm { hidden: 1, ..confirm(vec![odd], Tier::IdEnd("69cf0d".to_owned())) })),
        (
            "confirm_held",
            asks(Confirm { held: Held::Because("the rows are stale: no connection".to_owned()), ..one() }),
        ),
        ("confirm_changed", asks(Confirm { reread: Reread::Changed(changed), ..one() })),
        ("confirm_unread", asks(Confirm { reread: Reread::Failed(failure(FailureKind::Offline)), ..one() })),
        ("confirm_three", asks(bulk(3, Tier::Count("3".to_owned())))),
        ("confirm_thirty", asks(bulk(30, Tier::CountAndContext("30 demo".to_owned())))),
        (
            "confirm_thirty_scrolled",
            asks(Confirm { scroll: 20, ..bulk(30, Tier::CountAndContext("30 demo".to_owned())) }),
        ),
        ("confirm_rotate", asks(Confirm { purpose: Purpose::Rotate, ..one() })),
        ("confirm_old", asks(Confirm { purpose: Purpose::RevokeOld, ..one() })),
    ]
}

fn create() -> Create {
    Create {
        context: name("demo"),
        contexts: vec![name("demo")],
        label: Field::with("grafana"),
        role: 0,
        typed: Field::default(),
        owner: Field::default(),
        scope: 0,
        expires: Field::with("90d"),
        focus: CreateField::Label,
        warnings: Vec::new(),
        said: String::new(),
        sending: false,
        failure: None,
        replaces: None,
        roles: None,
    }
}

fn edit() -> Edit {
    Edit {
        context: name("demo"),
        row: Row(0),
        token: token(1, "ci-deploy"),
        label: Field::with("ci-deploy"),
        expires: Field::default(),
        focus: EditField::Expires,
        said: "nothing is changed".to_owned(),
        sending: false,
        failure: None,
    }
}

/// Gives the backend of the scene other capabilities.
fn able(model: &mut Model, change: impl FnOnce(&mut Capabilities)) {
    let mut capabilities = capabilities();
    change(&mut capabilities);
    model.contexts[0].context.capabilities = Arc::new(capabilities);
}

/// Backends to choose from: more than are shown at once, some closed, one that asks for more than a URL.
fn offers() -> Vec<Offer> {
    let param = |name: &str, about: &str, default: Option<&str>, required| Param {
        name: name.into(),
        about: about.into(),
        default: default.map(Into::into),
        required,
    };
    let input = Input {
        name: "otp".into(),
        about: "The one-time code, for accounts with two factors".into(),
        required: false,
        needed_for: Vec::new(),
    };
    let names = [
        ("tokendeck", "Tokendeck server"),
        ("appetize", "Appetize API tokens"),
        ("gitea", "Gitea / Forgejo"),
        ("crates-io", "crates.io"),
        ("gitlab-project", "GitLab project access tokens"),
        ("harbor", "Harbor robot accounts"),
        ("jupyterhub", "JupyterHub"),
        ("openbao", "OpenBao / HashiCorp Vault"),
    ];
    let offer = |(name, title): (&str, &str)| Offer {
        name: name.to_owned(),
        title: title.to_owned(),
        docs: "https://docs.example.org/api/tokens".to_owned(),
        closed: None,
        params: Vec::new(),
        inputs: Vec::new(),
    };
    let mut offers: Vec<Offer> = names.into_iter().map(offer).collect();
    offers[2].params = vec![
        param("organisation", "The organisation's id", None, true),
        param(
            "create",
            "create makes children of the credential; create-orphan, which needs sudo, does not",
            Some("create"),
            false,
        ),
        param("user", "The only user whose tokens are listed", None, false),
    ];
    offers[2].inputs = vec![input];
    offers[3].closed = Some(
        "Tokens can be listed and created with a browser's session only. Use crates.io/settings/tokens.".to_owned(),
    );
    offers
}

fn hidden() -> HiddenField {
    let mut hidden = HiddenField::default();
    hidden.paste(&Secret::new("canary-credential".into()));
    hidden
}

fn creations() -> Vec<(&'static str, Model)> {
    let creates = |create| scene(Modal::Create(Box::new(create)));
    let warnings = vec![Warning::Duplicate(2), Warning::LookAlike, Warning::NoExpiry, Warning::Admin];
    let mut several = creates(Create {
        contexts: vec![name("demo"), name("prod")],
        role: 2,
        focus: CreateField::Role,
        warnings,
        ..create()
    });
    several.contexts.push(context("prod"));
    if let Some(identity) = several.contexts[0].identity.there().cloned() {
        let identity = crate::domain::Identity { roles: Some(vec!["developer".into()]), ..identity };
        several.contexts[0].identity = crate::app::contexts::Asked::There(identity);
    }
    let typing =
        Field::with("a-label-that-is-rather-long-and-goes-on-and-on-until-nobody-can-read-it-at-once-any-more");
    let mut others = creates(Create {
        role: 3,
        typed: Field::with("ci-read, deploy"),
        focus: CreateField::Roles,
        warnings: vec![Warning::Admin],
        ..create()
    });
    able(&mut others, |able| able.choose_roles = RoleChoice::Several);
    let mut nameless = creates(Create { focus: CreateField::Roles, ..create() });
    able(&mut nameless, |able| {
        (able.choose_roles, able.choose_owner) = (RoleChoice::Several, OwnerChoice::Needed);
        (able.choose_expiry, able.roles) = (Support::No, Vec::new());
        able.scopes.clear();
    });
    vec![
        ("create", creates(create())),
        ("create_careful", several),
        ("create_others", others),
        ("create_nameless", nameless),
        ("create_long", creates(Create { label: typing, ..create() })),
        (
            "create_failed",
            creates(Create { focus: CreateField::Submit, failure: Some(failure(FailureKind::Refused)), ..create() }),
        ),
        (
            "create_sending",
            creates(Create { sending: true, replaces: Some(Box::new(frozen(1, token(1, "ci-deploy")))), ..create() }),
        ),
        ("edit", scene(Modal::Edit(Box::new(edit())))),
    ]
}

fn logins() -> Vec<(&'static str, Model)> {
    let login = |input, failure| Login {
        context: name("demo"),
        input,
        besides: Vec::new(),
        focus: 0,
        has_credential: false,
        said: String::new(),
        failure,
        arming: Arming::Ready,
    };
    let input = |name: &str, about: &str, required| Input {
        name: name.into(),
        about: about.into(),
        required,
        needed_for: Vec::new(),
    };
    let besides = Login {
        besides: vec![
            (input("password", "The account's password", true), hidden()),
            (input("otp", "The one-time code, for accounts with two factors", false), HiddenField::default()),
        ],
        focus: 2,
        has_credential: true,
        ..login(HiddenField::default(), Some(failure(FailureKind::Credential)))
    };
    let opens = |login| scene(Modal::Login(login));
    vec![
        ("login", opens(login(HiddenField::default(), None))),
        ("login_again", opens(login(hidden(), Some(failure(FailureKind::Credential))))),
        ("login_besides", opens(besides)),
    ]
}

fn passphrases() -> Vec<(&'static str, Model)> {
    let locked = Failure::new(
        FailureKind::Sealed,
        "the passphrase file is locked: its passphrase was not given",
        "Type its passphrase: a command asks at a terminal, the dashboard with :login",
    );
    let asked = |is_for, input, first, said| {
        let arming = Arming::Ready;
        scene(Modal::Passphrase(Passphrase { context: name("demo"), is_for, input, first, said, arming }))
    };
    let first = Some(Arc::new(Secret::new("c4n4ry horse".into())));
    vec![
        ("passphrase", asked(PassphraseFor::Opening(locked), hidden(), None, "")),
        (
            "passphrase_new",
            asked(PassphraseFor::Keeping, HiddenField::default(), None, "these were not the same: type it twice anew"),
        ),
        ("passphrase_again", asked(PassphraseFor::Keeping, hidden(), first, "")),
    ]
}

fn first_runs() -> Vec<(&'static str, Model)> {
    let typed = |focus, chosen| {
        let url = Field::with("https://bao.example.org:8200");
        let mut form = ContextForm { url, focus, ..Default::default() };
        form.offer_all(offers());
        form.chosen = chosen;
        let offer = &form.offers[chosen];
        form.params = vec![Field::default(); offer.params.len()];
        form.inputs = vec![HiddenField::default(); offer.inputs.len()];
        form.credential = hidden();
        FirstRun { stage: Stage::Form, form, ..FirstRun::default() }
    };
    let form = FirstRun { failure: Some(failure(FailureKind::Offline)), ..typed(FormField::Url, 0) };
    let mut narrowed = typed(FormField::Backend, 6);
    narrowed.form.filter = Field::with("er");
    let mut asks = typed(FormField::Param(0), 2);
    asks.form.said = "organisation is needed: The organisation's id".to_owned();
    let opens = |first| scene(Modal::FirstRun(Box::new(first)));
    vec![
        ("first_run", opens(FirstRun::default())),
        ("first_run_waits", opens(FirstRun { stage: Stage::Form, ..FirstRun::default() })),
        ("first_run_backend", opens(typed(FormField::Backend, 0))),
        ("first_run_closed", opens(typed(FormField::Backend, 3))),
        ("first_run_narrowed", opens(narrowed)),
        ("first_run_asks", opens(asks)),
        ("first_run_input", opens(typed(FormField::Input(0), 2))),
        ("first_run_form", opens(form.clone())),
        ("first_run_testing", opens(FirstRun { stage: Stage::Testing, failure: None, ..form })),
    ]
}

fn once() -> SecretOnce {
    SecretOnce {
        context: name("demo"),
        token: token(1, "grafana"),
        secret: Arc::new(Secret::new("tdk_a_3Qm8Zx1kTq9vBn4LrWc7YpHs2Jd5Gf6Ke0Ua_Xb1Vn3Mt5Rz8".into())),
        intent: Sequence(7),
        reveal: Reveal::Masked,
        handed: Vec::new(),
        file: None,
        back: None,
        check: Check::Not,
        input: Field::default(),
        said: String::new(),
        replaces: None,
        arming: Arming::Ready,
    }
}

/// A secret whose token takes the place of another one, with what is known of it.
fn replaces(proof: Proof) -> Model {
    let old = || Box::new(frozen(1, token(1, "grafana-old")));
    let mut model = scene(Modal::SecretOnce(Box::new(SecretOnce { replaces: Some(old()), ..once() })));
    model.replacements.push(Replacement {
        context: name("demo"),
        intent: Sequence(7),
        new: token(1, "grafana"),
        secret: once().secret,
        old: old(),
        since: now(),
        proof,
        stored: Stored::NotYet,
    });
    model
}

fn secrets() -> Vec<(&'static str, Model)> {
    let shows = |once| scene(Modal::SecretOnce(Box::new(once)));
    let until = Reveal::Until(ago(-1));
    let handed = vec![
        HandOver::Revealed,
        HandOver::Copied("sent to the terminal (it does not confirm)".to_owned()),
        HandOver::Written("/home/ana/grafana.token".to_owned()),
    ];
    vec![
        ("secret", shows(once())),
        ("secret_unarmed", shows(SecretOnce { arming: Arming::Seen(now()), ..once() })),
        ("secret_shown", shows(SecretOnce { reveal: until, handed, input: Field::with("stor"), ..once() })),
        (
            "secret_file",
            shows(SecretOnce {
                file: Some(Field::with("/home/ana/gra")),
                said: "there is a file of that name".to_owned(),
                replaces: Some(Box::new(frozen(1, token(1, "grafana-old")))),
                ..once()
            }),
        ),
        ("secret_back", shows(SecretOnce { back: Some(hidden()), check: Check::Other, ..once() })),
        ("secret_same", shows(SecretOnce { check: Check::Same, ..once() })),
        ("secret_works", replaces(Proof::Works)),
        ("secret_untried", replaces(Proof::Untried("the backend tells nobody whose a secret is".to_owned()))),
        ("secret_unproved", replaces(Proof::Unproved("the backend does not show it".to_owned()))),
    ]
}

pub(super) fn run(phase: Phase) -> Run {
    let states = [
        ItemState::Over(Outcome::VerifiedDead),
        ItemState::Over(Outcome::Failed("the backend refused: it is protected".to_owned())),
        ItemState::Over(Outcome::Changed),
        ItemState::Over(Outcome::Unverified("no answer in time".to_owned())),
        ItemState::Unproved("the backend could not be asked again".to_owned()),
        ItemState::Over(Outcome::AlreadyGone),
        ItemState::NotSent,
        ItemState::Waiting,
        ItemState::Recording(Ticket(1)),
        ItemState::Sending(CallId(1)),
    ];
    let items = many(10).into_iter().zip(states);
    let items = items.map(|(frozen, state)| Item {
        frozen,
        state,
        intent: None,
        tries: 1,
        answered: None,
        trouble: None,
        refused: None,
        misses: 0,
    });
    let (items, list) = (items.collect(), Listing::default());
    Run { context: name("demo"), items, phase, not_before: None, list, began: ago(0) }
}

/// What an earlier run of the program left open: one of each kind.
pub(super) fn left_open() -> Vec<Leftover> {
    let id = TokenId::parse("tk_abd0f1").expect("a lawful id");
    let deed = |label: &str| Deed::Create { label: label.to_owned(), roles: Vec::new(), nonce: Nonce::new("n") };
    let traces = [Trace::NoResult, Trace::SecretNotAcknowledged(Some(id.clone())), Trace::Orphan(id)];
    let left = |(number, trace)| Leftover {
        intent: Sequence(number),
        context: name("demo"),
        at: None,
        deed: deed("grafana"),
        trace,
    };
    (4..).zip(traces).map(left).collect()
}

fn lists() -> Vec<(&'static str, Model)> {
    let mut report = scene(Modal::Report(Report::default()));
    report.run = Some(run(Phase::Over));
    let mut paused = scene(Modal::Report(Report::default()));
    paused.run = Some(run(Phase::Paused(failure(FailureKind::Credential))));
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

#[test]
fn every_state_of_every_modal_has_its_picture() {
    for (claim, model) in scenes() {
        check(claim, &pictures(&model, &SMALL));
    }
}

#[test]
fn a_revocation_that_takes_its_time_is_said_where_it_is_confirmed_and_no_other_way() {
    let words = "A revoked token may work for up to an hour.";
    for (purpose, tokens, said) in [
        (Purpose::Revoke, many(1), true),
        (Purpose::Revoke, many(3), true),
        (Purpose::RevokeOld, many(1), true),
        (Purpose::Rotate, many(1), false),
    ] {
        let mut model = asks(Confirm { purpose, ..confirm(tokens, Tier::Yes) });
        let capabilities = Capabilities { delay: words.to_owned(), ..capabilities() };
        model.contexts[0].context.capabilities = Arc::new(capabilities);
        assert_eq!(pictures(&model, &[(100, 40)]).contains(words), said, "{purpose:?}");
    }
}
