//! The command line of the real program on each real server, and what the server then says.

use serde_json::json;
use tokendeck::backend::catalog;

use super::facts;
use super::line::{Line, accepts, block_on, home_by, told};
use super::operations::{ALONE, SERVERS};
use super::server::Server;

/// Does something with each of the servers that are there.
fn each(test: impl Fn(&str, &Server)) {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.blocking_lock();
        test(name, &server);
    }
}

/// What confirms that one token is meant: its label, or its id where there are no labels.
fn word<'a>(server: &Server, label: &'a str, id: &'a str) -> &'a str {
    if server.backend == "verdaccio" { id } else { label }
}

/// Revokes a token past the program, as whoever may.
fn vanish(server: &Server, id: &str, secret: &str) {
    let (parent, child) = id.split_once('/').unwrap_or(("", id));
    let by = server.value("OPERATOR");
    let answer = block_on(async {
        match server.backend {
            "openbao" => server.raw("POST", "/v1/auth/token/revoke-self", secret, None).await,
            "jupyterhub" => server.raw("DELETE", &format!("/users/{parent}/tokens/{child}"), by, None).await,
            "verdaccio" => server.raw("DELETE", &format!("/-/npm/v1/tokens/token/{child}"), by, None).await,
            _ => server.raw("POST", "/_matrix/client/v3/logout", secret, Some(json!({}))).await,
        }
    });
    assert!((200..300).contains(&answer.0), "{answer:?}");
}

#[test]
fn a_list_says_what_the_server_says_field_by_field() {
    each(|name, server| {
        let before = facts::as_printed(block_on(facts::of(server)));
        let told = Line::new(server).list();
        let after = facts::as_printed(block_on(facts::of(server)));
        assert!(told.len() > 5, "{name}: {} tokens", told.len());
        for (id, told) in &told {
            let (before, after) = (before.get(id), after.get(id));
            let agree = facts::agree(told, before, after);
            assert!(agree, "{name} {id}\n  told   {told:?}\n  before {before:?}\n  after  {after:?}");
        }
        let missing: Vec<_> = after.keys().filter(|id| before.contains_key(*id) && !told.contains_key(*id)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?} are not in the list");
    });
}

#[test]
fn a_token_is_made_rotated_and_revoked_and_each_secret_is_tried_at_the_server() {
    each(|name, server| {
        let line = Line::new(server);
        let (old_id, old) = line.create(server, "by command");
        assert!(accepts(server, &old), "{name}");
        assert_eq!(line.verify(&old), (0, "alive".to_owned()), "{name}");
        let listed = line.list();
        let server_says = facts::as_printed(block_on(facts::of(server)));
        // Using it moved its last use.
        let still = |facts: &facts::Facts| {
            let fact = facts.get(&old_id).expect("it is there").iter();
            fact.filter(|(name, _)| !matches!(*name, "used" | "state")).cloned().collect::<Vec<_>>()
        };
        assert_eq!(still(&listed), still(&server_says), "{name}");

        // None of the four rotates by itself: a new token takes the place of the old one.
        let confirm = word(server, "by command", &old_id);
        let rotate = ["rotate", &old_id, "--print-secret", "--json"];
        line.run(&rotate).ends(6, "--confirm");
        assert!(accepts(server, &old), "{name}: nothing was sent");
        let ran = line.run(&[&rotate[..], &["--confirm", confirm]].concat());
        let (new_id, new) = told(ran.ends(0, "the old token is revoked"));
        assert!(new_id != old_id && new != old, "{name}");
        assert!(accepts(server, &new) && !accepts(server, &old), "{name}");
        assert_eq!(line.verify(&new), (0, "alive".to_owned()), "{name}");
        assert_eq!(line.verify(&old), (3, "dead".to_owned()), "{name}");
        let left = line.list();
        assert!(left.contains_key(&new_id) && !left.contains_key(&old_id), "{name}");

        let confirm = word(server, "by command", &new_id);
        line.run(&["revoke", &new_id]).ends(6, "nothing was sent");
        assert!(accepts(server, &new), "{name}: nothing was sent");
        let ran = line.run(&["revoke", &new_id, "--confirm", confirm, "--json"]);
        let dead = json!({ "id": new_id, "outcome": "revoked", "verified": true, "reason": null });
        assert_eq!(ran.ends(0, "").lines(), [dead], "{name}");
        assert!(!accepts(server, &new), "{name}");
        assert_eq!(line.verify(&new), (3, "dead".to_owned()), "{name}");

        // Gone and never there look alike to a server, so it is no success.
        let again = line.run(&["revoke", &new_id, "--confirm", confirm, "--json"]);
        assert_eq!(again.ends(5, "").lines()[0]["outcome"], "failed", "{name}");
        line.run(&["show", &new_id]).ends(5, "");
    });
}

#[test]
fn one_that_vanished_holds_no_other_up_and_is_not_claimed() {
    each(|name, server| {
        let line = Line::new(server);
        let (first, first_secret) = line.create(server, "vanishes");
        let (second, second_secret) = line.create(server, "stays");
        vanish(server, &first, &first_secret);
        assert!(!accepts(server, &first_secret), "{name}");
        let ran = line.run(&["revoke", &first, &second, "--json"]);
        assert!(ran.code == 6 && accepts(server, &second_secret), "{name}: {}", ran.err);
        let ran = line.run(&["revoke", &first, &second, "--confirm", "2", "--json"]);
        ran.ends(5, "");
        let told: Vec<_> = ran.lines().iter().map(|line| (line["id"].clone(), line["outcome"].clone())).collect();
        assert_eq!(told, [(json!(first), json!("failed")), (json!(second), json!("revoked"))], "{name}");
        assert_eq!(ran.lines()[1]["verified"], true, "{name}");
        assert!(!accepts(server, &second_secret), "{name}");
    });
}

#[test]
fn a_wrong_credential_is_refused_and_said() {
    each(|name, server| {
        let (id, secret) = Line::new(server).create(server, "out of reach");
        let wrong = Line::of(server, "nonsense-0123456789");
        let confirm = word(server, "out of reach", &id);
        for arguments in [
            &["list", "--json"][..],
            &["revoke", &id, "--confirm", confirm],
            &["rotate", &id, "--confirm", confirm, "--print-secret"],
            &["create", "--print-secret"],
            &["whoami"],
        ] {
            let ran = wrong.run(arguments);
            let said = format!("{}{}", ran.out, ran.err);
            assert_eq!(ran.code, 3, "{name} {arguments:?}: {said}");
            assert!(said.contains("does not take the credential"), "{name} {arguments:?}: {said}");
        }
        assert_eq!(wrong.verify("nonsense-9876543210"), (3, "dead".to_owned()), "{name}");
        assert!(accepts(server, &secret), "{name}: it lives");
        vanish(server, &id, &secret);
    });
}

#[test]
fn a_lacking_right_is_said_and_nothing_is_claimed() {
    each(|name, server| {
        let line = Line::new(server);
        let (id, secret) = line.create(server, "not yours");
        let who = match server.backend {
            "openbao" | "jupyterhub" => server.value("AUDITOR"),
            // A token that reads only may list, and nothing else.
            "verdaccio" => &secret,
            _ => server.value("ORDINARY"),
        };
        let weak = Line::of(server, who);
        let confirm = word(server, "not yours", &id);
        let ran = weak.run(&["revoke", &id, "--confirm", confirm, "--json"]);
        assert_eq!(ran.code, 4, "{name}: {}{}", ran.out, ran.err);
        assert!(!ran.out.contains("\"revoked\"") && !ran.out.contains("\"verified\":true"), "{name}: {}", ran.out);
        assert!(accepts(server, &secret), "{name}: it lives");
        vanish(server, &id, &secret);
    });
}

#[test]
fn pages_of_one_and_of_as_many_as_there_can_be_print_the_same_list() {
    for (name, backend, most) in [("jupyterhub", "jupyterhub", "200"), ("synapse", "synapse-devices", "100")] {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.blocking_lock();
        let ids = |limit: &str| {
            let text = catalog::builtin(backend).expect("built in");
            let text = text.replace(&format!("name = \"{backend}\""), "name = \"paged\"");
            let text = text.replace(&format!("limit = \"{most}\""), &format!("limit = \"{limit}\""));
            assert!(text.contains(&format!("limit = \"{limit}\"")), "{name} asks for {most}");
            let mut line = Line::new(&server);
            line.home = home_by(&server, "paged", Some(text));
            line.list().into_keys().collect::<Vec<_>>()
        };
        let whole = ids(most);
        assert!(whole.len() > 5, "{name}");
        assert_eq!(ids("1"), whole, "{name}");
        assert_eq!(ids("100000"), whole, "{name}");
    }
}

#[test]
fn a_leaked_value_is_revoked_by_itself_and_the_server_refuses_it_afterwards() {
    let Some(server) = Server::find("openbao", "openbao") else { return };
    let _alone = ALONE.blocking_lock();
    let line = Line::of(&server, server.value("ROOT"));
    let host = server.value("URL").trim_start_matches("https://").to_owned();
    let (id, leaked) = line.create(&server, "leaked");
    let revoke = ["identify", "--revoke", "--json"];
    let confirmed = ["identify", "--revoke", "--json", "--confirm", &host];
    line.run_with(&revoke, &leaked).ends(6, &host);
    assert!(accepts(&server, &leaked), "nothing was sent");
    // Who has no right to it ends nothing, and is told so.
    let ran = Line::of(&server, server.value("AUDITOR")).run_with(&confirmed, &leaked);
    assert_eq!(ran.ends(5, "").lines()[0]["outcome"], "failed", "{}", ran.out);
    assert!(accepts(&server, &leaked));

    let ran = line.run_with(&confirmed, &leaked);
    let told = &ran.ends(0, "").lines()[0];
    assert_eq!((&told["outcome"], &told["verified"], &told["id"]), (&json!("revoked"), &json!(true), &json!(id)));
    assert!(!accepts(&server, &leaked));
    assert!(![&ran.out, &ran.err].iter().any(|text| text.contains(&leaked[leaked.len() - 8..])));
    // OpenBao answers 204 for an unknown value too: it is not called revoked for that.
    let again = line.run_with(&confirmed, &leaked);
    let told = &again.ends(5, "").lines()[0];
    assert!(told["reason"].as_str().expect("a reason").contains("not known there"), "{told}");
    let ran = line.run(&["journal", "list", "--json"]);
    let words: Vec<String> = ran.ends(0, "").lines().iter().map(|record| record["words"].to_string()).collect();
    assert!(
        words.iter().any(|words| words.contains("revoke the value"))
            && words.iter().any(|w| w.contains("verified dead"))
    );
    assert!(!ran.out.contains(&leaked[leaked.len() - 8..]));
}
