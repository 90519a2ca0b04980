//! Pages: whatever an answer names as the next page, as a parent or as a token, the request after it is what the
//! description says, at the context's own origin.
//!
//! The input begins with a line `BACKEND OPERATION`; the rest is an answer as under `tests/it/golden/`.

#![no_main]

mod common;
mod shared;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use shared::dice::Dice;
use shared::operations;
use shared::subject::Subject;
use tokendeck::backend::{Head, catalog, decode, decode_page, next_page};
use tokendeck::domain::{Advance, ContextName, Cursor, Operation, Progress, Reply};

thread_local! {
    static SUBJECTS: RefCell<BTreeMap<String, Rc<Subject>>> = RefCell::new(
        catalog::names().map(str::to_owned).zip(Subject::built_in().into_iter().map(Rc::new)).collect());
}

fuzz_target!(|bytes: &[u8]| {
    let Some((backend, word, rest)) = common::first_line(bytes) else { return };
    let Some(response) = common::answer_of(rest) else { return };
    let number = backend.bytes().map(usize::from).sum::<usize>();
    let subject = SUBJECTS.with_borrow(|all| {
        all.get(backend).or_else(|| all.values().nth(number % all.len())).cloned().expect("there are some")
    });
    let (plan, site) = (&subject.plan, &subject.site);
    let mut asked = match word {
        "events" => Operation::Events(None),
        "notices" => Operation::Notices(None),
        "each" => Operation::List(Some(Cursor::of_parent("ana"))),
        _ => Operation::List(None),
    };
    let mut progress = Progress::new(8);
    // A server that says the same for ever.
    for _ in 0..10 {
        let head = Head { status: response.status, headers: response.headers.clone() };
        if let Some(early) = next_page(plan, site, &asked, &head) {
            subject.hold(&Operation::List(Some(early)));
        }
        let next = match decode(plan, site, &asked, response.clone()) {
            Ok(Reply::Listed(page)) => {
                for parent in page.below.iter().take(20) {
                    subject.hold(&Operation::List(Some(parent.clone())));
                }
                let context = ContextName::parse("prod").expect("a lawful name");
                if let Ok(rows) = decode_page(plan, &context, &page) {
                    for row in 0..rows.len().min(20) {
                        for operation in operations::about(&mut Dice::seeded(number as u64), &rows.token(row).id) {
                            subject.hold(&operation);
                        }
                    }
                }
                page.next.clone()
            }
            Ok(Reply::Events(events)) => events.next,
            _ => return,
        };
        let Advance::Continue(next) = progress.advance(next.as_ref()) else { return };
        asked = match asked {
            Operation::Events(_) => Operation::Events(Some(next)),
            Operation::Notices(_) => Operation::Notices(Some(next)),
            _ => Operation::List(Some(next)),
        };
        subject.hold(&asked);
    }
    panic!("a list of eight pages has ten");
});
