//! Thousands of tokens in one list: nothing is left out, and nothing is there twice.

use super::facts;
use super::line::{Line, block_on};
use super::operations::SERVERS;
use super::server::Server;

fn lists_all((name, backend): (&str, &'static str), at_least: usize, short_lived: usize) {
    let Some(server) = Server::find(name, backend) else { return };
    let server = server.many();
    let told = Line::new(&server).list();
    let server_says = facts::as_printed(block_on(facts::of(&server)));
    assert!(told.len() >= at_least, "{name}: {} of {}", told.len(), server_says.len());
    for (id, facts) in &server_says {
        // What ends in a moment may have become "expired" between the two questions.
        let still = |facts: &facts::Fact| facts[..7].to_vec();
        assert_eq!(told.get(id).map(still), Some(still(facts)), "{name} {id}");
    }
    let ended = told.keys().filter(|id| !server_says.contains_key(*id)).count();
    assert!(ended <= short_lived, "{name}: {ended} are listed that are not there");
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
