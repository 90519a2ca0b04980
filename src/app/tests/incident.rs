//! An incident from its opening to its end, over a worklist that outlives the program.

use crate::app::action::{Action, applies};
use crate::app::incident::{Choice, Fate, coverage, fate, is_changed};
use crate::app::message::Message;
use crate::app::model::{Model, Tab};
use crate::app::testing::*;
use crate::domain::{Access, Context, IncidentStep, Owner, RecordBody, State};

fn fates(model: &Model) -> Vec<String> {
    let open = model.incident.as_ref().expect("open");
    open.worklist.iter().map(|work| fate(model, work).words().to_owned()).collect()
}

/// A conversation with an incident, and these labels on its worklist.
fn opened(labels: &[&str]) -> Talk {
    let mut talk = Talk::usual();
    talk.press(":incident INC-42 laptop stolen<enter>");
    assert_eq!(talk.model.tab, Tab::Incident);
    talk.press("1");
    talk.mark(labels);
    talk.press("a");
    assert!(talk.model.tokens.marks.is_empty());
    talk.press("3");
    talk
}

#[test]
fn every_record_names_the_ticket_and_the_run_its_reason() {
    let mut talk = opened(&["alpha", "bravo"]);
    talk.press("x");
    assert!(!talk.asks(), "it was not decided yet");
    talk.press(":choose now<enter>x");
    talk.answer_question("2<enter>");
    talk.settle();
    let records = talk.journal();
    assert!(records.iter().all(|record| record.incident.as_deref() == Some("INC-42")), "{records:?}");
    let reason = records.iter().find_map(|record| {
        let RecordBody::Run(header) = &record.body else { return None };
        header.reason.clone()
    });
    assert_eq!(reason.as_deref(), Some("laptop stolen"));
    talk.press("<esc>");
    assert_eq!(fates(&talk.model), ["verified dead", "verified dead"]);
    talk.press(":close-incident<enter>");
    assert!(talk.model.incident.is_none());
    assert!(matches!(
        talk.journal().last().map(|record| record.body.clone()),
        Some(RecordBody::Incident(IncidentStep::Closed))
    ));
}

#[test]
fn a_worklist_is_red_until_each_is_verified_dead() {
    let mut talk = opened(&["alpha", "bravo", "delta"]);
    assert_eq!(fates(&talk.model), ["alive", "alive", "alive"]);
    talk.press(":choose now<enter>x");
    talk.answer_question("3<enter>");
    talk.serve("get");
    talk.serve("revoke");
    assert_eq!(fates(&talk.model)[0], "revoked, not verified");
    talk.serve("get");
    talk.reply_to("revoke", Err(failure(crate::domain::FailureKind::Forbidden)));
    talk.settle();
    let counts = coverage(&talk.model, talk.model.incident.as_ref().expect("open"));
    assert_eq!((counts.all, counts.dead, counts.failed), (3, 2, 1), "{counts:?}");
    talk.press("<esc>:close-incident<enter>");
    assert!(talk.model.incident.is_some(), "one lives");
    talk.press("<esc>:close-incident INC-42<enter>");
    assert!(talk.model.incident.is_none());
}

#[test]
fn an_incident_outlives_the_program_with_what_came_of_it() {
    let mut talk = opened(&["alpha", "bravo"]);
    talk.press(":choose replace<enter>k x");
    let mut next = Talk::usual();
    next.tell(Message::JournalRead(Ok(talk.journal().into()), None));
    let open = next.model.incident.clone().expect("open");
    assert_eq!((open.ticket.as_str(), open.reason.as_str(), open.choice), ("INC-42", "laptop stolen", Choice::Replace));
    assert_eq!(fates(&next.model), ["alive", "alive"]);
    talk.press("<esc>");
    talk.press("x");
    talk.answer_question("2<enter>");
    talk.settle();
    let mut after = Talk::usual();
    *after.backend() = talk.backend().clone();
    after.tell(Message::JournalRead(Ok(talk.journal().into()), None));
    assert_eq!(fates(&after.model), ["verified dead", "verified dead"]);
    talk.press("<esc>:close-incident<enter>");
    after.tell(Message::JournalRead(Ok(talk.journal().into()), None));
    assert!(after.model.incident.is_none());
}

#[test]
fn what_dies_with_a_token_is_counted_and_what_is_not_known_is_not() {
    let mut tokens = table("tk-1 one reader\ntk-2 two reader\ntk-3 three reader\ntk-4 four reader");
    tokens[1].parent = Some(id("tk-1"));
    tokens[2].owner = Owner::Removed("gone".into());
    tokens[3].owner = Owner::Unknown;
    let mut talk = Talk::with(tokens);
    talk.press(":incident INC-1<enter>1*a");
    let open = talk.model.incident.clone().expect("open");
    let reach = |at: usize| open.known.reach[at];
    assert_eq!(open.known.sum(), (Some(1), 1, 1));
    assert_eq!((reach(0).children, reach(0).siblings), (Some(1), Some(1)));
    assert!(reach(2).owner_gone && !reach(1).owner_gone);
    assert_eq!(reach(3).siblings, None);
    let mut orphans = Talk::usual();
    orphans.press(":incident INC-1<enter>1a");
    let open = orphans.model.incident.clone().expect("open");
    assert_eq!((open.known.reach[0].children, open.known.sum().0), (None, None), "no row names a parent");
}

#[test]
fn tokens_that_are_born_or_changed_meanwhile_are_told() {
    let mut talk = opened(&["alpha"]);
    talk.wait(5_000);
    let now = talk.model.now;
    let twin = crate::domain::Token { id: id("tk-evil01"), created: Some(now), ..talk.backend().tokens[1].clone() };
    talk.backend().tokens.push(twin);
    talk.backend().change("tk-000001").label = "renamed".into();
    talk.press("<ctrl-r>");
    talk.settle();
    let open = talk.model.incident.clone().expect("open");
    assert_eq!(open.known.born, 1);
    assert!(is_changed(&talk.model, &open.worklist[0]));
    assert_eq!(fate(&talk.model, &open.worklist[0]), Fate::Alive);
    talk.press(":drift<enter>");
    assert_eq!((talk.model.tab, talk.model.tokens.view.rows.len()), (Tab::Tokens, 1));
}

#[test]
fn a_ticket_is_a_word_and_a_second_one_waits_for_the_first() {
    let mut talk = Talk::usual();
    for line in ["incident", "incident INC\u{202e}42 x", &format!("incident {}", "x".repeat(41))] {
        talk.press(&format!(":{line}<enter>"));
        assert!(talk.model.incident.is_none(), "{line}");
        talk.press("<esc>");
    }
    assert!(applies(&talk.model, Action::Freeze).is_err());
    talk.press(":incident INC-1 one<enter>:incident INC-2 two<enter>");
    assert_eq!(talk.model.incident.as_ref().expect("open").ticket, "INC-1");
    talk.press("<esc>1:incident INC-1<enter>");
    assert_eq!(talk.model.tab, Tab::Incident, "it is shown");
}

#[test]
fn an_exposure_window_is_a_query_over_all_contexts() {
    let mut talk = Talk::usual();
    for line in
        ["exposure", "exposure 2026-11-20", "exposure 9d 2d", "exposure 2026-11-20 2026-11-22 now", "exposure a b"]
    {
        talk.press(&format!(":{line}<enter>"));
        assert!(talk.model.tokens.query.field.is_empty(), "{line}");
        talk.press("<esc>");
    }
    talk.press(":exposure 2026-11-17 2026-11-20T13:00Z<enter>");
    assert_eq!(talk.model.tokens.query.field.text(), "created<2026-11-20T13:00Z");
    let born = |talk: &Talk| -> Vec<_> {
        let inventory = &talk.model.tokens.inventory;
        talk.model.tokens.view.rows.iter().map(|row| inventory.get(*row).expect("a row").created()).collect()
    };
    let end = "2026-11-20T13:00Z".parse().expect("a moment");
    assert!(!born(&talk).is_empty() && born(&talk).iter().all(|created| created.is_some_and(|at| at < end)));
    talk.press(":exposure 2026-11-17 2026-11-20 used<enter>");
    assert_eq!(talk.model.tokens.query.field.text(), "used>2026-11-17 used<2026-11-20");
}

#[test]
fn what_is_dead_already_is_not_put_on_the_worklist() {
    let mut talk = opened(&["alpha"]);
    talk.backend().change("tk-000002").state = State::Revoked;
    talk.press("1<ctrl-r>");
    talk.settle();
    talk.mark(&["alpha", "bravo", "delta"]);
    talk.press("a");
    let open = talk.model.incident.as_ref().expect("open");
    let ids: Vec<_> = open.worklist.iter().map(|work| work.target.id.raw().to_owned()).collect();
    assert_eq!(ids, ["tk-000001", "tk-000004"]);
}

#[test]
fn the_worklist_is_revoked_in_all_contexts_at_once_and_one_that_is_down_is_left_out() {
    let mut talk = Talk::over(vec![
        (context("prod"), table("p1 alpha reader\np2 bravo reader")),
        (context("dev"), table("d1 charlie reader")),
        (Context { access: Access::ReadOnly, ..context("vault") }, table("v1 delta reader")),
    ]);
    talk.press(":incident INC-42 laptop stolen<enter>1");
    talk.mark(&["alpha", "charlie", "delta"]);
    talk.press("a3:choose now<enter>");
    // Whatever the cursor is on.
    talk.press("Gx");
    assert_eq!(talk.confirm().contexts, [name("prod"), name("dev")]);
    assert!(talk.said().contains("1 of vault are left out: vault is read-only"), "{}", talk.said());
    talk.answer_question("2<enter>");
    talk.settle();
    assert_eq!((talk.tally().verified, talk.tally().all), (2, 2));
    let counts = coverage(&talk.model, talk.model.incident.as_ref().expect("open"));
    assert_eq!((counts.dead, counts.alive, counts.all), (2, 1, 3));
}
