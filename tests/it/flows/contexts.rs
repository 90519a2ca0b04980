//! Several contexts in one table: one that is down, or closed, hides no other and holds none up.

use super::{
    harness::Site,
    revoking::{ask, find},
};

/// A context that nobody answers for, one of a service without an interface, and one that has no credential.
fn beside(site: &Site) -> String {
    let nobody = "url = \"https://127.0.0.1:1\"\ncredential_env = \"OPERATOR\"";
    let (url, ca) = (&site.url, site.ca_file.display());
    format!(
        "[contexts.down]\nbackend = \"tokendeck\"\n{nobody}\n[contexts.portal]\nbackend = \"defender\"\n{nobody}\n\
         [contexts.prod-two]\nbackend = \"tokendeck\"\nurl = \"{url}\"\nca_file = \"{ca}\"\nread_only = true\n"
    )
}

#[test]
fn contexts_that_fail_hide_no_other_and_each_is_logged_in_to_by_itself() {
    let site = Site::new();
    site.configure(&beside(&site));
    let before = site.store().tokens();
    let mut screen = site.start(&[]).size(80, 24).open();
    // One has no credential; the rows of the others come meanwhile.
    screen.until("for context prod-two").press("<esc>").until_gone("for context prod-two");
    screen.until("60 of 60").until("2 lists not whole").until("context").until("  prod");
    screen.press("5").until("offline").until("closed").until("none (:login)").until("well").press("1");

    screen.press("*").until("is not complete").press(":context prod<enter>");
    screen.until("context:prod -context:prod-two").until("60 of 60").press("*").until("60 marked").press("u");
    find(&mut screen, "context:prod label:\"terraform plan\"", 1);
    ask(&mut screen, "terraform plan");
    screen.press("y").until("verified dead");

    screen.press(":context<enter>").until("60 of 60").press(":login prod-two<enter>").until("for context prod-two");
    screen.paste(&site.operator).press("<enter>").until("120 of 120").until("prod-two");
    screen.press(":context prod-two<enter>").until("60 of 120").press("x").until("prod-two is read-only");
    screen.quit();
    assert_eq!(super::harness::revoked(&before, &site.store().tokens()).len(), 1);

    let mut screen = site.start(&[]).size(44, 12).open();
    screen.until("for context prod-two").press("<esc>").until_gone("for context prod-two");
    screen.until("60 of 60").until("status     label").until("context").until("1 READ-ONLY");
    screen.quit();
}
