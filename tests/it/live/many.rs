//! Thousands of tokens in one list, told and shown: nothing is left out, and nothing is there twice.

use super::facts;
use super::line::{Line, block_on};
use super::operations::SERVERS;
use super::screen::{open, whole};
use super::server::Server;
use crate::flows::find;

fn lists_all((name, backend): (&str, &'static str), at_least: usize, short_lived: usize) {
    let Some(server) = Server::find(name, backend) else { return };
    let server = server.many();
    let line = Line::new(&server);
    let told = line.list();
    let server_says = facts::as_printed(block_on(facts::of(&server)));
    assert!(told.len() >= at_least, "{name}: {} of {}", told.len(), server_says.len());
    for (id, facts) in &server_says {
        // What ends in a moment may have become "expired" between the two questions.
        let still = |facts: &facts::Fact| facts[..7].to_vec();
        assert_eq!(told.get(id).map(still), Some(still(facts)), "{name} {id}");
    }
    let ended = told.keys().filter(|id| !server_says.contains_key(*id)).count();
    assert!(ended <= short_lived, "{name}: {ended} are listed that are not there");

    let mut screen = open(&line.home, &server, server.value("OPERATOR"));
    let shown = whole(&mut screen);
    assert!(shown.abs_diff(told.len()) <= short_lived, "{name}: {shown} are shown, and {} told", told.len());
    // One of the middle, whose id begins no other one's.
    let living = |id: &&String| told.keys().filter(|other| other.starts_with(*id)).count() == 1;
    let id = server_says.keys().filter(living).nth(at_least / 2).expect("an id");
    find(&mut screen, &format!("id:{id}"), 1);
    screen.press("/<ctrl-u><enter>").until_shown("all of them again", |shown| !shown.contains("id:"));
    screen.quit();
}

/// One in ten lives for 90 seconds only.
#[test]
fn openbao_lists_ten_thousand() {
    lists_all(SERVERS[0], 9_000, 1_000);
}

#[test]
fn jupyterhub_lists_a_thousand() {
    lists_all(SERVERS[1], 1_000, 0);
}

#[test]
fn verdaccio_lists_a_thousand() {
    lists_all(SERVERS[2], 1_000, 0);
}

#[test]
fn synapse_lists_a_thousand() {
    lists_all(SERVERS[3], 1_000, 0);
}
