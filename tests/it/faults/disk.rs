//! Where the journal cannot be written nothing is sent: at every size that a file may have, and on a disk that is full.

use super::{
    judge::{Facts, Operation, judge},
    kills::intended,
    trial::{Bench, MANY, Went},
};
use crate::parts;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};
use tokendeck::{
    domain::{Deed, Record, RecordBody},
    runtime::journal,
};

/// Runs a program whose files may have so many blocks of 512 bytes; what is longer is refused, and kills nobody.
const SHORT_FILES: &str = "trap '' XFSZ; ulimit -f $0; exec \"$@\"";
/// Runs a program whose state lies on a disk of so many kilobytes, and hands the journal out of it afterwards.
const SMALL_DISK: &str = "mount -t tmpfs -o size=$0k,mode=700 none \"$XDG_STATE_HOME\" || exit 99
    \"$@\"; code=$?
    cp -r \"$XDG_STATE_HOME/tokendeck\" \"$HOME/kept\" && exit $code";

/// The ids that the journal announced before they were sent, and whether it announced a creation.
fn announced(records: &[Record]) -> (BTreeSet<String>, bool) {
    let created = records.iter().any(|record| matches!(&record.body, RecordBody::Intent(Deed::Create { .. })));
    (records.iter().filter_map(intended).collect(), created)
}

/// How much was done, all of it announced, and nothing else claimed; or what is wrong.
fn nothing_unannounced(facts: &Facts, kept: &Path) -> Result<usize, String> {
    let wrong = judge(facts);
    if !wrong.is_empty() {
        return Err(format!("{wrong:?}\n{}{}", facts.out, facts.err));
    }
    let (revoked, created) = announced(&journal::read(kept).unwrap_or_default());
    let known = |action: &str, token: &str| if action == "token.revoked" { revoked.contains(token) } else { created };
    match facts.done.iter().find(|(action, token)| !known(action, token)) {
        Some(deed) => Err(format!("{deed:?} was done without an intent\n{}{}", facts.out, facts.err)),
        None => Ok(facts.done.len()),
    }
}

/// Asks for revocations and creations with less and less room; how much of it was done with the least and the most.
#[track_caller]
fn with_room(sizes: &[usize], padding: usize, shell: &[&str], kept: &str) -> Vec<usize> {
    let mut bench = Bench::new();
    bench.padding = padding;
    let mut done = Vec::new();
    for size in sizes {
        let many = |operation, bench: &mut Bench| {
            let text = size.to_string();
            let words = [shell, &[&text]].concat();
            let Went { facts, home } = bench.straight(operation, &words);
            let done = nothing_unannounced(&facts, &home.path().join(kept));
            assert!(done.is_ok(), "{size}: {done:?}");
            done.unwrap_or_default()
        };
        many(Operation::Create, &mut bench);
        done.push(many(Operation::Bulk, &mut bench));
    }
    done
}

#[test]
fn at_every_length_at_which_the_journal_cannot_grow_nothing_is_sent_without_an_intent() {
    // A run writes about 4 kilobytes: the journal ends in the middle of every kind of record.
    let sizes: Vec<usize> = (0..=16).collect();
    let done = with_room(&sizes, 0, &["/bin/sh", "-c", SHORT_FILES], "state/tokendeck");
    assert_eq!((done[0], done.last()), (0, Some(&MANY)), "{done:?}");
}

#[test]
fn on_a_full_disk_nothing_is_sent_without_an_intent() {
    let mounts = ["unshare", "--mount", "--map-root-user"];
    let able = || {
        let mut command = Command::new(mounts[0]);
        command.args(&mounts[1..]).args(["mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !able() && !parts::cannot("right to mount a disk of one's own") {
        return;
    }
    let shell = [&mounts[..], &["/bin/sh", "-c", SMALL_DISK]].concat();
    // A disk is given in pages: with labels as long as these the first of them ends among the intents.
    let done = with_room(&[4, 8, 12, 64], 200, &shell, "kept");
    assert_eq!((done[0], done.last()), (0, Some(&MANY)), "{done:?}");
}

/// The judge of this module is judged: what was done without an intent is noticed.
#[test]
fn what_was_done_without_an_intent_is_noticed() {
    let mut bench = Bench::new();
    let Went { facts, home } = bench.straight(Operation::Bulk, &[]);
    let kept = home.path().join("state/tokendeck");
    assert_eq!(nothing_unannounced(&facts, &kept), Ok(MANY));
    fs::remove_file(kept.join("journal")).expect("removed");
    assert!(nothing_unannounced(&facts, &kept).is_err_and(|wrong| wrong.contains("without an intent")));
}
