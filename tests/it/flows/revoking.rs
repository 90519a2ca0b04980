//! Revoking one token: what confirms, what does not, and what the database then holds.

use super::harness::{Site, Terminal, revoked};

/// Puts the cursor on the tokens that a query finds, and holds that there are as many.
#[track_caller]
pub(crate) fn find(screen: &mut Terminal, query: &str, count: usize) {
    // Another query before would have left its count and its rows.
    screen.press("/<ctrl-u>").until_shown("all tokens", |shown| {
        let mut words = shown.lines().next().unwrap_or_default().split_whitespace().skip_while(|word| *word != "of");
        words.nth(1).is_some_and(|all| shown.contains(&format!(" {all} of {all} ")))
    });
    screen.press(query).press("<enter>");
    screen.until(&format!(" {count} of ")).until(&format!("/ {query}")).until_gone("Enter keep");
}

/// Opens the question about the one token with this label, and waits until it takes answers.
#[track_caller]
pub(super) fn ask(screen: &mut Terminal, label: &str) {
    find(screen, &format!("label:\"{label}\""), 1);
    screen.press("x").until("Revoke 1 token").until("ype ");
}

#[test]
fn y_revokes_an_ordinary_token_and_the_server_is_asked_again() {
    let site = Site::new();
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
fn what_is_typed_ahead_pasted_or_not_y_does_not_confirm() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    find(&mut screen, "label:\"terraform plan\"", 1);
    // Typed ahead: the y is there before anybody can have read the question.
    screen.press("xy").until("Type y to revoke");
    screen.paste("y").until("a paste does not confirm").paste("y\r\n").press(" Yx<tab>");
    screen.press("?").press("<enter>").until_gone("Revoke 1 token");
    screen.press("xyyyyyy").until("Type y to revoke").press("n").until_gone("Revoke 1 token");
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}

#[test]
fn every_way_back_from_the_question_changes_nothing() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    for back in ["<esc>", "n", "q", "<ctrl-c>", "<enter>"] {
        ask(&mut screen, "terraform plan");
        screen.press(back).until_gone("Revoke 1 token");
    }
    for back in ["<esc>", "<ctrl-c>", "<enter>", "admin consol<esc>", "admin console<ctrl-c>", "n<esc>"] {
        ask(&mut screen, "admin console");
        screen.press(back).until_gone("Revoke 1 token");
    }
    for key in ["t", "e"] {
        let title = if key == "t" { "Rotate token" } else { "Edit token" };
        for back in ["<esc>", "<ctrl-c>"] {
            screen.press(key).until(title).press(back).until_gone(title);
        }
    }
    for back in ["<esc>", "<ctrl-c>", "half a label<tab><tab><esc>", "x<tab>q"] {
        screen.press("n").until("New token").press(back).until_gone("New token");
    }
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}

#[test]
fn an_admin_token_takes_its_label_and_a_wrong_one_does_nothing() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    ask(&mut screen, "admin console");
    screen.until("To revoke, type its label and Enter:  admin console").until("(counts as admin)");
    screen.press("y<enter>").until("that is not admin console: nothing was done");
    screen.press("Admin Console<enter>").until("that is not admin console: nothing was done");
    screen.paste("admin console").until("a paste does not confirm").press("x<backspace>");
    assert_eq!(site.store().tokens(), before);
    screen.press("admin console<enter>").until("revoked \"admin console\": verified dead");
    screen.quit();
    let (id, _) = site.store().one("admin console");
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
}

#[test]
fn where_labels_repeat_or_deceive_the_end_of_the_id_is_typed() {
    let site = Site::new();
    site.configure("protected = true");
    let before = site.store().tokens();
    let mut screen = site.open();
    screen.until("PROTECTED");
    for (query, label, owner) in [
        ("label:\"ci test runner\" owner:grace", "ci test runner", "grace"),
        ("gnp.exe", "user\u{202e}gnp.exe", "linus"),
    ] {
        let mut tokens = before.iter();
        let (id, held) = tokens.find(|(_, held)| held.owner == owner && held.label == label).expect("a sample token");
        find(&mut screen, query, 1);
        screen.press("x").until("Revoke 1 token").until("type the end of its id and Enter:  ");
        let shown = screen.screen();
        let end =
            shown.split("type the end of its id and Enter:  ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let end = end.expect("what to type");
        assert!(end.len() >= 6 && id.ends_with(end), "{end} of {id}");
        assert!(!held.label.contains('\u{202e}') || shown.contains("user\\u{202e}gnp.exe"), "{shown}");
        screen.press(&held.label.replace('\u{202e}', "")).press("<enter>").until("nothing was done");
        screen.press(end).press("<enter>").until("\": verified dead").until(&format!("revoked \"{}", &label[..4]));
        screen.press("/<esc>").until("60 of 60");
    }
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()).len(), 2);
}

#[test]
fn a_token_that_somebody_changed_meanwhile_goes_back_to_the_question() {
    let site = Site::new();
    let (id, _) = site.create("under watch");
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    ask(&mut screen, "under watch");
    site.edit(&id, &serde_json::json!({ "label": "under new watch" }));
    let before = site.store().tokens();
    screen.press("y").until("it changed since it was shown").until("under new watch").until("Type y to revoke");
    assert_eq!(site.store().tokens(), before);
    screen.press("y").until("revoked \"under new watch\": verified dead");
    screen.quit();
    assert_eq!(revoked(&before, &site.store().tokens()), [id]);
}
