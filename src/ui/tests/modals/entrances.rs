//! Ways in: a credential, a first context.

use std::sync::Arc;

use super::scene;

use super::super::build::{failure, name};
use crate::app::field::{Field, HiddenField};
use crate::app::modal::{Arming, ContextForm, FirstRun, FormField, Login, Modal, Passphrase, PassphraseFor, Stage};
use crate::app::model::Model;
use crate::domain::{Failure, FailureKind, Input, Offer, Param, Secret};

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

pub(super) fn hidden() -> HiddenField {
    let mut hidden = HiddenField::default();
    hidden.paste(&Secret::new("canary-credential".into()));
    hidden
}

pub(super) fn logins() -> Vec<(&'static str, Model)> {
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

pub(super) fn passphrases() -> Vec<(&'static str, Model)> {
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

pub(super) fn first_runs() -> Vec<(&'static str, Model)> {
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
