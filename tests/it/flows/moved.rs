//! The list changes between look and Enter: what dies is what the question showed, as it was shown.

use super::{
    harness::{Site, Terminal, rounds},
    revoking::find,
};
use crate::backend::bounds::dice::Dice;
use serde_json::json;

/// Somebody else at the same tokens.
struct Meddler<'s, 'd> {
    site: &'s Site,
    dice: Dice<'d>,
    /// What every label of the round begins with.
    prefix: String,
    /// The tokens that are asked about and still live.
    chosen: Vec<String>,
}

impl Meddler<'_, '_> {
    /// A label that is in no other as a part.
    fn label(&mut self) -> String {
        let letters: String = (0..12).map(|_| self.dice.pick(&['b', 'c', 'd', 'f', 'g', 'h', 'k', 'm', 'p'])).collect();
        format!("{}{letters}", self.prefix)
    }

    fn one(&mut self) -> Option<String> {
        let at = self.dice.below(self.chosen.len());
        self.chosen.get(at).cloned()
    }

    /// Changes up to two things; what is gone is gone only where `mortal`.
    fn change(&mut self, mortal: bool) {
        for _ in 0..self.dice.below(3) {
            let label = self.label();
            match (self.dice.below(if mortal { 4 } else { 2 }), self.one()) {
                (1, Some(id)) => self.site.edit(&id, &json!({ "label": label })),
                // Gone, and another one has its label.
                (2, Some(id)) => {
                    let before = self.site.store().tokens()[&id].label.clone();
                    self.site.revoke(&id);
                    self.chosen.retain(|one| *one != id);
                    self.site.create(&before);
                }
                (3, Some(id)) => {
                    self.site.revoke(&id);
                    self.chosen.retain(|one| *one != id);
                }
                _ => drop(self.site.create(&label)),
            }
        }
    }
}

/// The number that the question wants; `None` where it wants a letter.
fn number(screen: &str) -> Option<String> {
    let wanted = screen.split("type the number and Enter:  ").nth(1)?;
    wanted.split_whitespace().next().map(str::to_owned)
}

/// Asks about some tokens, and answers, while somebody else changes them and others; what was on screen at the answer.
fn asked_and_answered(screen: &mut Terminal, meddler: &mut Meddler<'_, '_>) -> String {
    let several = meddler.chosen.len() > 1;
    find(screen, &format!("label:{}", meddler.prefix), meddler.chosen.len());
    if several {
        screen.press("*").until(" marked");
    }
    meddler.change(false);
    let keys = ["", "<ctrl-r>", "R", ">", "<ctrl-r>>"];
    screen.press(meddler.dice.pick(&keys)).press("x").until("Revoke ").until("ype ");
    meddler.change(true);
    let number = number(&screen.screen());
    if let Some(number) = &number {
        screen.press(number).until_shown("the number", |shown| shown.contains(&format!("> {number}")));
        meddler.change(true);
    }
    let shown = screen.screen();
    screen.press(if number.is_some() { "<enter>" } else { "y" });
    shown
}

/// As often as `TOKENDECK_ROUNDS` says.
#[test]
fn what_dies_is_what_was_shown_whatever_is_changed_meanwhile() {
    let site = Site::new();
    let (actor, secret) = site.create_admin("the program");
    let (mut died, mut spared) = (0, 0);
    let all = rounds(5);
    for round in 0..all {
        let seed = u64::try_from(round).expect("small");
        let prefix = format!("r{round}q");
        let mut meddler = Meddler { site: &site, dice: Dice::seeded(seed), prefix, chosen: Vec::new() };
        for _ in 0..[1, 3][round % 2] {
            let label = meddler.label();
            meddler.chosen.push(site.create(&label).0);
        }
        let before = site.store().revoked_by(&actor).len();
        let asked = meddler.chosen.len();
        let count = site.store().tokens().len();
        let mut screen = site.start(&[]).env("OPERATOR", &secret).open();
        screen.until(&format!("{count} of {count}"));
        let shown = asked_and_answered(&mut screen, &mut meddler);
        let ends = ["\": verified dead", "Report: ", "it changed since it was shown", "was gone already"];
        screen.until_shown("what came of it", |now| ends.iter().any(|end| now.contains(end)));
        if screen.screen().contains("Report: ") {
            screen.press("q").until_gone("Report: ");
        } else if screen.screen().contains("Revoke 1 token") {
            screen.press("n").until_gone("Revoke 1 token");
        }
        screen.quit();
        for (id, label) in site.store().revoked_by(&actor).split_off(before) {
            assert!(shown.contains(&id) && shown.contains(&label), "{id} {label} died; round {round} showed\n{shown}");
            died += 1;
        }
        spared += asked;
    }
    println!("{all} rounds, {spared} tokens asked about, {died} died");
    assert!(died > 0 && died < spared, "{died} of {spared}");
}
