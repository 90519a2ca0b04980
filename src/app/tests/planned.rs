//! A revocation that is written down, and done later if the world still looks so.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::applying::{self, Difference, Order, Otherwise};
use crate::app::contexts::Asked;
use crate::app::effect::Effect;
use crate::app::errand::{self, Errand, Refusal, Word};
use crate::app::message::{Message, PlanFile};
use crate::app::testing::*;
use crate::app::{planning, sought};
use crate::domain::{
    Access, FailureKind, IncidentStep, Origin, Owner, PlannedToken, RecordBody, RevocationPlan, RunHeader, State,
    Support, Token,
};

/// Takes the plan that is to be written.
fn taken(talk: &mut Talk) -> (PathBuf, RevocationPlan) {
    let at = talk.others.iter().position(|effect| matches!(effect, Effect::WritePlan(..))).expect("a plan");
    let Effect::WritePlan(path, plan) = talk.others.remove(at) else { panic!("no plan") };
    assert_eq!(plan.check(), Ok(()));
    (path, Arc::unwrap_or_clone(plan))
}

/// Lets a plan be written, and returns it.
fn written(talk: &mut Talk) -> RevocationPlan {
    let (path, plan) = taken(talk);
    assert!(!planning::is_over(&talk.model));
    talk.tell(Message::PlanWritten(Ok(PlanFile { path, sha256: "5f".repeat(32) })));
    assert!(planning::is_over(&talk.model));
    plan
}

fn labels(plan: &RevocationPlan) -> Vec<&str> {
    plan.tokens.iter().map(|token| token.target.label.raw()).collect()
}

/// The plan over these labels, as a program of before made it.
fn made(talk: &mut Talk, labels: &[&str]) -> RevocationPlan {
    talk.mark(labels);
    talk.press(":plan p.json<enter>");
    let plan = written(talk);
    talk.press("u");
    talk.forget();
    plan
}

/// Reads the tokens of a plan again, and begins it.
fn apply(talk: &mut Talk, plan: &RevocationPlan, otherwise: Otherwise, word: &str) -> Result<(), Refusal> {
    let wanted = plan.tokens.iter().map(|token| (token.context.clone(), token.target.id.clone())).collect();
    talk.undertake(Errand::Find(wanted))?;
    talk.settle();
    assert!(sought::is_over(&talk.model));
    let order = Order { plan: Arc::new(plan.clone()), sha256: "5f".repeat(32), otherwise };
    talk.undertake(Errand::Apply(Box::new(order), Word(Some(word.to_owned()))))
}

fn change(talk: &mut Talk, token: &str, change: impl FnOnce(&mut Token)) {
    let found = talk.backend().tokens.iter_mut().find(|one| one.id == id(token)).expect("a token");
    change(found);
}

fn headers(talk: &Talk) -> Vec<RunHeader> {
    let header = |body| if let RecordBody::Run(header) = body { Some(header) } else { None };
    talk.journal().into_iter().filter_map(|record| header(record.body)).collect()
}

fn stale(result: Result<(), Refusal>) -> String {
    match result {
        Err(Refusal::Failed(failure)) if failure.kind == FailureKind::Changed => failure.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn marks_or_the_token_under_the_cursor_are_written_and_nothing_is_sent() {
    let mut talk = Talk::usual();
    talk.go("bravo");
    talk.press(":plan one.json<enter>");
    let (path, plan) = taken(&mut talk);
    assert!(planning::own(&talk.model, &plan).is_none());
    assert_eq!((path, labels(&plan)), (PathBuf::from("one.json"), vec!["bravo"]));
    talk.tell(Message::PlanWritten(Ok(PlanFile { path: "/tmp/it's.json".into(), sha256: "5f".repeat(32) })));
    let said = talk.model.messages.notes.last().expect("said").text.clone();
    assert!(said.contains("a plan over 1 token is in /tmp/it's.json"), "{said}");
    assert!(said.contains(r"`tokendeck apply '/tmp/it'\''s.json' --confirm 1`"), "{said}");

    talk.mark(&["alpha", "root"]);
    talk.press("/alpha<enter>");
    talk.press(":plan several.json<enter>");
    let plan = written(&mut talk);
    assert_eq!(labels(&plan), ["alpha", "root"], "also what the filter hides");
    assert_eq!(plan.tokens.iter().map(|token| token.admin).collect::<Vec<_>>(), [false, true]);
    assert_eq!(plan.contexts[0].origin, talk.model.contexts[0].context.origin);
    assert!(plan.contexts[0].principal.is_some());
    assert!(talk.revoked().is_empty() && talk.journal().is_empty() && talk.sent().is_empty());

    talk.press(":plan<enter>");
    assert!(talk.others.is_empty(), "it needs a file");
}

#[test]
fn a_plan_knows_what_else_dies_where_the_list_is_whole() {
    let mut tokens = usual();
    for child in [1, 2] {
        tokens[child].parent = Some(id("tk-000001"));
    }
    tokens[2].state = State::Revoked;
    let mut talk = Talk::with(tokens);
    let of = |plan: &RevocationPlan| plan.tokens.iter().map(|token| token.children).collect::<Vec<_>>();
    talk.mark(&["alpha", "bravo"]);
    talk.press(":plan p.json<enter>");
    let plan = written(&mut talk);
    assert_eq!(of(&plan), [Some(1), Some(0)], "a dead child dies no more");
    assert_eq!(plan.tokens[1].parent, Some(id("tk-000001")));

    talk.press("<ctrl-r>");
    talk.reply_to("list", Err(failure(FailureKind::Forbidden)));
    let mut partial = Talk::over(vec![(context("prod"), usual())]);
    partial.model.contexts[0].list.extent = crate::app::contexts::ListExtent::Partial("cut".into());
    partial.mark(&["alpha"]);
    partial.press(":plan p.json<enter>");
    assert_eq!(of(&written(&mut partial)), [None]);
}

#[test]
fn dead_tokens_are_left_out_and_that_is_said() {
    let mut tokens = usual();
    tokens[1].state = State::Revoked;
    let mut talk = Talk::with(tokens);
    talk.mark(&["alpha", "bravo"]);
    talk.press(":plan p.json<enter>");
    assert_eq!(labels(&written(&mut talk)), ["alpha"]);
    let said = talk.model.messages.notes.last().expect("said").text.clone();
    assert!(said.contains("1 already revoked: left out"), "{said}");
    talk.press("u");
    talk.go("bravo");
    talk.press(":plan p.json<enter>");
    assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::WritePlan(..))), "nothing of it lives");
}

#[test]
fn whoever_may_only_look_may_plan_but_not_where_nothing_can_be_revoked() {
    let mut reads = context("prod");
    reads.access = Access::ReadOnly;
    let mut talk = Talk::over(vec![(reads, usual())]);
    talk.press(":plan p.json<enter>");
    let plan = written(&mut talk);
    let refused = apply(&mut talk, &plan, Otherwise::Refuse, "1");
    assert!(matches!(refused, Err(Refusal::Failed(failure)) if failure.kind == FailureKind::ReadOnly));

    let mut talk = Talk::over(vec![(able("poor", |able| able.revoke = Support::No), usual())]);
    talk.press(":plan p.json<enter>");
    assert!(talk.others.is_empty());
}

#[test]
fn a_file_that_is_there_is_said_and_nothing_is_noted() {
    let mut talk = Talk::usual();
    talk.press(":incident INC-42 laptop stolen<enter>1");
    talk.forget();
    talk.press(":plan p.json<enter>");
    taken(&mut talk);
    let failure = crate::domain::Failure::local("p.json is there already, and was left alone", "choose another name");
    talk.tell(Message::PlanWritten(Err(failure.clone())));
    assert_eq!(talk.model.planning.as_ref().map(|planning| planning.file.clone()), Some(Asked::Failed(failure)));
    assert!(talk.journal().is_empty());
    assert!(talk.model.messages.unread_errors() > 0);
}

#[test]
fn in_an_incident_the_worklist_is_planned_and_noted() {
    let mut talk = Talk::over(vec![(context("prod"), usual()), (context("stage"), usual())]);
    talk.press(":incident INC-42 laptop stolen<enter>1");
    talk.press("/context:stage label:alpha<enter>g a/<esc>");
    talk.press("/context:prod label:bravo<enter>g a/<esc>3");
    talk.forget();
    talk.press(":plan p.json<enter>");
    let plan = written(&mut talk);
    assert_eq!(
        (plan.incident.as_deref(), plan.reason.map(|why| why.raw().to_owned())),
        (Some("INC-42"), Some("laptop stolen".to_owned()))
    );
    let mut names: Vec<_> = plan.tokens.iter().map(|token| token.context.to_string()).collect();
    names.sort();
    assert_eq!((names, plan.contexts.len()), (vec!["prod".to_owned(), "stage".to_owned()], 2));
    let records = talk.journal();
    assert!(
        matches!(&records[..], [one] if matches!(&one.body, RecordBody::Incident(IncidentStep::Noted { text })
            if text.starts_with("planned to revoke 2 tokens: plan 5f5f"))),
        "{records:?}"
    );
}

#[test]
fn what_still_looks_so_is_revoked_and_the_journal_names_the_plan() {
    let mut first = Talk::usual();
    first.press(":incident INC-42 laptop stolen<enter>1");
    let plan = made(&mut first, &["alpha", "bravo"]);
    assert!(first.model.incident.is_some());

    let mut talk = Talk::usual();
    for word in ["alpha", "1", "3", ""] {
        assert_eq!(apply(&mut talk, &plan, Otherwise::Refuse, word), Err(Refusal::Unconfirmed("2".to_owned())));
    }
    assert!(talk.journal().is_empty() && talk.model.applied.is_none());
    assert_eq!(apply(&mut talk, &plan, Otherwise::Refuse, "2"), Ok(()));
    talk.settle();
    assert!(errand::has_stopped(&talk.model));
    assert_eq!((talk.tally().verified, talk.revoked().len()), (2, 2));
    let header = headers(&talk).remove(0);
    assert_eq!((header.plan, header.reason), (Some("5f".repeat(32)), Some("laptop stolen".to_owned())));
    assert!(talk.journal().iter().all(|record| record.incident.as_deref() == Some("INC-42")));
}

#[test]
fn one_that_looks_otherwise_refuses_the_whole_plan_unless_it_is_to_be_skipped() {
    type Change = fn(&mut Token);
    let changes: [(Change, &str); 7] = [
        (|token| token.label = "alph\u{202e}a".into(), "label was \"alpha\", is \"alph\\u{202e}a\""),
        (|token| token.owner = Owner::Removed("ana".into()), "owner was ana, is ana (removed)"),
        (|token| token.roles = None, "role was reader, is not reported"),
        (|token| token.created = None, "created was 2026-11-21T12:00:00Z, is not reported"),
        (|token| token.created = Some(dawn()), "its id belongs to another token now: created was 2026-11-21T12:00:00Z"),
        (|token| token.state = State::Disabled, "switch was on, is off"),
        (|token| token.state = State::Revoked, "somebody revoked it since the plan was made"),
    ];
    for (how, words) in changes {
        let mut talk = Talk::usual();
        let plan = made(&mut talk, &["alpha", "bravo", "delta"]);
        change(&mut talk, "tk-000001", how);
        let said = stale(apply(&mut talk, &plan, Otherwise::Refuse, "3"));
        assert_eq!(said, "of 3 tokens in the plan 1 looks otherwise now: nothing was sent");
        let compared = applying::compared(&talk.model, &plan);
        let differences: Vec<String> =
            compared.iter().filter_map(|one| one.as_ref().err()).map(Difference::words).collect();
        assert!(matches!(&differences[..], [one] if one.starts_with(words)), "{differences:?}");
        assert!(talk.revoked().is_empty() && talk.journal().is_empty());

        let refused = apply(&mut talk, &plan, Otherwise::Skip, "3");
        assert_eq!(refused, Err(Refusal::Unconfirmed("2".to_owned())), "what dies is what is confirmed");
        assert_eq!(apply(&mut talk, &plan, Otherwise::Skip, "2"), Ok(()));
        talk.settle();
        let mut dead = talk.revoked();
        dead.sort();
        assert_eq!(dead, ["tk-000002", "tk-000004"]);
    }
}

#[test]
fn all_differences_of_a_token_and_one_that_is_gone_are_told() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["alpha", "bravo"]);
    change(&mut talk, "tk-000001", |token| (token.label, token.owner) = ("omega".into(), Owner::Unknown));
    talk.backend().tokens.retain(|token| token.id != id("tk-000002"));
    let said = stale(apply(&mut talk, &plan, Otherwise::Refuse, "2"));
    assert_eq!(said, "of 2 tokens in the plan 2 look otherwise now: nothing was sent");
    let compared = applying::compared(&talk.model, &plan);
    let words: Vec<_> = compared.iter().map(|one| one.as_ref().err().map(Difference::words)).collect();
    assert_eq!(words[0].as_deref(), Some("label was \"alpha\", is \"omega\"; owner was ana, is unknown"));
    assert_eq!(compared[1], Err(Difference::Unknown));
    stale(apply(&mut talk, &plan, Otherwise::Skip, "0"));
}

#[test]
fn what_cannot_be_read_is_not_said_to_be_changed() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["alpha"]);
    let wanted = vec![(name("prod"), id("tk-000001"))];
    assert_eq!(talk.undertake(Errand::Find(wanted)), Ok(()));
    talk.reply_to("get", Err(failure(FailureKind::Forbidden)));
    for otherwise in [Otherwise::Refuse, Otherwise::Skip] {
        let order = Order { plan: Arc::new(plan.clone()), sha256: String::new(), otherwise };
        let refused = talk.undertake(Errand::Apply(Box::new(order), Word(Some("1".to_owned()))));
        assert_eq!(refused, Err(Refusal::Failed(failure(FailureKind::Forbidden))));
    }
    assert!(talk.revoked().is_empty());
}

#[test]
fn a_plan_is_done_where_it_was_made_and_nowhere_else() {
    let mut talk = Talk::usual();
    let mut plan = made(&mut talk, &["alpha"]);
    plan.contexts[0].origin = Origin::new("https://evil.example:443");
    let said = stale(apply(&mut talk, &plan, Otherwise::Skip, "1"));
    assert!(said.contains("the plan is about prod at https://evil.example:443, and prod is at"), "{said}");
    let mut other = Talk::over(vec![(context("other"), usual())]);
    assert!(matches!(applying::fits(&other.model, &plan), Err(Refusal::Usage(_))));
    other.forget();
    assert!(talk.revoked().is_empty() && talk.journal().is_empty());
}

#[test]
fn where_no_single_token_is_read_the_list_is() {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    let plan = made(&mut talk, &["alpha", "bravo"]);
    change(&mut talk, "tk-000001", |token| token.label = "omega".into());
    talk.press("<ctrl-r>");
    talk.settle();
    let refused = stale(apply(&mut talk, &plan, Otherwise::Refuse, "2"));
    assert!(refused.starts_with("of 2 tokens in the plan 1 looks otherwise now"), "{refused}");
    assert_eq!(apply(&mut talk, &plan, Otherwise::Skip, "1"), Ok(()));
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000002"]);
}

#[test]
fn what_changes_between_the_comparison_and_the_request_is_left_alone() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["alpha", "bravo"]);
    assert_eq!(apply(&mut talk, &plan, Otherwise::Refuse, "2"), Ok(()));
    change(&mut talk, "tk-000002", |token| token.label = "other".into());
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000001"]);
    assert_eq!((talk.tally().verified, talk.tally().changed), (1, 1));
}

#[test]
fn an_unfinished_run_is_finished_first() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["alpha"]);
    talk.mark(&["bravo", "delta"]);
    talk.press("x");
    talk.answer_question("2<enter>");
    talk.serve("get");
    talk.press(":cancel<enter>");
    talk.settle();
    if talk.model.unfinished.is_empty() {
        // Nothing of it was sent yet.
        talk.model.unfinished.push(crate::domain::Unfinished {
            run: crate::domain::RunId::new("r"),
            at: dawn(),
            context: name("prod"),
            incident: None,
            tokens: Vec::new(),
        });
    }
    talk.press("<esc>");
    let said = stale(apply(&mut talk, &plan, Otherwise::Refuse, "1"));
    assert!(said.contains("an earlier revocation in prod is unfinished"), "{said}");
    assert!(talk.model.applied.is_none());
}

#[test]
fn one_plan_over_several_contexts_is_a_run_in_each() {
    let mut talk = Talk::over(vec![(context("prod"), usual()), (context("stage"), usual())]);
    talk.press("/label:alpha<enter>*");
    talk.press(":plan p.json<enter>");
    let plan = written(&mut talk);
    assert_eq!((plan.contexts.len(), plan.tokens.len()), (2, 2));
    assert_eq!(apply(&mut talk, &plan, Otherwise::Refuse, "1"), Err(Refusal::Unconfirmed("2".to_owned())));
    assert_eq!(apply(&mut talk, &plan, Otherwise::Refuse, "2"), Ok(()));
    talk.settle();
    assert!(errand::has_stopped(&talk.model));
    assert_eq!(talk.revoked(), ["tk-000001", "tk-000001"]);
    let headers = headers(&talk);
    assert_eq!(headers.len(), 2);
    assert!(headers.iter().all(|header| header.plan == Some("5f".repeat(32))), "{headers:?}");
}

#[test]
fn thousands_are_read_a_few_at_a_time() {
    let tokens: Vec<Token> =
        (0..3_000).map(|number| Token { id: id(&format!("n-{number}")), ..usual().remove(0) }).collect();
    let wanted: Vec<_> = tokens.iter().map(|token| (name("prod"), token.id.clone())).collect();
    let mut talk = Talk::with(tokens);
    assert_eq!(talk.undertake(Errand::Find(wanted)), Ok(()));
    assert_eq!(talk.open.len(), 8);
    for _ in 0..100 {
        talk.serve_at(0);
        assert_eq!(talk.open.len(), 8);
    }
    let found: usize = talk.model.sought.iter().filter(|one| one.is_settled()).count();
    assert_eq!(found, 100);
}

#[test]
fn the_own_credential_is_said_to_be_in_it() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["alpha", "mine"]);
    assert_eq!(planning::own(&talk.model, &plan).map(|own| own.target.id.clone()), Some(id("tk-000self")));
    let said = |words: &str| talk.model.messages.notes.iter().any(|note| note.text.contains(words));
    assert!(said("; your own credential is one of them"), "{:?}", talk.model.messages.notes);
}

#[test]
fn the_planned_token_is_as_it_was_shown() {
    let mut talk = Talk::usual();
    let plan = made(&mut talk, &["charlie"]);
    let PlannedToken { target, .. } = &plan.tokens[0];
    assert!(!target.token().differs_from(&usual()[2]));
    assert_eq!(plan.made, talk.model.now);
}
