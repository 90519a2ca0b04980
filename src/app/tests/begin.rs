//! Starts, ends and everything around: first run, palette, help, messages, quitting, read-only.

use crate::app::action::{Action, applies};
use crate::app::command::completions;
use crate::app::effect::Effect;
use crate::app::message::{Message, Signal};
use crate::app::modal::{FirstRun, FormField, Modal, Stage};
use crate::app::model::{Start, Tab, WriteLock};
use crate::app::testing::*;
use crate::domain::{Access, Context, CredentialSource, FailureKind, LastUse, Operation, Support, Token};

fn first(talk: &Talk) -> &FirstRun {
    match talk.model.modals.last() {
        Some(Modal::FirstRun(first)) => first,
        other => panic!("{other:?}"),
    }
}

fn first_run() -> Talk {
    let mut talk = Talk::begin(Vec::new(), Start::FirstRun);
    talk.forget();
    talk
}

/// Fills the form in and sends it.
fn fill(talk: &mut Talk) {
    talk.press("a<tab><ctrl-u>main<tab><ctrl-u>https://tokens.example<tab><tab>");
    talk.paste("hunter2\n");
    talk.press("<tab><enter>");
}

#[test]
fn the_first_screen_starts_the_demo() {
    let mut talk = first_run();
    talk.press("d");
    assert_eq!(talk.others, [Effect::StartDemo]);
    talk.tell(Message::DemoReady(Ok(Box::new(context("demo")))));
    assert!(talk.model.modals.is_empty());
    assert_eq!((talk.model.contexts.len(), talk.model.origin), (1, Start::Demo));
    assert!(talk.sent().contains(&"list".to_owned()));
}

#[test]
fn a_demo_that_fails_says_why_and_can_be_left() {
    let mut talk = first_run();
    talk.press("d");
    talk.tell(Message::DemoReady(Err(failure(FailureKind::Local))));
    assert_eq!(first(&talk).stage, Stage::Choice);
    assert!(first(&talk).failure.is_some());
    talk.press("q");
    assert!(talk.others.contains(&Effect::Quit(0)));
}

#[test]
fn a_demo_that_was_given_up_does_not_come_back() {
    let mut talk = first_run();
    talk.press("d<esc>a");
    talk.tell(Message::DemoReady(Ok(Box::new(context("demo")))));
    assert_eq!(first(&talk).stage, Stage::Form);
    assert!(talk.model.contexts.is_empty());
    let mut talk = first_run();
    talk.press("d<esc>a");
    talk.tell(Message::DemoReady(Err(failure(FailureKind::Local))));
    assert_eq!(first(&talk).stage, Stage::Form, "what is being typed stays");
}

#[test]
fn a_backend_is_tested_before_it_is_written() {
    let mut talk = first_run();
    fill(&mut talk);
    assert_eq!(first(&talk).stage, Stage::Testing);
    assert!(matches!(talk.others.as_slice(), [Effect::OpenContext(new)] if new.credential.expose() == "hunter2"));
    talk.tell(Message::ContextOpened(Ok(Box::new(context("main")))));
    assert_eq!(talk.sent(), ["self"]);
    assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::SaveContext(_))));
    talk.reply_to("self", Err(failure(FailureKind::Credential)));
    assert_eq!(first(&talk).stage, Stage::Form);
    assert!(first(&talk).failure.is_some() && talk.model.contexts.is_empty());
    assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::SaveContext(_) | Effect::KeepCredential(..))));
}

#[test]
fn a_backend_that_answers_is_written_and_used() {
    let mut talk = first_run();
    fill(&mut talk);
    talk.tell(Message::ContextOpened(Ok(Box::new(context("main")))));
    let identity = Backend::new(usual()).answer(&Operation::Whoami, &mut talk.store);
    talk.reply_to("self", identity);
    assert!(talk.others.iter().any(|effect| matches!(effect, Effect::SaveContext(_))));
    talk.press("<esc>");
    talk.tell(Message::CredentialKept(name("main"), CredentialSource::Keyring, None));
    talk.tell(Message::ContextSaved(Ok("/etc/x".into())));
    assert!(talk.model.modals.is_empty());
    assert_eq!(talk.model.contexts.len(), 1, "what works is not thrown away by a late Esc");
    assert!(talk.sent().contains(&"list".to_owned()));
}

#[test]
fn a_test_that_was_given_up_does_not_vouch_for_the_next() {
    let mut talk = first_run();
    fill(&mut talk);
    talk.tell(Message::ContextOpened(Ok(Box::new(context("main")))));
    let late = talk.open[0].0;
    talk.press("<esc>");
    talk.paste("");
    talk.press("<backtab>");
    talk.press("<shift-tab>");
    talk.paste("other");
    talk.press("<tab><enter>");
    let identity = Backend::new(usual()).answer(&Operation::Whoami, &mut talk.store);
    talk.reply(late, identity);
    assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::SaveContext(_))));
}

/// Goes to the form of the backend that asks for more than a URL, and fills in what every backend asks for.
fn choose_gitea(talk: &mut Talk) {
    talk.press("agit<tab><tab><ctrl-u>https://git.example<tab><tab>");
    assert_eq!(first(talk).form.offer().map(|offer| offer.name.as_str()), Some("gitea"));
}

#[test]
fn backends_are_narrowed_by_typing_and_one_that_is_closed_is_not_taken() {
    let mut talk = first_run();
    let chosen = |talk: &Talk| first(talk).form.offer().map(|offer| offer.name.clone());
    talk.press("a");
    assert_eq!(chosen(&talk).as_deref(), Some("tokendeck"));
    talk.press("FORGE");
    assert_eq!(first(&talk).form.shown(), [2]);
    assert_eq!(chosen(&talk).as_deref(), Some("gitea"), "what is no longer shown is not chosen");
    talk.press("<ctrl-u>defen");
    for key in ["<tab>", "<enter>", "<shift-tab>"] {
        talk.press(key);
        assert_eq!(first(&talk).form.focus, FormField::Backend, "{key}");
        assert!(first(&talk).form.said.contains("It has no interface"), "{key}");
    }
    talk.press("xyz<tab>");
    assert_eq!(first(&talk).form.focus, FormField::Backend);
    assert!(first(&talk).form.said.contains("no backend"));
    talk.press("<ctrl-u><down><down><down>");
    assert_eq!(chosen(&talk).as_deref(), Some("gitea"), "the last");
    talk.press("<up><up><up><enter>");
    assert_eq!((chosen(&talk).as_deref(), first(&talk).form.focus), (Some("tokendeck"), FormField::Name));
}

#[test]
fn a_form_waits_for_the_backends_and_can_be_left_meanwhile() {
    let mut talk = first_run();
    talk.press("a");
    let Some(Modal::FirstRun(first_run)) = talk.model.modals.last_mut() else { panic!("no first screen") };
    first_run.form = crate::app::modal::ContextForm::default();
    talk.press("x<tab><enter>");
    assert_eq!(first(&talk).form, crate::app::modal::ContextForm::default());
    talk.press("<esc>");
    assert_eq!(first(&talk).stage, Stage::Choice);
}

#[test]
fn a_backend_asks_for_what_its_description_says() {
    let mut talk = first_run();
    choose_gitea(&mut talk);
    talk.press("<tab><tab>hunter2<tab>123456<tab><enter>");
    assert!(talk.others.is_empty());
    assert!(first(&talk).form.said.contains("org is needed: What org is"), "{}", first(&talk).form.said);
    talk.press("<up><up><up><up>ops<enter>");
    assert_eq!(first(&talk).form.focus, FormField::Param(1));
    talk.press("<enter><enter><enter><enter>");
    let [Effect::OpenContext(new)] = talk.others.as_slice() else { panic!("{:?}", talk.others) };
    assert_eq!((new.backend.as_str(), new.params.len(), new.params["org"].as_str()), ("gitea", 1, "ops"));
    assert_eq!(new.inputs["otp"].expose(), "123456");
}

#[test]
fn what_another_backend_was_told_is_not_told_to_the_next() {
    let mut talk = first_run();
    choose_gitea(&mut talk);
    talk.press("ops<tab><tab>hunter2<tab>123456<tab><tab>");
    assert_eq!(first(&talk).form.focus, FormField::Backend);
    talk.press("<up><up><enter>");
    assert!(first(&talk).form.params.is_empty() && first(&talk).form.inputs.is_empty());
    assert!(first(&talk).form.credential.is_empty());
    talk.press("<up><up><enter>");
    talk.press("<shift-tab><down><down><enter>");
    assert!(first(&talk).form.params[0].is_empty() && first(&talk).form.inputs[0].is_empty());
}

#[test]
fn what_is_hidden_need_not_be_typed_again_where_nothing_was_wrong_with_it() {
    for (kind, kept) in [(FailureKind::Offline, true), (FailureKind::Credential, false)] {
        let mut talk = first_run();
        choose_gitea(&mut talk);
        talk.press("ops<tab><tab>hunter2<tab>123456<tab><enter>");
        talk.tell(Message::ContextOpened(Ok(Box::new(context("main")))));
        talk.reply_to("self", Err(failure(kind)));
        let form = &first(&talk).form;
        assert_eq!((!form.credential.is_empty(), !form.inputs[0].is_empty()), (kept, kept), "{kind:?}");
    }
}

#[test]
fn where_nothing_says_whose_the_credential_is_the_list_is_the_test() {
    let silent = || able("main", |capabilities| capabilities.whoami = Support::No);
    let mut talk = first_run();
    fill(&mut talk);
    talk.tell(Message::ContextOpened(Ok(Box::new(silent()))));
    assert_eq!(talk.sent(), ["list"]);
    talk.reply_to("list", Err(failure(FailureKind::Credential)));
    assert!(first(&talk).failure.is_some() && talk.model.contexts.is_empty());
    talk.paste("");
    talk.press("<up>hunter2<tab><enter>");
    talk.tell(Message::ContextOpened(Ok(Box::new(silent()))));
    let page = Backend::new(usual()).answer(&Operation::List(None), &mut talk.store);
    talk.reply_to("list", page);
    assert!(talk.others.iter().any(|effect| matches!(effect, Effect::SaveContext(_))));
}

#[test]
fn a_form_that_is_wrong_tests_nothing() {
    for (url, secret) in
        [("http://plain.example", "s"), ("https://", "s"), ("tokens.example", "s"), ("https://ok.example", "")]
    {
        let mut talk = first_run();
        talk.press("a<tab><tab><ctrl-u>");
        talk.press(url);
        talk.press("<tab><tab>");
        talk.paste(secret);
        talk.press("<tab><enter>");
        assert!(talk.others.is_empty() && !first(&talk).form.said.is_empty(), "{url}");
    }
}

#[test]
fn a_credential_that_is_not_found_is_asked_for() {
    let mut talk = Talk::begin(Vec::new(), Start::Configured);
    talk.model.contexts = vec![crate::app::contexts::ContextState::new(context("prod"))];
    talk.tell(Message::CredentialFound(name("prod"), Err(failure(FailureKind::Credential))));
    assert!(matches!(talk.model.modals.last(), Some(Modal::Login(login)) if login.failure.is_some()));
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty() && talk.model.contexts[0].needs_login());
}

#[test]
fn commands_are_completed_and_mistakes_are_said() {
    let mut talk = Talk::over(vec![(context("prod"), usual()), (context("dev"), table("d1 x reader"))]);
    let texts = |typed: &str, talk: &Talk| {
        completions(&talk.model, typed).into_iter().map(|offer| offer.text).collect::<Vec<_>>()
    };
    assert_eq!(texts("rev", &talk), ["revoke"]);
    assert_eq!(texts("context ", &talk), ["context prod", "context dev"]);
    assert_eq!(texts("login d", &talk), ["login dev"]);
    assert!(texts("fly", &talk).is_empty());
    talk.press(":fly<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Palette(palette)) if palette.said.contains("fly")));
    talk.press("<ctrl-u>conte<tab>d<tab><enter>");
    assert_eq!(talk.shown(), ["x"]);
    talk.press(":<enter>");
    assert!(talk.model.modals.is_empty(), "an empty line is nothing");
    talk.press(":<backspace>");
    assert!(talk.model.modals.is_empty());
    talk.paste("ignored");
    talk.press(":");
    talk.paste("messages\n");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Palette(_))), "a paste does not submit");
    talk.press("<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Messages(_))));
}

#[test]
fn revoke_as_a_command_asks_as_the_key_does() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press(":revoke<enter>");
    assert!(talk.asks());
    talk.press("y<enter>");
    assert!(talk.model.runs.is_empty());
}

#[test]
fn help_filters_and_errors_stay_until_read() {
    let mut talk = Talk::usual();
    talk.press("?rev");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Help(help)) if help.filter.text() == "rev"));
    talk.press("<esc>??");
    assert!(talk.model.modals.is_empty());
    talk.tell(Message::ClipboardCleared(Err(failure(FailureKind::Local))));
    talk.wait(3_600_000);
    assert!(talk.model.messages.current(talk.model.now).is_some());
    talk.press("!");
    talk.press("q");
    assert!(talk.model.messages.current(talk.model.now).is_none());
}

#[test]
fn quitting_asks_when_something_would_be_cut_off() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("x");
    talk.answer_question("y");
    for keys in ["qn", "qq", "q<esc>", "q<enter>", "q<ctrl-c>"] {
        talk.press(keys);
        assert_eq!((talk.model.leaving, talk.model.modals.len()), (None, 0), "{keys}");
    }
    talk.press("q");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Quit(ask)) if ask.reasons[0].contains("revocation")));
    talk.press("y");
    assert!(talk.others.contains(&Effect::Quit(0)));
    let mut talk = Talk::usual();
    talk.press("q");
    assert_eq!(talk.others, [Effect::Quit(0)]);
    let mut talk = Talk::usual();
    talk.press("<ctrl-c>");
    assert_eq!(talk.others, [Effect::Quit(0)]);
}

#[test]
fn signals_of_the_terminal_suspend_and_repaint() {
    let mut talk = Talk::usual();
    talk.tell(Message::Signal(Signal::Suspend));
    talk.tell(Message::Signal(Signal::Continue));
    talk.press("<ctrl-z><ctrl-l>");
    assert_eq!(talk.others, [Effect::Suspend, Effect::Repaint, Effect::Suspend, Effect::Repaint]);
}

#[test]
fn read_only_is_lifted_and_set_by_command_and_told_to_the_edge() {
    let read_only = Context { access: Access::ReadOnly, ..context("prod") };
    let mut talk = Talk::over(vec![(read_only.clone(), usual())]);
    talk.press(":write<enter>x");
    assert!(talk.asks());
    assert_eq!(talk.others, [Effect::SetAccess(name("prod"), Access::Write)]);
    talk.press("<esc>:read-only<enter>x");
    assert!(!talk.asks());
    let mut talk = Talk::over(vec![(read_only, usual())]);
    talk.model.write_lock = WriteLock::ReadOnly;
    talk.press(":write<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Palette(palette)) if palette.said.contains("--read-only")));
    assert!(talk.others.is_empty());
    talk.press("<esc>:disable<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Palette(palette)) if palette.said.contains("read-only")));
}

#[test]
fn every_action_that_does_not_apply_says_why() {
    let mut talk = Talk::with(Vec::new());
    for action in [
        Action::Mark,
        Action::MarkRange,
        Action::Copy,
        Action::Details,
        Action::Edit,
        Action::Rotate,
        Action::Revoke,
        Action::Verify,
        Action::MarkAll,
    ] {
        assert!(applies(&talk.model, action).is_err_and(|why| why.contains("no token under the cursor")), "{action:?}");
    }
    talk.press("4");
    assert_eq!(talk.model.tab, Tab::Activity);
    assert!(applies(&talk.model, Action::New).is_err_and(|why| why.contains("tab Tokens")));
    talk.press("<tab><tab>");
    assert_eq!(talk.model.tab, Tab::Tokens);
    talk.press("<shift-tab>");
    assert_eq!(talk.model.tab, Tab::Backends);
}

#[test]
fn an_idle_screen_wakes_for_the_age_of_its_data_only() {
    // Tokens that were never used and never expire stay what they are.
    let never = |token| Token { last_used: LastUse::Never, ..token };
    let mut talk = Talk::with(usual().into_iter().map(never).collect());
    talk.wait(59_999);
    let due = crate::app::next_wake(&talk.model).expect("a minute");
    assert_eq!(due.duration_since(dawn()).as_secs(), 60);
    talk.wait(3_600_000);
    assert_eq!(crate::app::next_wake(&talk.model), None);
}
