//! Killed at any moment of a bulk revocation, the program finishes it at the next start, and touches nothing else.

use super::trial::configured;
use crate::{
    backend::bounds::dice::Dice,
    cli::program::{end, program_in, start},
    flows::harness::{Home, rounds, store::Store},
    server::harness::House,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    process::Child,
    sync::mpsc::channel,
    time::{Duration, Instant},
};
use tokendeck::{
    domain::{Deed, Record, RecordBody, Unfinished, unfinished, unsettled},
    runtime::journal,
};

/// How often a run is killed before it may finish.
const KILLS_A_RUN: usize = 5;
/// How many tokens are left alone.
const OTHERS: usize = 10;

/// A server with many tokens, and a home whose program revokes them.
struct Scene {
    house: House,
    home: Home,
    credential: String,
    actor: String,
    chosen: BTreeSet<String>,
}

/// What came of killing.
#[derive(Default)]
struct Sum {
    kills: usize,
    /// Kills that came while something was sent and not proved.
    open: usize,
}

impl Scene {
    fn new(tokens: usize) -> Self {
        let house = House::new();
        let (actor, credential) = house.create(&json!({ "label": "the program", "roles": ["admin"] }));
        for number in 0..OTHERS {
            house.create(&json!({ "label": format!("other {number}") }));
        }
        let chosen =
            (0..tokens).map(|number| house.create(&json!({ "label": format!("leaked {number}") })).0).collect();
        let ca_pem = fs::read(house.data().join("ca.pem")).expect("the CA file");
        let home = configured(&house.url, &ca_pem, "");
        Self { house, home, credential, actor, chosen }
    }

    fn store(&self) -> Store {
        Store::open(&self.house.data().join("tokens.db"))
    }

    /// The tokens that the program revoked, in order.
    fn dead(&self) -> Vec<String> {
        let deeds = self.store().deeds_of(&self.actor);
        assert!(deeds.iter().all(|(action, _)| action == "token.revoked"), "it revokes and nothing else");
        deeds.into_iter().map(|(_, token)| token).collect()
    }

    fn journal(&self) -> Vec<Record> {
        journal::read(&self.home.path().join("state/tokendeck")).unwrap_or_default()
    }

    /// Goes on with what was begun; where nothing was, what is left is asked for anew.
    fn go_on(&self) -> Child {
        let left = (self.chosen.len() - self.dead().len()).to_string();
        let anew = ["revoke", "--query", "label:leaked", "--confirm", &left, "--json"];
        let on = ["revoke", "--resume", "--json"];
        let words: &[&str] = if unfinished(&self.journal()).is_empty() { &anew } else { &on };
        start(&mut program_in(&self.home, &self.credential, words))
    }

    /// Kills the program once so many are dead, and a moment has passed.
    fn kill(&self, mut child: Child, at: usize, moment: Duration) {
        let begun = Instant::now();
        let (_hold, never) = channel::<()>();
        let store = self.store();
        while store.deeds_of(&self.actor).len() < at && child.try_wait().expect("a state").is_none() {
            assert!(begun.elapsed() < Duration::from_mins(2), "{} of {at} died", self.dead().len());
            // Nobody sends anything here: it is the time that is waited for.
            let _ = never.recv_timeout(Duration::from_millis(3));
        }
        let _ = never.recv_timeout(moment);
        child.kill().expect("killed");
        child.wait().expect("gone");
        // What is on its way to the server may still arrive, and be done.
        let _ = never.recv_timeout(Duration::from_millis(50));
    }

    /// Holds that whatever was revoked had been announced in the journal before.
    fn announced(&self) {
        let intents: BTreeSet<String> = self.journal().iter().filter_map(intended).collect();
        for dead in self.dead() {
            assert!(intents.contains(&dead), "{dead} was revoked without an intent");
        }
    }
}

/// The token whose revocation a record announces.
pub(super) fn intended(record: &Record) -> Option<String> {
    let RecordBody::Intent(Deed::Revoke { id, .. }) = &record.body else { return None };
    Some(id.raw().to_owned())
}

/// Revokes so many tokens in one run that is killed again and again, and then finished.
fn one_run(tokens: usize, kills: usize, dice: &mut Dice<'_>, sum: &mut Sum) {
    let scene = Scene::new(tokens);
    let before = scene.store().tokens();
    for kill in 0..kills {
        let child = scene.go_on();
        let done = scene.dead().len();
        // Anywhere in what is left, less a share for those kills that come after.
        let share = (tokens - done) / (kills - kill).max(1);
        scene.kill(child, done + dice.below(share.max(1)), Duration::from_millis(dice.below(30) as u64));
        scene.announced();
        sum.kills += 1;
        let open = |left: &Unfinished| left.tokens.iter().any(|(_, step)| step.intent().is_some());
        sum.open += usize::from(unfinished(&scene.journal()).iter().any(open));
    }
    if scene.dead().len() < tokens || !unfinished(&scene.journal()).is_empty() {
        let ran = end(scene.go_on(), "");
        ran.ends(0, "");
        let well = |line: &Value| line["outcome"] == "revoked" || line["outcome"] == "already gone";
        assert!(ran.lines().iter().all(well), "a repeat is shown as a failure: {}", ran.out);
        assert!(ran.lines().iter().all(|line| line["verified"] == true), "{}", ran.out);
    }
    scene.announced();
    let dead = scene.dead();
    assert_eq!(dead.iter().cloned().collect::<BTreeSet<_>>(), scene.chosen, "those that were confirmed and no others");
    assert_eq!(dead.len(), tokens, "each of them once");
    let after = scene.store().tokens();
    let touched = before.keys().filter(|id| !scene.chosen.contains(*id) && after[*id] != before[*id]);
    assert_eq!(touched.collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!((after.len(), unfinished(&scene.journal()).len()), (before.len(), 0));
    assert_eq!(unsettled(&scene.journal()), Vec::new(), "what became of each is known");
}

/// As often as `TOKENDECK_ROUNDS` says, and then with 2,000 tokens.
#[test]
fn killed_at_any_moment_it_finishes_and_touches_nothing_else() {
    let kills = rounds(20);
    let (tokens, a_run) = if kills > 20 { (2_000, 2 * KILLS_A_RUN) } else { (120, KILLS_A_RUN) };
    let (mut dice, mut sum) = (Dice::seeded(41), Sum::default());
    while sum.kills < kills {
        one_run(tokens, a_run, &mut dice, &mut sum);
    }
    println!("{} kills, {} of them while something was open", sum.kills, sum.open);
    assert!(sum.open > 0, "no kill came in the middle");
}
