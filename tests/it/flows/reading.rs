//! Looking: the first frame, filters and queries, compared with the database.

use super::harness::{Home, Site};

#[test]
fn the_first_screen_of_the_demo_has_header_tabs_and_all_sixty_tokens() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).size(80, 24).open();
    screen.until("60 of 60").until("operator credential");
    let lines: Vec<String> = screen.screen().lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("tokendeck  demo"), "{lines:?}");
    for title in ["[1 Tokens]", "2 Review", "3 Incident", "4 Activity", "5 Backends"] {
        assert!(lines[1].contains(title), "{lines:?}");
    }
    assert!(lines[0].contains("60 of 60  data "), "{lines:?}");
    screen.quit();
    assert!(!home.path().join("config/tokendeck").exists() && !home.path().join("state/tokendeck").exists());
    assert_eq!(std::fs::read_dir(home.path().join("tmp")).expect("a folder").count(), 0, "the demo leaves nothing");
}

#[test]
fn each_status_preset_shows_as_many_tokens_as_the_database_holds() {
    let site = Site::new();
    // The operator's first use is in the database before the list is read.
    assert!(site.accepts(&site.operator));
    let mut screen = site.open();
    let now = "unixepoch()";
    let gone = "(t.disabled IS NOT NULL OR (o.removed IS NOT NULL AND t.scope = 0))";
    let expired = format!("t.expires <= {now}");
    let live = format!("t.revoked IS NULL AND NOT {gone} AND NOT coalesce({expired}, 0)");
    let week = format!("t.last_used > {now} - 7 * 86400");
    for (name, condition) in [
        ("generated", format!("{live} AND t.last_used IS NULL")),
        ("active", format!("{live} AND {week}")),
        ("inactive", format!("{live} AND NOT {week}")),
        ("expired", format!("t.revoked IS NULL AND NOT {gone} AND {expired}")),
        ("disabled", format!("t.revoked IS NULL AND {gone}")),
        ("revoked", "t.revoked IS NOT NULL".to_owned()),
    ] {
        let count = site.store().count(&condition);
        assert!(count > 0, "a sample without {name} tokens shows nothing");
        screen.press("s").until(&format!("[{name} {count}]")).until(&format!(" {count} of 60"));
    }
    screen.press("s").until("[unknown").until("no token matches");
    screen.press("s").until("60 of 60");
    screen.quit();
}

#[test]
fn each_role_preset_shows_as_many_tokens_as_the_database_holds() {
    let site = Site::new();
    let mut screen = site.open();
    for (name, bit) in [("admin", 4), ("developer", 2), ("reader", 1)] {
        let count = site.store().count(&format!("t.roles & {bit}"));
        screen.press("o").until(&format!("[{name} {count}]")).until(&format!(" {count} of 60"));
    }
    screen.press("o").until("60 of 60").press("O").until("[reader");
    screen.quit();
}

#[test]
fn a_query_narrows_at_each_key_and_esc_clears_it() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").press("/ci").until_gone("60 of 60").press(" test").until("3 of 60");
    screen.press(" -owner:ada").until("2 of 60").press("<enter>").until_gone("Enter keep");
    assert!(screen.screen().contains("2 of 60"));
    screen.press("<esc>").until("60 of 60");
    screen.press("/status:revoked role:admin<enter>").until("2 of 60").until("leaked in a gist");
    screen.quit();
}

#[test]
fn a_query_that_is_none_says_where_it_is_wrong_and_not_that_nothing_matches() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").press("/ci status:frozen").until("there is no status frozen");
    let shown = screen.screen();
    let at = |text: &str| shown.lines().find_map(|line| Some(line[..line.find(text)?].chars().count()));
    assert_eq!(at("^ there is no status"), at("frozen"), "the sign stands under the word:\n{shown}");
    assert!(!shown.contains("no token matches"), "{shown}");
    screen.press("<esc>").until_gone("frozen").until("60 of 60");
    screen.quit();
}

#[test]
fn an_answer_without_rows_says_that_no_token_matches() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").press("/no such token").until("no token matches").until(" 0 of 60");
    screen.press("<esc>").until("60 of 60");
    screen.quit();
}

#[test]
fn the_demo_has_the_operators_keys_and_starts_with_a_configuration_that_is_none() {
    let home = Home::new();
    std::fs::create_dir_all(home.config().parent().expect("a folder")).expect("a folder");
    std::fs::write(home.config(), "[contexts.broken]\n[keys]\nhelp = [\"H\"]\n").expect("written");
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").until("H help").press("H").until("Keys in Tokens").press("<esc>").until_gone("Keys in");
    screen.quit();
    std::fs::write(home.config(), "[keys").expect("written");
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").until("nothing of the file is used").until("? help");
    screen.quit();
}
