//! Coming back after a crash, and two programs at once: the journal knows what was begun.

use super::{
    harness::{Site, link::Link, revoked},
    making::{copied, create},
    revoking::ask,
};
use rustix::process::Signal;

#[test]
fn a_secret_that_nobody_declared_stored_is_offered_at_the_next_start_and_can_be_revoked() {
    let site = Site::new();
    let mut screen = site.open();
    create(&mut screen, "never stored");
    screen.signal(Signal::KILL);
    screen.exit_code();
    let before = site.store().tokens();
    let (id, _) = site.store().one("never stored");

    let mut screen = site.start(&[]).open();
    screen.until("Left open").until("never stored").until("nobody said that it was stored").until(&id);
    screen.press("<esc>").until_gone("Left open").until("61 of 61");
    screen.quit();

    // Later is not never: it is offered again.
    let mut screen = site.start(&[]).open();
    screen.until("Left open").until("61 of 61").press("x").until("Revoke 1 token").until("Type y to revoke").press("y");
    screen.until("revoked \"never stored\": verified dead");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);

    let mut screen = site.start(&[]).open();
    screen.until("61 of 61").press("4").until("revoke never stored");
    assert!(!screen.screen().contains("Left open"), "{}", screen.screen());
    screen.quit();
}

#[test]
fn what_was_sent_without_an_answer_is_offered_at_the_next_start() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    let before = site.store().tokens();
    let mut screen = site.open();
    super::revoking::find(&mut screen, "label:\"terraform plan\"", 1);
    screen.press("e").until("Edit token").press("<ctrl-u>lost<tab><tab>").until("> [Save]");
    link.lose();
    screen.press("<enter>");
    link.until_lost();
    screen.signal(Signal::KILL);
    screen.exit_code();
    link.mend();
    assert_eq!(site.store().tokens(), before);

    let mut screen = site.start(&[]).open();
    screen.until("Left open").until("edit terraform plan").until("Whether it was done is not known");
    screen.press("d").until_gone("Left open").until("60 of 60");
    screen.quit();
    let mut screen = site.open();
    screen.press("4").until("edit terraform plan");
    assert!(!screen.screen().contains("Left open"), "{}", screen.screen());
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}

#[test]
fn a_second_program_says_that_the_journal_is_in_use_and_revokes_nothing() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut first = site.open();
    let mut second = site.start(&[]).open();
    second.until("another tokendeck has");
    ask(&mut second, "terraform plan");
    second.press("y").until("the revocation is paused: another tokendeck has");
    assert_eq!(site.store().tokens(), before);
    second.press("q").until("Quit?").press("y");
    assert_eq!(second.exit_code(), 0);
    // The first goes on, and may change things.
    create(&mut first, "by the first");
    let secret = copied(&mut first);
    first.press("stored<enter>").until("61 of 61");
    first.quit();
    assert!(site.accepts(&secret));
}

#[test]
fn quitting_before_a_secret_is_stored_asks_nobody_and_is_not_possible() {
    let site = Site::new();
    let mut screen = site.open();
    create(&mut screen, "kept in view");
    screen.press("<ctrl-c>").until("only the word stored leaves").press("q").until("> q").press("<enter>");
    screen.until("copy, reveal, write or pipe it first");
    // A signal ends it all the same; the next start knows.
    screen.signal(Signal::TERM);
    assert_eq!(screen.exit_code(), 143);
    let mut screen = site.start(&[]).open();
    screen.until("Left open").until("kept in view");
}

#[test]
fn a_token_whose_secret_was_lost_with_the_answer_is_found_and_can_be_revoked() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    let mut screen = site.open();
    screen.press("n").until("New token").press("orphan").press(&"<tab>".repeat(5)).until("> [Create]");
    link.lose_answer();
    screen.press("<enter>").until("Left open").until("the answer with its secret was lost");
    let before = site.store().tokens();
    assert_eq!(before.len(), 61, "it is sent once, and not again");
    let (id, _) = site.store().one("orphan");
    assert!(screen.screen().contains(&id));
    screen.press("x").until("Revoke 1 token").until("Type y to revoke").press("y");
    screen.until("revoked \"orphan\": verified dead");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
}

#[test]
fn a_revocation_whose_answer_was_lost_is_settled_by_asking_again() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    let before = site.store().tokens();
    let mut screen = site.open();
    ask(&mut screen, "terraform plan");
    // Lost with the reading before, with the revocation or with the proof: it must come out the same.
    link.lose_answer();
    screen.press("y").until_shown("an end or a pause", |shown| {
        shown.contains("revoked \"terraform plan\": verified dead") || shown.contains("the revocation is paused")
    });
    if screen.screen().contains("paused") {
        screen.press(":resume<enter>").until("revoked \"terraform plan\": verified dead");
    }
    screen.quit();
    let (id, _) = site.store().one("terraform plan");
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
}

#[test]
fn a_server_that_is_gone_is_said_to_be_offline_and_the_rows_stay() {
    let mut site = Site::new();
    let mut screen = site.open();
    site.kill_server();
    screen.press("<ctrl-r>").until("offline").until("stale").until("60 of 60");
    super::revoking::find(&mut screen, "label:\"terraform plan\"", 1);
    screen.press("x").until("Revoke 1 token").until("Not now: the rows are stale").until("n or q keeps");
    screen.press("y").until("Revoke 1 token").press("n").until_gone("Revoke 1 token");
    site.restart_without_faults();
    screen.press("<ctrl-r>").until_gone("stale").until_gone("offline");
    assert!(site.store().lives("terraform plan"));
    screen.quit();
}
