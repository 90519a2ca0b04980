//! Answers: whatever a server says to any operation of any built-in description is a reply or a failure in words,
//! soon and in little room; nothing of it can write to a terminal.
//!
//! The input begins with a line `BACKEND OPERATION`; the rest is an answer as under `tests/it/golden/`.

#![no_main]

mod common;

use common::{Described, answer_of, is_shown_safely};
use libfuzzer_sys::fuzz_target;
use tokendeck::backend::{
    Fields, Head, decode, decode_login, decode_page, decode_pages, is_denied, next_page, put_over, reads_first,
};
use tokendeck::domain::{ContextName, Operation, RawPage, Reply};

fuzz_target!(|bytes: &[u8]| {
    let Some((backend, word, rest)) = common::first_line(bytes) else { return };
    let Some(response) = answer_of(rest) else { return };
    let described = Described::built_in(backend);
    let (plan, site) = (&described.plan, &described.site);
    for operation in described.operations(word) {
        let head = Head { status: response.status, headers: response.headers.clone() };
        let early = next_page(plan, site, &operation, &head);
        let _ = is_denied(plan, site, &operation, &response);
        match decode(plan, site, &operation, response.clone()) {
            Ok(Reply::Listed(page)) => {
                // What the head told is what the whole tells.
                if let (Some(early), Some(next)) = (&early, &page.next) {
                    assert_eq!(early, next);
                }
                rows(&described, &page);
            }
            Ok(reply) => is_shown_safely(&format!("{reply:?}")),
            Err(failure) => {
                assert!(!failure.summary.is_empty() && !failure.hint.is_empty(), "{failure:?}");
                is_shown_safely(&failure.to_string());
                is_shown_safely(&format!("{failure:?}"));
            }
        }
        if reads_first(plan, &operation).is_some()
            && let Ok(request) = described.encode(&operation)
        {
            let _ = put_over(plan, request, &response);
        }
    }
    if let Err(failure) = decode_login(plan, &response) {
        is_shown_safely(&failure.to_string());
    }
});

/// Reads the rows of a page in each of the ways there are.
fn rows(described: &Described, page: &std::sync::Arc<RawPage>) {
    let context = ContextName::parse("prod").expect("a lawful name");
    let shown = decode_page(&described.plan, &context, page);
    let all = decode_pages(&described.plan, &context, &[page.clone(), page.clone()], Fields::All);
    match (shown, all) {
        (Ok(shown), Ok(all)) => {
            assert_eq!(shown.len() * 2, all.len());
            for row in (0..shown.len()).take(20) {
                let (few, many) = (shown.token(row), all.token(row));
                assert!(!few.differs_from(&many));
                is_shown_safely(&format!("{many:?}"));
                for operation in described.about(&few.id) {
                    let _: Option<Operation> = described.encode(&operation).is_ok().then_some(operation);
                }
            }
        }
        // What is not kept is not looked into, such as a number that is larger than numbers are.
        (shown, Err(failure)) => {
            is_shown_safely(&failure.to_string());
            is_shown_safely(&format!("{shown:?}"));
        }
        (Err(failure), Ok(_)) => panic!("fewer fields are harder to read: {failure:?}"),
    }
}
