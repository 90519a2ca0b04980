//! The tab Activity: notices and events of several contexts.

use crate::app::activity;
use crate::app::model::Tab;
use crate::app::testing::*;
use crate::app::tokens::Focus;
use crate::domain::{CallId, Context, ContextName, Event, EventKind, Events, FailureKind, Operation, Reply, Support};

/// A context that offers notices.
fn telling(name: &str) -> Context {
    able(name, |capabilities| capabilities.notices = Support::Yes)
}

#[test]
fn a_context_that_tells_nothing_hides_nothing_of_the_others() {
    let event = |action: &str| Event {
        kind: EventKind::Notice,
        at: Some(dawn()),
        actor: None,
        action: action.into(),
        subject: None,
    };
    let orders = [["prod", "dev"], ["dev", "prod"]];
    for order in orders {
        let mut talk = Talk::over(vec![(telling("prod"), usual()), (telling("dev"), table("d1 x reader"))]);
        talk.press("4");
        for who in order {
            let asked = |(_, context, operation): &&(CallId, ContextName, Operation)| {
                context.as_str() == who && matches!(operation, Operation::Notices(_))
            };
            let call = talk.open.iter().find(asked).map(|(call, ..)| *call).expect("asked");
            let told = Ok(Reply::Events(Events { rows: vec![event("token.create")], next: None }));
            talk.reply(call, if who == "prod" { Err(failure(FailureKind::Offline)) } else { told });
        }
        let told = talk.model.activity.notices.there().expect("a list");
        assert_eq!(told.rows.len(), 1, "{order:?}");
        let answers: Vec<bool> = told.answers.iter().map(|(_, answer)| answer.there().is_some()).collect();
        assert_eq!(answers, [false, true], "{order:?}: who failed is said");
    }
}

#[test]
fn the_journal_is_filtered_as_one_types_and_what_is_written_meanwhile_joins() {
    let mut talk = Talk::over(vec![(telling("prod"), usual())]);
    talk.press("4/");
    assert_eq!(talk.model.typing(), Focus::Here);
    talk.press("nowhere");
    assert_eq!(activity::rows(&talk.model.activity), 0);
    talk.press("<esc>");
    assert_eq!((talk.model.typing(), talk.model.activity.sift.field.text()), (Focus::Elsewhere, ""));
    // A key that is text there is none of the actions.
    talk.press("/q1");
    assert_eq!((talk.model.tab, talk.model.activity.sift.field.text()), (Tab::Activity, "q1"));
    talk.press("<enter>");
    talk.press("<esc>");
    assert!(talk.model.activity.sift.field.is_empty(), "Esc clears what Enter kept");
    // What was not filtered is not: the other lists have none.
    talk.press("]/");
    assert_eq!(talk.model.typing(), Focus::Elsewhere);
}
