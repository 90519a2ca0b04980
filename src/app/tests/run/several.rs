//! One confirmation over several contexts: a run in each, none of which waits for another.

use crate::app::modal::Modal;
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{Failure, FailureKind, Operation, Record, unfinished};

/// Two contexts with three ordinary tokens each, all of them confirmed.
fn both() -> Talk {
    let mut talk = Talk::over(vec![
        (context("prod"), table("p1 alpha reader\np2 bravo reader\np3 charlie reader")),
        (context("dev"), table("d1 delta reader\nd2 echo reader\nd3 foxtrot reader")),
    ]);
    talk.press("*x");
    talk.answer_question("6<enter>");
    talk
}

/// Answers everything that is asked of a context, and what is asked by the answers.
fn settle_in(talk: &mut Talk, context: &str) {
    while let Some(at) = talk.open.iter().position(|(_, of, _)| *of == name(context)) {
        talk.serve_at(at);
    }
}

fn phases(talk: &Talk) -> Vec<(String, Phase)> {
    talk.model.runs.iter().map(|run| (run.context.to_string(), run.phase.clone())).collect()
}

#[test]
fn each_context_has_its_own_run_in_the_journal_and_all_of_them_end_as_one_report() {
    let mut talk = both();
    assert_eq!(talk.model.runs.len(), 2);
    settle_in(&mut talk, "dev");
    assert!(talk.model.runs.is_going() && talk.model.modals.is_empty(), "the other one is not over");
    assert_eq!((talk.tally().verified, talk.tally().open), (3, 3));
    settle_in(&mut talk, "prod");
    assert_eq!((talk.tally().verified, talk.tally().all), (6, 6));
    assert!(matches!(talk.model.modals.as_slice(), [Modal::Report(_)]));
    let journal = talk.journal();
    assert!(unfinished(&journal).is_empty());
    for context in ["prod", "dev"] {
        let count = journal.iter().filter(|record| record.context == name(context)).count();
        // Header, targets, three intents with a result and a proof each, and the end.
        assert_eq!(count, 2 + 3 * 3 + 1, "{context}");
    }
}

#[test]
fn a_context_whose_credential_dies_is_paused_alone() {
    let mut talk = both();
    let refused = Failure::new(FailureKind::Credential, "the backend does not take the credential", "log in");
    let call = |talk: &Talk| talk.open.iter().find(|(_, of, _)| *of == name("dev")).map(|(call, ..)| *call);
    while let Some(call) = call(&talk) {
        talk.reply(call, Err(refused.clone()));
    }
    assert!(matches!(&phases(&talk)[..], [(_, Phase::Going), (_, Phase::Paused(_))]), "{:?}", phases(&talk));
    assert!(talk.said().contains("the revocation in dev is paused"), "{}", talk.said());
    settle_in(&mut talk, "prod");
    assert_eq!((talk.tally().verified, talk.tally().open), (3, 3));
    assert_eq!(talk.model.runs.paused().map(|(run, _)| run.context.clone()), Some(name("dev")));
    // It is not over, so no other question is answered.
    talk.press("x");
    assert!(!talk.asks());
    talk.press(":resume<enter>");
    talk.settle();
    assert_eq!(talk.tally().verified, 6);
}

#[test]
fn patience_that_one_backend_asks_for_holds_up_no_other() {
    let mut talk = both();
    let busy = Failure::new(FailureKind::Busy(Some(std::time::Duration::from_secs(5))), "too many requests", "wait");
    let call = |talk: &Talk| talk.open.iter().find(|(_, of, _)| *of == name("dev")).map(|(call, ..)| *call);
    while let Some(call) = call(&talk) {
        talk.reply(call, Err(busy.clone()));
    }
    let sizes = |talk: &Talk| talk.model.runs.iter().map(|run| run.window.size()).collect::<Vec<_>>();
    let before = sizes(&talk);
    assert!(before[1] < before[0], "{before:?}");
    settle_in(&mut talk, "prod");
    assert_eq!((talk.tally().verified, talk.tally().open), (3, 3));
    talk.wait(5_100);
    talk.settle();
    assert_eq!(talk.tally().verified, 6);
}

#[test]
fn calling_off_calls_all_of_them_off() {
    let mut talk = both();
    talk.press("<ctrl-c>");
    talk.settle();
    assert!(!talk.model.runs.is_going() && talk.revoked().is_empty());
    assert_eq!(talk.tally().not_sent, 6);
    assert!(unfinished(&talk.journal()).is_empty(), "nothing of it happened");
}

#[test]
fn the_same_id_in_two_contexts_is_two_tokens() {
    let mut talk = Talk::over(vec![
        (context("prod"), table("t1 alpha reader\nt2 bravo reader")),
        (context("dev"), table("t1 delta reader\nt2 echo reader")),
    ]);
    talk.mark(&["alpha", "echo"]);
    talk.press("x");
    talk.answer_question("2<enter>");
    talk.settle();
    let sent = talk.events.iter().filter_map(|event| match event {
        Event::Sent(_, context, Operation::Revoke(id)) => Some(format!("{context}/{}", id.raw())),
        Event::Sent(..) | Event::Durable(_) => None,
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    assert_eq!(sent, ["dev/t2", "prod/t1"]);
}

#[test]
fn what_was_cut_in_two_contexts_is_gone_on_with_in_both() {
    let mut talk = both();
    // One token of each is on its way when the program dies.
    for context in ["prod", "dev"] {
        let at = talk.open.iter().position(|(_, of, _)| *of == name(context)).expect("a read");
        talk.serve_at(at);
    }
    let records: Vec<Record> = talk.journal();
    assert_eq!(unfinished(&records).len(), 2);
    let contexts = ["prod", "dev"].map(|of| (context(of), talk.backends[&name(of)].tokens.clone()));
    let mut next = Talk::over(contexts.into());
    next.written = records.len() as u64;
    next.tell(crate::app::message::Message::JournalRead(Ok(records.into()), None));
    assert_eq!(next.model.unfinished.len(), 2);
    next.press("rr");
    assert_eq!(next.model.runs.len(), 2, "{}", next.said());
    next.settle();
    assert_eq!((next.tally().verified, next.tally().all), (6, 6), "{:?}", next.tally());
    let all = [talk.journal(), next.journal()].concat();
    assert!(unfinished(&all).is_empty());
}
