//! A backend that reads no single token: the embedded server behind a description of the user's own without `get`.

use super::{
    harness::{Site, revoked},
    revoking::{ask, find},
};
use std::fs;

const DESCRIPTION: &str = include_str!("../../../assets/backends/tokendeck.toml");

/// Describes the server anew, without these operations and with lists of several pages, for the context.
fn describe(site: &Site, without: &[&str]) {
    let mut sections: Vec<String> = DESCRIPTION.split("\n[").map(str::to_owned).collect();
    for name in without {
        let before = sections.len();
        sections.retain(|section| !section.starts_with(&format!("{name}]")));
        assert_eq!(sections.len() + 1, before, "one section [{name}]");
    }
    let description = sections.join("\n[").replace("name = \"tokendeck\"", "name = \"listed\"");
    let description = description.replace("limit = \"1000\"", "limit = \"9\"");
    let config = site.home.config();
    let folder = config.with_file_name("backends");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("listed.toml"), description).expect("a description");
    let text = fs::read_to_string(&config).expect("a configuration");
    fs::write(&config, text.replace("backend = \"tokendeck\"", "backend = \"listed\"")).expect("a configuration");
}

#[test]
fn a_token_is_revoked_and_proved_by_the_list() {
    let site = Site::new();
    describe(&site, &["get"]);
    let (id, secret) = site.create("doomed");
    let before = site.store().tokens();
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    ask(&mut screen, "doomed");
    screen.until("Type y to revoke").press("y").until("revoked \"doomed\": verified dead");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
    assert!(!site.accepts(&secret));
}

#[test]
fn many_tokens_are_revoked_and_no_other() {
    let site = Site::new();
    describe(&site, &["get"]);
    let mut ids: Vec<String> = (1..=12).map(|number| site.create(&format!("list me {number}")).0).collect();
    ids.sort();
    let before = site.store().tokens();
    let mut screen = site.start(&[]).open();
    screen.until("72 of 72");
    find(&mut screen, "label:\"list me\"", 12);
    screen.press("*").until("12 marked").press("x").until("Revoke 12 tokens").until("ype ");
    screen.press("12<enter>").until("Report: 12 tokens").until("12 verified dead");
    screen.press("<esc>").until_gone("Report: 12 tokens").quit();
    let mut dead = revoked(&before, &site.store().tokens());
    dead.sort();
    assert_eq!(dead, ids);
}

#[test]
fn a_token_takes_the_place_of_another_once_the_list_shows_it() {
    let site = Site::new();
    describe(&site, &["get", "rotate"]);
    let (old, secret) = site.create("renewed");
    let before = site.store().tokens();
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    find(&mut screen, "label:\"renewed\"", 1);
    screen.press("t").until("New token").press(&"<tab>".repeat(5)).until("> [Create]").press("<enter>");
    screen.until("New secret").until("renewed still lives; the new one lives, and the backend takes its secret");
    assert!(site.accepts(&secret), "both live");
    screen.press("r").press("stored<enter>").until("Revoke 1 token").until("Type y to revoke");
    assert!(site.accepts(&secret), "nothing is revoked unasked");
    screen.press("y").until("revoked \"renewed\": verified dead");
    screen.quit();
    let mut after = site.store().tokens();
    let new: Vec<String> = after.keys().filter(|id| !before.contains_key(*id)).cloned().collect();
    assert_eq!(new.len(), 1);
    let made = after.remove(&new[0]).expect("the new one");
    assert!(made.live && made.label == "renewed" && made.owner == before[&old].owner);
    assert_eq!(made.roles, before[&old].roles);
    assert_eq!(revoked(&before, &after), [old]);
    assert!(!site.accepts(&secret));
}
