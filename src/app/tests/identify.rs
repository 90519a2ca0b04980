//! A leaked value: found in the lists without being sent, asked about on request, revoked from there.

use crate::app::effect::Effect;
use crate::app::identify::{Answered, Finding, How, Says, Verdict};
use crate::app::lines::{Listens, Then, listens};
use crate::app::modal::{Identify, Looking, Modal, identified};
use crate::app::model::Wants;
use crate::app::testing::*;
use crate::domain::shape::tests::{jwt, own, value_of};
use crate::domain::shape::{Bare, Check, Digest, Shown, ValueForm};
use crate::domain::{Context, FailureKind, Operation, State, Support, Token};

const ID: &str = "0123456789abc";

/// Tokens as the embedded backend has them: one whose value is known, and two whose masked values say little.
fn tokens() -> Vec<Token> {
    let value = own(ID, 1);
    let mut tokens = table(&format!("{ID} leaked reader\n 1111111111111 other reader\n 2222222222222 third reader"));
    tokens[0].masked = Some(format!("tdk_a_****{}", &value[value.len() - 4..]).as_str().into());
    tokens[1].masked = Some("tdk_a_****0000".into());
    tokens
}

fn forms(of: &str, form: ValueForm) -> Context {
    able(of, |able| able.value = form)
}

fn talk() -> Talk {
    Talk::with(tokens())
}

fn screen(talk: &Talk) -> &Identify {
    identified(&talk.model).expect("the screen")
}

/// Looks for what is pasted, and waits until keys are taken.
fn look(talk: &mut Talk, text: &str) -> Vec<Finding> {
    talk.press(":identify<enter>");
    talk.paste(text);
    talk.press("<enter>");
    talk.wait(400);
    assert_eq!(screen(talk).stage, Looking::Over);
    screen(talk).findings.clone()
}

fn hits(finding: &Finding) -> Vec<(&str, &How)> {
    finding.hits.iter().map(|hit| (hit.token.id.raw(), &hit.how)).collect()
}

#[test]
fn a_value_is_found_by_the_id_in_it_and_nothing_is_sent() {
    let mut talk = talk();
    let found = look(&mut talk, &own(ID, 1));
    assert_eq!(found.len(), 1);
    assert_eq!(hits(&found[0]), [(ID, &How::IdInside)], "the surest reason alone");
    assert_eq!((found[0].verdict(), found[0].candidate.check), (Verdict::Found, Check::Right));
    assert_eq!(talk.sent(), Vec::<String>::new());
    talk.press("q");
    assert!(talk.model.modals.is_empty() && talk.others.contains(&Effect::Repaint), "the picture is made anew");
}

#[test]
fn a_masked_value_makes_a_token_likely_and_all_that_agree_are_told() {
    let value = own("3333333333333", 1);
    let mut alike = tokens();
    for token in &mut alike {
        token.masked = Some(format!("tdk_a_****{}", &value[value.len() - 4..]).as_str().into());
    }
    let mut talk = Talk::with(alike);
    let found = look(&mut talk, &value);
    let ids: Vec<_> = hits(&found[0]).into_iter().map(|(id, how)| (id.to_owned(), how.clone())).collect();
    let likely = |id: &str| (id.to_owned(), How::Masked);
    assert_eq!(ids, [likely(ID), likely("1111111111111"), likely("2222222222222")]);
    assert_eq!(found[0].verdict(), Verdict::Likely);
    assert_eq!(screen(&talk).lines(), [(0, Some(0)), (0, Some(1)), (0, Some(2))]);
}

#[test]
fn hashes_keys_and_beginnings_are_compared_as_the_description_says() {
    let value = value_of("npm", "access token", 3);
    let hashed = ValueForm { begins: vec!["npm_".to_owned()], id_is: Some(Digest::Sha512), ..ValueForm::unknown() };
    let id = hashed.id_of(&crate::domain::Secret::new(value.as_str().into())).expect("an id").0;
    let mut talk = Talk::over(vec![(forms("npm", hashed), table(&format!("{} ci", id.raw())))]);
    assert_eq!(hits(&look(&mut talk, &value)[0])[0].1, &How::Hash("SHA-512"));

    let value = value_of("NetBox", "token (version 2)", 3);
    let keyed = ValueForm { begins: vec!["nbt_".to_owned()], shown: Shown::Unique, ..ValueForm::unknown() };
    let mut rows = table("7 ci\n 8 other");
    rows[0].masked = Some(format!("{}.…", &value[..16]).as_str().into());
    rows[1].masked = Some("nbt_AAAAAAAAAAAA.…".into());
    let mut talk = Talk::over(vec![(forms("netbox", keyed), rows)]);
    assert_eq!(hits(&look(&mut talk, &format!("a log with {value} in it"))[0]), [("7", &How::Unique)]);

    let value = "0123456789abcdef0123456789abcdef01234567".to_owned();
    let bare = vec![Bare::named("40 hex").expect("a form")];
    let last = ValueForm { bare, shown: Shown::Some, ..ValueForm::unknown() };
    let mut rows = table("7 ci\n 8 other");
    rows[0].masked = Some("…01234567".into());
    let mut talk = Talk::over(vec![(forms("gitea", last), rows)]);
    assert_eq!(hits(&look(&mut talk, &value)[0]), [("7", &How::Masked)]);
    talk.press("p");
    // In a log a hash is no token, unless a list says so.
    talk.paste(&format!("commit {value}\ncommit {} and more", value.replace('7', "8")));
    talk.press("<enter>");
    assert_eq!(screen(&talk).findings.len(), 1);
    assert_eq!((hits(&screen(&talk).findings[0])[0].0, screen(&talk).findings[0].candidate.line), ("7", 1));
}

#[test]
fn what_a_list_masks_is_compared_where_no_description_says_what_values_look_like() {
    let value = jwt("https://registry.example", "");
    let shows = ValueForm { shown: Shown::Some, ..ValueForm::unknown() };
    let mut rows = table("7 ci\n 8 other");
    rows[0].masked = Some(format!("{}...{}", &value[..5], &value[value.len() - 5..]).as_str().into());
    rows[1].masked = Some("eyJhb...AAAAA".into());
    let mut talk = Talk::over(vec![(forms("registry", shows), rows)]);
    assert_eq!(hits(&look(&mut talk, &value)[0]), [("7", &How::Masked)]);
}

#[test]
fn an_id_in_a_log_is_told_to_be_one() {
    let mut talk = talk();
    let found = look(&mut talk, &format!("audit: accessor={ID} did\nsomething, and ffffffffffffffff1 did not"));
    assert_eq!(found.len(), 1);
    assert_eq!(hits(&found[0]), [(ID, &How::IsId)]);
}

#[test]
fn what_is_in_no_list_says_what_the_lists_can_tell() {
    let gitlab = ValueForm { begins: vec!["glpat-".to_owned()], ..ValueForm::unknown() };
    let contexts = || vec![(context("own"), tokens()), (forms("git", gitlab.clone()), Vec::new())];
    let mut talk = Talk::over(contexts());
    let text = format!(
        "{}\n{}\n{}\n",
        own("4444444444444", 1),
        value_of("GitLab", "personal, project or group access token", 1),
        value_of("Slack", "bot token", 1)
    );
    let found = look(&mut talk, &text);
    let said: Vec<_> = found.iter().map(|finding| (finding.verdict(), finding.words())).collect();
    assert_eq!(
        said,
        [
            (Verdict::NotThere, "in no list here".to_owned()),
            (Verdict::Open, "the list of git tells nothing of values".to_owned()),
            (Verdict::Elsewhere, "no context here is of its kind".to_owned()),
        ]
    );
    let places: Vec<_> = found.iter().map(|finding| finding.places.clone()).collect();
    assert_eq!(places, [vec![(name("own"), Says::NotThere)], vec![(name("git"), Says::Nothing)], vec![]]);
    // A list that is not whole proves nothing.
    let mut talk = Talk::over(contexts());
    talk.press("<ctrl-r>");
    talk.model.contexts[0].list.extent = crate::app::contexts::ListExtent::Partial("cut".to_owned());
    assert_eq!(look(&mut talk, &own("4444444444444", 1))[0].words(), "not found, but the list of own is not whole");
}

#[test]
fn from_a_hit_one_key_puts_the_ordinary_question() {
    for key in ["x", "<enter>"] {
        let mut talk = talk();
        look(&mut talk, &own(ID, 1));
        talk.press(key);
        assert_eq!(talk.confirm().tokens[0].token.id.raw(), ID);
        assert_eq!(talk.model.modals.len(), 2, "the values stay behind it");
        talk.answer_question("y");
        talk.settle();
        assert_eq!(talk.revoked(), [ID]);
        assert!(matches!(talk.model.modals.last(), Some(Modal::Identify(_))));
        talk.press("x");
        assert_eq!(screen(&talk).said, "it is dead already: there is nothing to do");
    }
}

#[test]
fn a_dead_token_is_not_revoked_again() {
    let mut tokens = tokens();
    tokens[0].state = State::Revoked;
    let mut talk = Talk::with(tokens);
    look(&mut talk, &own(ID, 1));
    talk.press("x");
    assert!(!talk.asks());
    assert_eq!(screen(&talk).said, "it is dead already: there is nothing to do");
    talk.press("m");
    assert_eq!(talk.marked(), Vec::<String>::new());
}

#[test]
fn all_that_were_found_can_be_marked() {
    let mut talk = talk();
    look(&mut talk, &format!("one {}\ntwo {ID} 1111111111111 and more", own("2222222222222", 7)));
    talk.press("m<esc>");
    assert_eq!(talk.marked(), ["leaked", "other", "third"]);
}

/// A conversation over two contexts that can be asked, with the screen before a value that is in no list.
fn asking() -> (Talk, String) {
    let nothing = || ValueForm { begins: vec!["tdk_".to_owned()], ..ValueForm::unknown() };
    let first = forms("first", nothing());
    let second = able("second", |able| (able.value, able.identify) = (nothing(), Support::No));
    let mut talk = Talk::over(vec![(first, tokens()), (second, tokens())]);
    let value = own("5555555555555", 1);
    look(&mut talk, &value);
    talk.forget();
    (talk, value)
}

#[test]
fn a_value_is_sent_to_the_one_host_that_was_named_and_only_on_y() {
    for (keys, said) in [("v<esc>", "nothing was sent"), ("vn", "nothing was sent"), ("v<enter>", "nothing was sent")] {
        let (mut talk, _) = asking();
        talk.press("v");
        talk.wait(400);
        talk.press(&keys[1..]);
        assert_eq!((talk.sent(), screen(&talk).said.as_str()), (vec![], said), "{keys}");
        assert_eq!(talk.model.modals.len(), 1);
    }
    let (mut talk, value) = asking();
    talk.draws = false;
    talk.press("vy");
    assert!(talk.sent().is_empty(), "before it could be seen nothing is an answer");
    talk.draws = true;
    talk.show();
    talk.wait(400);
    talk.press("y");
    let is_it = |(_, context, operation): &(_, _, Operation)| {
        *context == name("first") && matches!(operation, Operation::Identify(sent) if sent.expose() == value)
    };
    assert!(talk.open.len() == 1 && is_it(&talk.open[0]), "{:?}", talk.open);
    talk.press("y");
    assert_eq!(talk.open.len(), 1);
}

#[test]
fn another_host_is_another_question() {
    let (mut talk, value) = asking();
    talk.press("v");
    talk.wait(400);
    talk.draws = false;
    talk.press("<down>y");
    assert!(talk.sent().is_empty(), "its host was not seen yet");
    talk.draws = true;
    talk.show();
    talk.wait(400);
    talk.press("y");
    assert!(
        matches!(&talk.open[..], [(_, context, Operation::Try(sent))] if *context == name("second") && sent.expose() == value)
    );
    talk.reply_to("try", Err(failure(FailureKind::Credential)));
    assert_eq!(screen(&talk).findings[0].asked, [(name("second"), Answered::Refused)]);
    assert!(!talk.model.contexts[1].needs_login(), "it is not the operator's credential that is refused");
}

#[test]
fn what_a_backend_says_is_told() {
    let ask = |reply: Result<crate::domain::Reply, crate::domain::Failure>| {
        let (mut talk, _) = asking();
        talk.press("v");
        talk.wait(400);
        talk.press("y");
        talk.reply_to("identify", reply);
        talk
    };
    let talk = ask(Err(failure(FailureKind::NotFound)));
    assert_eq!(screen(&talk).findings[0].asked[0].1, Answered::Unknown);
    let mut talk = talk;
    talk.press("v");
    talk.wait(400);
    talk.press("y");
    assert!(matches!(screen(&talk).findings[0].asked[..], [(_, Answered::Asking(_))]), "the newest word counts");
    let talk = ask(Err(failure(FailureKind::Forbidden)));
    assert_eq!(screen(&talk).findings[0].asked[0].1, Answered::Failed(failure(FailureKind::Forbidden)));
    let mut dead = tokens().remove(1);
    dead.state = State::Revoked;
    let mut talk = ask(Ok(crate::domain::Reply::Token(Box::new(dead))));
    let finding = &screen(&talk).findings[0];
    assert_eq!(hits(finding), [("1111111111111", &How::Told)]);
    assert_eq!(finding.verdict(), Verdict::Found);
    talk.press("x");
    assert_eq!(screen(&talk).said, "it is dead already: there is nothing to do");
    // The operator's own credential may be dead too, which says nothing of the value.
    let talk = ask(Err(failure(FailureKind::Credential)));
    assert!(matches!(screen(&talk).findings[0].asked[0].1, Answered::Failed(_)));
    assert!(talk.model.contexts[0].needs_login());
}

#[test]
fn a_value_that_nobody_can_be_asked_about_stays_here() {
    let mute = able("prod", |able| (able.identify, able.tries) = (Support::No, Support::No));
    let mut talk = Talk::over(vec![(mute, tokens())]);
    look(&mut talk, &own("5555555555555", 1));
    talk.press("v");
    assert!(screen(&talk).asks.is_none() && screen(&talk).said.contains("no context here can be asked"));
}

#[test]
fn a_value_of_another_service_is_sent_nowhere() {
    let mut talk = talk();
    look(&mut talk, &value_of("Slack", "bot token", 1));
    talk.press("v");
    assert_eq!(screen(&talk).said, "no context here can be asked about it: it is not sent anywhere");
    assert!(screen(&talk).asks.is_none() && talk.sent().is_empty());
}

#[test]
fn closing_lets_go_of_every_value_and_of_what_is_on_its_way() {
    let (mut talk, _) = asking();
    let value = screen(&talk).findings[0].candidate.value.clone();
    talk.press("v");
    talk.wait(400);
    talk.press("y");
    let call = talk.open[0].0;
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty() && talk.model.calls.is_empty());
    assert!(talk.others.contains(&Effect::Cancel(call)) && talk.others.contains(&Effect::Repaint));
    talk.open.clear();
    talk.forget();
    drop(talk);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}

#[test]
fn what_was_typed_behind_the_paste_is_no_answer() {
    let mut talk = talk();
    talk.patient = false;
    talk.press("I");
    talk.paste(&own(ID, 1));
    talk.press("<enter>x");
    assert!(!talk.asks() && screen(&talk).stage == Looking::Over);
    talk.press("q");
    assert!(identified(&talk.model).is_some());
    talk.paste("x");
    talk.wait(400);
    talk.paste("x");
    assert!(!talk.asks() && screen(&talk).said.contains("a paste answers nothing"));
}

#[test]
fn a_whole_ticket_is_taken_with_its_lines_and_an_empty_field_closes() {
    let mut talk = talk();
    talk.press("I<enter>");
    assert!(talk.model.modals.is_empty());
    talk.press("I");
    assert_eq!(listens(&talk.model), Listens::Hidden(Then::Enter));
    talk.paste("first\n");
    talk.paste(&format!("second\n{}\n", own(ID, 1)));
    assert_eq!(screen(&talk).input.len(), 14 + own(ID, 1).len());
    talk.press("<ctrl-u>");
    assert!(screen(&talk).input.is_empty());
    talk.paste(&format!("first\nsecond\n{} third fourth fifth", own(ID, 1)));
    talk.press("<enter>");
    talk.wait(400);
    assert_eq!(screen(&talk).findings[0].candidate.line, 3);
    assert_eq!(listens(&talk.model), Listens::Keys);
}

#[test]
fn without_a_screen_the_same_is_done() {
    let mut talk = talk();
    talk.model.wants = Wants::List;
    let value = std::sync::Arc::new(crate::domain::Secret::new(own(ID, 1).into()));
    talk.undertake(crate::app::errand::Errand::Look(value)).expect("begun");
    assert_eq!(hits(&screen(&talk).findings[0]), [(ID, &How::IdInside)]);
}
