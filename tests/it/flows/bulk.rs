//! Revoking many tokens: marks, the typed number, what fails, and what the database then holds.

use super::{
    harness::{Site, revoked, store::Holding},
    revoking::find,
};
use std::collections::BTreeSet;

/// The newest live tokens without an admin role, as the table sorts them.
fn newest_ordinary(site: &Site, count: usize) -> BTreeSet<String> {
    let ids = site.store().ids("t.revoked IS NULL AND t.roles & 4 = 0 ORDER BY t.created DESC");
    ids.into_iter().take(count).collect()
}

/// The number before these words in a report; 0 where it has none.
fn counted(report: &str, words: &str) -> usize {
    let number = |line: &str| line.split_once(words)?.0.split_whitespace().last()?.parse().ok();
    report.lines().find_map(number).unwrap_or(0)
}

fn set(ids: Vec<String>) -> BTreeSet<String> {
    ids.into_iter().collect()
}

fn ids(holding: &Holding, labels: &[&str]) -> BTreeSet<String> {
    let named = holding.iter().filter(|(_, held)| labels.contains(&held.label.as_str()));
    named.map(|(id, _)| id.clone()).collect()
}

#[test]
fn thirty_are_revoked_by_number_and_the_one_that_fails_can_be_tried_again_alone() {
    let mut site = Site::failing(&["slack notifier"]);
    let before = site.store().tokens();
    let chosen = newest_ordinary(&site, 30);
    let (failing, _) = site.store().one("slack notifier");
    assert!(chosen.contains(&failing));
    let mut screen = site.open();
    let ordinary = site.store().count("t.revoked IS NULL AND t.roles & 4 = 0");
    find(&mut screen, "-role:admin -status:revoked", ordinary);
    screen.press("gV").press(&"<down>".repeat(29)).press("V").until("30 marked");
    screen.press("x").until("Revoke 30 tokens").until("To revoke, type the number and Enter:  30");
    screen.press("y<enter>").until("that is not 30: nothing was done");
    screen.press("29<enter>").until("that is not 30: nothing was done");
    assert_eq!(site.store().tokens(), before);
    screen.press("30<enter>").until("Report: ").until("failed");
    let report = screen.screen();
    assert_eq!(counted(&report, " verified dead") + counted(&report, " already gone"), 29, "{report}");
    assert_eq!(counted(&report, " failed"), 1, "{report}");
    assert!(report.contains(&format!("slack notifier  {failing}")), "{report}");
    assert!(report.contains("(500): this revocation was made to fail"), "{report}");
    let after = site.store().tokens();
    let mut expected = chosen.clone();
    expected.remove(&failing);
    assert_eq!(set(revoked(&before, &after)), expected);

    site.restart_without_faults();
    screen.press("r").until("Revoke 1 token").until("slack notifier").until("Type y to revoke");
    screen.press("y").until("revoked \"slack notifier\": verified dead");
    screen.quit();
    assert_eq!(set(revoked(&before, &site.store().tokens())), chosen);
}

#[test]
fn with_an_admin_token_among_them_number_and_context_are_typed() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    find(&mut screen, "terraform", 2);
    screen.press("*").until("2 marked").press("x").until("To revoke, type number, context and Enter:  2 prod");
    screen.press("2<enter>").until("that is not 2 prod: nothing was done");
    screen.press("2 demo<enter>").until("that is not 2 prod: nothing was done");
    assert_eq!(site.store().tokens(), before);
    screen.press("2 prod<enter>").until("Report: ").until("2 verified dead").press("<enter>");
    screen.until_gone("Report: ");
    screen.quit();
    let expected = ids(&before, &["terraform plan", "terraform apply"]);
    assert_eq!(set(revoked(&before, &site.store().tokens())), expected);
}

#[test]
fn marks_survive_a_filter_and_the_hidden_ones_are_said() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    find(&mut screen, "label:\"slack notifier\"", 1);
    screen.press(" ");
    find(&mut screen, "label:grafana", 1);
    screen.press(" ").press("*").until("2 marked, 1 of them hidden by the filter");
    screen.press("x").until("Revoke 2 tokens").until("1 of the 2 are hidden by the filter");
    screen.until("slack notifier").until("type the number and Enter:  2").press("<esc>").until_gone("Revoke 2 tokens");
    assert_eq!(site.store().tokens(), before);
    // A sort and a refresh move neither marks nor what they stand for.
    screen.press("/<esc>").until("60 of 60").press(">").until("sorted by").press("<ctrl-r>").press("x");
    screen.until("Revoke 2 tokens").until("type the number and Enter:  2").press("2<enter>");
    screen.until("Report: ").until("2 verified dead").press("q").until_gone("Report: ");
    screen.quit();
    assert_eq!(set(revoked(&before, &site.store().tokens())), ids(&before, &["slack notifier", "grafana"]));
}

#[test]
fn the_operator_s_own_credential_is_revoked_last() {
    let site = Site::new();
    let before = site.store().tokens();
    let chosen = ["operator credential", "grafana", "slack notifier", "terraform plan"];
    let mut screen = site.open();
    for label in chosen {
        find(&mut screen, &format!("label:\"{label}\""), 1);
        screen.press(" ");
    }
    screen.press("x").until("Revoke 4 tokens").until("YOUR OWN CREDENTIAL is among them; it is revoked last");
    screen.until("type number, context and Enter:  4 prod").press("4 prod<enter>").until("Report: ");
    screen.until("4 verified dead").press("q").until_gone("Report: ");
    screen.quit();
    assert_eq!(set(revoked(&before, &site.store().tokens())), ids(&before, &chosen));
    let order = site.store().revocations();
    assert_eq!(order.last().map(String::as_str), Some("operator credential"), "{order:?}");
    assert!(!site.accepts(&site.operator));
}

#[test]
fn every_way_back_from_the_question_about_many_changes_nothing() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    find(&mut screen, "-role:admin", site.store().count("t.roles & 4 = 0"));
    screen.press("*").until(" marked");
    let live = site.store().count("t.roles & 4 = 0 AND t.revoked IS NULL");
    let title = format!("Revoke {live} tokens");
    for back in ["<esc>".to_owned(), "<enter>".to_owned(), "<ctrl-c>".to_owned(), format!("{live}<esc>")] {
        screen.press("x").until(&title).until("type the number and Enter:").press(&back).until_gone(&title);
    }
    // The number and Enter typed before the question takes answers.
    screen.press(&format!("x{live}<enter>")).until("type the number and Enter:").press("<enter>").until_gone(&title);
    screen.press("uu").until(" marked");
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}
