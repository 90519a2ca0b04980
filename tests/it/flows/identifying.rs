//! From a pasted log to a token that is verified dead, in a few keys.

use super::harness::{Site, revoked};

#[test]
fn a_leaked_value_is_found_and_revoked_from_where_it_was_found() {
    let site = Site::new();
    let (id, secret) = site.create("leaked");
    let before = site.store().tokens();
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61").press(":identify<enter>").until("Paste a leaked value");
    screen.paste(&format!("ticket 42\nthe log has {secret} in it\n")).until("characters (hidden)");
    screen
        .press("<enter>")
        .until("1 value, 1 of them in a list here")
        .until("this is token \"leaked\" of prod: alive, generated");
    screen.until("x revoke it").press("x").until("Revoke 1 token").until("Type y to revoke");
    screen.press("y").until("dead, revoked").press("q").until_gone("Identify");
    screen.until("revoked \"leaked\": verified dead");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
    assert!(!site.accepts(&secret));
    assert!(!String::from_utf8_lossy(&screen.raw()).contains(&secret[6..]), "nothing of it was on screen");
}

#[test]
fn a_value_is_given_to_the_named_host_on_y_alone() {
    let site = Site::new();
    let (_, secret) = site.create("asked about");
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61").press("I").until("Paste a leaked value").paste(&secret).press("<enter>");
    screen.until("v ask a backend").press("v").until("would be sent to one host").until(&site.url);
    screen.until("y send it").press("n").until("nothing was sent").until("v ask a backend");
    assert!(!screen.screen().contains("the backend says so"));
    screen.press("v").until("y send it").press("y").until("; the backend says so").press("q").until_gone("Identify");
    screen.quit();
}

#[test]
fn a_value_is_revoked_by_itself_at_the_host_that_was_typed() {
    let site = Site::new();
    let (id, secret) = site.create("leaked");
    let before = site.store().tokens();
    let host = site.url.trim_start_matches("https://").trim_end_matches('/').to_owned();
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61").press("I").until("Paste a leaked value").paste(&secret).press("<enter>");
    screen.until("X revoke by value").press("X").until("to be revoked there").until(&site.url).until_gone("One moment");
    assert!(!screen.screen().contains(&secret[6..secret.len() - 4]));
    screen.press("n").until("nothing was sent").until("X revoke by value");
    assert!(site.accepts(&secret));
    screen.press("X").until("to be revoked there");
    if screen.screen().contains("type the host") {
        screen.until("Enter Esc keep it").press(&format!("{host}<enter>"));
    } else {
        screen.until("y revoke it there").press("y");
    }
    screen.until("prod: revoked, verified dead").press("q").until_gone("Identify");
    screen.press("4").until("revoke the value").until("verified dead").press("1");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
    assert!(!site.accepts(&secret));
    assert!(
        !String::from_utf8_lossy(&screen.raw()).contains(&secret[6..secret.len() - 4]),
        "nothing of it was on screen"
    );
}
